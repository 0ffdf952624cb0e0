//! The configuration of a stack.

use std::{net::IpAddr, net::Ipv4Addr, path::PathBuf, time::Duration};

use crate::{
    cognito::{FIRST_LOCK, SigningKeys},
    faults::{Disturbance, Fault},
};
pub use crate::{file_mode::FileMode, worker_environment::WorkerEnvironment};

/// How the embedded worker behaves.
#[derive(Clone, Debug)]
pub struct WorkerConfig {
    /// How long a job stays in each state that takes time: all but `pulled` and the final ones.
    pub seconds_per_state: Duration,
    /// Ends every job the way a failing container does: `running`, `error`, `postprocessing`,
    /// `error`.
    pub fail: bool,
}

/// The configuration of a stack. `Config::default()` has no faults, and uses free ports.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where user files live.
    pub files: FileMode,
    /// The one origin that the UserAPI and the bucket allow, exactly as a browser sends it.
    pub frontend_origin: String,
    /// The address to listen on; loopback by default.
    pub bind: IpAddr,
    /// The UserAPI's port; 0 takes a free one.
    pub user_api_port: u16,
    /// Cognito's port; 0 takes a free one.
    pub cognito_port: u16,
    /// S3's port; 0 takes a free one.
    pub s3_port: u16,
    /// Where accounts, jobs and objects are kept; a temporary directory without it.
    pub data_dir: Option<PathBuf>,
    /// How long an ID or access token is valid.
    pub token_lifetime: Duration,
    /// Whether anyone may register an account.
    pub self_registration: bool,
    /// Whether Cognito's answers hide which accounts exist.
    pub prevent_user_existence_errors: bool,
    /// How long the fifth wrong password in a row locks an account; Cognito's own second by default.
    pub first_lock: Duration,
    /// The keys by which Cognito signs tokens; those that the data directory keeps without any.
    pub keys: Option<SigningKeys>,
    /// The configuration of the applications that a job can run; the built-in one without it.
    pub applications: Option<PathBuf>,
    /// The workers: one for each environment that is named. A job for another one waits.
    pub workers: Vec<WorkerEnvironment>,
    /// How each of them behaves.
    pub worker: WorkerConfig,
    /// The stack's faults.
    pub faults: Vec<Fault>,
    /// The stack's disturbances.
    pub disturbances: Vec<Disturbance>,
    /// Decides which answers are dropped by a disturbance that drops some: the same ones for the
    /// same seed and the same requests.
    pub seed: u16,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            files: FileMode::S3,
            frontend_origin: "http://localhost:8080".into(),
            bind: Ipv4Addr::LOCALHOST.into(),
            user_api_port: 0,
            cognito_port: 0,
            s3_port: 0,
            data_dir: None,
            token_lifetime: Duration::from_secs(3600),
            self_registration: true,
            prevent_user_existence_errors: false,
            first_lock: FIRST_LOCK,
            keys: None,
            applications: None,
            workers: vec![WorkerEnvironment::Local],
            worker: WorkerConfig {
                seconds_per_state: Duration::from_millis(200),
                fail: false,
            },
            faults: Vec::new(),
            disturbances: Vec::new(),
            seed: rand::random(),
        }
    }
}
