//! The embedded stack, in this process.

use std::{
    collections::HashMap,
    path::Path,
    sync::{LazyLock, Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::Context;
use opencloud_browser::process::Failure;
use opencloud_stack::{
    Config, Disturbance, Fault, Stack, StateChange,
    cognito::SigningKeys,
    config::{FileMode, WorkerConfig},
};
use tokio::runtime::Handle;
use url::Url;

/// Those of all stacks of this process: a score starts hundreds, and each would make its own.
static KEYS: LazyLock<SigningKeys> = LazyLock::new(SigningKeys::default);

/// When a stack of this process last took which port.
static PORTS: LazyLock<Mutex<HashMap<u16, Instant>>> = LazyLock::new(Mutex::default);

/// For so long a browser keeps the answer to a preflight at most, whatever that answer allows.
const PREFLIGHT_LIFE: Duration = Duration::from_secs(2 * 60 * 60);

/// How the embedded stack shall be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Embedded {
    /// Where it keeps user files.
    pub(crate) files: FileMode,
    /// How long a job stays in each state.
    pub(crate) seconds_per_state: Duration,
    /// Whether every job ends in error.
    pub(crate) fail_jobs: bool,
    /// In which ways it is wrong on purpose.
    pub(crate) faults: Vec<Fault>,
    /// In which ways it is awkward on purpose.
    pub(crate) disturbances: Vec<Disturbance>,
    /// Which answers these lose; drawn without it.
    pub(crate) seed: Option<u16>,
}

/// A running stack. Dropping it stops it.
pub(crate) struct EmbeddedStack {
    pairs: Vec<(String, String)>,
    stack: Stack,
}

impl EmbeddedStack {
    /// Starts a stack for the frontend of origin `frontend` on free ports, with its data in
    /// `directory`.
    pub(crate) fn start(
        embedded: &Embedded,
        frontend: &str,
        directory: &Path,
        runtime: &Handle,
    ) -> Result<Self, Failure> {
        let mut config = Config {
            files: embedded.files,
            frontend_origin: frontend.to_owned(),
            keys: KEYS.clone(),
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

    /// Every state that a job came to be in.
    pub(crate) fn state_changes(&self) -> Vec<StateChange> {
        self.stack.state_changes()
    }

    /// The settings that lead the page to this stack.
    pub(crate) fn pairs(&self) -> &[(String, String)] {
        &self.pairs
    }
}

/// Whether no stack had one of its ports while a browser may still know the answers to its
/// preflights. It would send none for what a stack on the same port has allowed, and what this one
/// does not allow would stay unnoticed.
fn has_new_ports(stack: &Stack) -> Result<bool, Failure> {
    let urls = stack.urls();
    let mut known = PORTS.lock().unwrap_or_else(PoisonError::into_inner);
    known.retain(|_, taken| taken.elapsed() < PREFLIGHT_LIFE);
    let mut all_new = true;
    for url in [&urls.user_api, &urls.cognito, &urls.s3] {
        let url: Url = url.parse().map_err(Failure::ours)?;
        let port = url.port().unwrap_or_default();
        all_new &= known.insert(port, Instant::now()).is_none();
    }
    Ok(all_new)
}
