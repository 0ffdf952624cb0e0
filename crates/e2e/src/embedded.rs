//! The embedded stack, in this process.

use std::{path::Path, sync::LazyLock};

use anyhow::Context;
use opencloud_stack::{Config, Stack, StateChange, cognito::SigningKeys, config::WorkerConfig};
use tokio::runtime::Handle;

use crate::{failure::Failure, plan::Plan};

/// Those of all stacks of this process: a score starts hundreds, and each would make its own.
static KEYS: LazyLock<SigningKeys> = LazyLock::new(SigningKeys::default);

/// A running stack. Dropping it stops it.
pub(crate) struct EmbeddedStack {
    pairs: Vec<(String, String)>,
    stack: Stack,
}

impl EmbeddedStack {
    /// Starts the stack of `plan` on free ports, with its data in `directory`. `None` if another
    /// environment is tested.
    pub(crate) fn start(
        plan: &Plan,
        directory: &Path,
        runtime: &Handle,
    ) -> Result<Option<Self>, Failure> {
        let Some(embedded) = &plan.embedded else {
            return Ok(None);
        };
        let config = Config {
            files: embedded.files.into(),
            frontend_origin: plan.settings.frontend.clone(),
            data_dir: Some(directory.to_owned()),
            keys: KEYS.clone(),
            worker: WorkerConfig {
                seconds_per_state: embedded.seconds_per_state,
                fail: embedded.fail_jobs,
            },
            faults: embedded.faults.clone(),
            disturbances: embedded.disturbances.clone(),
            ..Config::default()
        };
        let stack = runtime
            .block_on(Stack::start(config))
            .context("the embedded OpenCloud did not start")?;
        Ok(Some(Self {
            pairs: runtime.block_on(stack.env_file()),
            stack,
        }))
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
