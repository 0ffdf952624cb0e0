//! The embedded stack, in this process.

use std::{
    collections::HashMap,
    net::IpAddr,
    path::{Path, PathBuf},
    sync::{LazyLock, Mutex},
    time::{Duration, Instant},
};

use anyhow::Context;
use opencloud_browser::process::{self, Failure};
use opencloud_stack::{
    Config, Disturbance, Fault, Stack, StateChange,
    cognito::SigningKeys,
    config::{FileMode, WorkerConfig, WorkerEnvironment},
};
use tokio::runtime::Handle;
use url::Url;

use crate::project;

/// The keys of all stacks of this checkout: making some takes as long as a few tests.
pub(crate) static KEYS: LazyLock<SigningKeys> =
    LazyLock::new(|| SigningKeys::kept_in(project::root().join("target/keys")));

/// The ports that stacks of this process have had, and when each was taken last.
static PORTS: LazyLock<Mutex<HashMap<u16, Instant>>> = LazyLock::new(Mutex::default);

/// The longest time for which a browser keeps the answer to a preflight.
const PREFLIGHT_LIFE: Duration = Duration::from_secs(2 * 60 * 60);

/// How long the fifth wrong password locks an account: less than Cognito's second, because runs wait for
/// the end of the lock.
const FIRST_LOCK: Duration = Duration::from_millis(100);

/// How the embedded stack is to be started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Embedded {
    /// Where it keeps user files.
    pub(crate) files: FileMode,
    /// The configuration of its applications, unless it is the built-in one.
    pub(crate) applications: Option<PathBuf>,
    /// How long a job stays in each state.
    pub(crate) seconds_per_state: Duration,
    /// The environments that have a worker.
    pub(crate) workers: Vec<WorkerEnvironment>,
    /// Whether every job ends in error.
    pub(crate) fail_jobs: bool,
    /// The faults that it has on purpose.
    pub(crate) faults: Vec<Fault>,
    /// The disturbances that it has on purpose.
    pub(crate) disturbances: Vec<Disturbance>,
    /// Decides which answers these lose; random without it.
    pub(crate) seed: Option<u16>,
}

/// A running stack. Dropping it stops it.
pub(crate) struct EmbeddedStack {
    pairs: Vec<(String, String)>,
    stack: Stack,
}

impl EmbeddedStack {
    /// Starts a stack for the frontend of origin `frontend` on free ports of `host`, with its data in
    /// `directory`.
    pub(crate) fn start(
        embedded: &Embedded,
        frontend: &str,
        host: IpAddr,
        directory: &Path,
        runtime: &Handle,
    ) -> Result<Self, Failure> {
        let mut config = Config {
            files: embedded.files,
            frontend_origin: frontend.to_owned(),
            bind: host,
            first_lock: FIRST_LOCK,
            keys: Some(KEYS.clone()),
            applications: embedded.applications.clone(),
            workers: embedded.workers.clone(),
            worker: WorkerConfig {
                seconds_per_state: embedded.seconds_per_state,
                fail: embedded.fail_jobs,
            },
            faults: embedded.faults.clone(),
            disturbances: embedded.disturbances.clone(),
            ..Config::default()
        };
        config.seed = embedded.seed.unwrap_or(config.seed);
        let mut attempt = 0;
        let stack = loop {
            config.data_dir = Some(directory.join(attempt.to_string()));
            let stack = runtime
                .block_on(Stack::start(config.clone()))
                .context("the embedded OpenCloud did not start")?;
            if has_new_ports(&stack)? {
                break stack;
            }
            attempt += 1;
        };
        Ok(Self {
            pairs: runtime.block_on(stack.env_file()),
            stack,
        })
    }

    /// Every change of a job's state.
    pub(crate) fn state_changes(&self) -> Vec<StateChange> {
        self.stack.state_changes()
    }

    /// The number that decides which answers disturbances lose.
    pub(crate) fn seed(&self) -> u16 {
        self.stack.seed()
    }

    /// The address of its S3, which no setting names.
    pub(crate) fn s3(&self) -> &str {
        &self.stack.urls().s3
    }

    /// The settings with which the page finds this stack.
    pub(crate) fn pairs(&self) -> &[(String, String)] {
        &self.pairs
    }
}

/// Whether all its ports are new to a browser. A browser may still know the answers to preflights of
/// an earlier stack on the same port. It would send no preflight to this one, so that a wrong answer
/// would stay unnoticed.
fn has_new_ports(stack: &Stack) -> Result<bool, Failure> {
    let urls = stack.urls();
    let mut known = process::lock(&PORTS);
    known.retain(|_, taken| taken.elapsed() < PREFLIGHT_LIFE);
    let mut all_new = true;
    for url in [&urls.user_api, &urls.cognito, &urls.s3] {
        let url: Url = url.parse().map_err(Failure::ours)?;
        let port = url.port().unwrap_or_default();
        all_new &= known.insert(port, Instant::now()).is_none();
    }
    Ok(all_new)
}
