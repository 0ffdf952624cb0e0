//! The embedded stack, in this process.

use std::path::Path;

use anyhow::Context;
use opencloud_stack::{
    Config, Stack,
    config::{FileMode, WorkerConfig},
};
use tokio::runtime::{Builder, Runtime};

use crate::{cli::Files, failure::Failure, plan::Plan};

/// A running stack with the threads that it runs on. Dropping it stops it.
pub(crate) struct EmbeddedStack {
    stack: Stack,
    // Dropped last: the stack's tasks live in it.
    runtime: Runtime,
}

impl EmbeddedStack {
    /// Starts the stack of `plan` on free ports, with its data in `directory`. `None` if another
    /// environment is tested.
    pub(crate) fn start(plan: &Plan, directory: &Path) -> Result<Option<Self>, Failure> {
        let Some(embedded) = &plan.embedded else {
            return Ok(None);
        };
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .context("cannot start the embedded OpenCloud's threads")?;
        let config = Config {
            files: match embedded.files {
                Files::S3 => FileMode::S3,
                Files::Local => FileMode::Local,
            },
            frontend_origin: plan.settings.frontend.clone(),
            data_dir: Some(directory.to_owned()),
            worker: WorkerConfig {
                seconds_per_state: embedded.seconds_per_state,
                fail: embedded.fail_jobs,
            },
            ..Config::default()
        };
        let stack = runtime
            .block_on(Stack::start(config))
            .context("the embedded OpenCloud did not start")?;
        Ok(Some(Self { stack, runtime }))
    }

    /// The settings that lead the page to this stack.
    pub(crate) fn pairs(&self) -> Vec<(String, String)> {
        self.runtime.block_on(self.stack.env_file())
    }
}
