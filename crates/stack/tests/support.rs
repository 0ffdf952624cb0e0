//! Shared by the tests: an HTTP client that sends exactly the given bytes, and stacks to test.

#![allow(unreachable_pub, reason = "a module of a test is nobody else's")]

pub mod accounts;
pub mod applications;
pub mod http;
pub mod program;
pub mod session;

use std::{ops::Deref, sync::LazyLock, time::Duration};

use opencloud_stack::{
    Stack,
    cognito::SigningKeys,
    config::{Config, FileMode, WorkerConfig},
};
use tempfile::TempDir;

/// Both ways to keep user files.
pub const MODES: [FileMode; 2] = [FileMode::Local, FileMode::S3];

/// A stack whose jobs stay in each state for this long.
pub fn config(files: FileMode, seconds_per_state: f64) -> Config {
    Config {
        files,
        worker: WorkerConfig {
            seconds_per_state: Duration::from_secs_f64(seconds_per_state),
            fail: false,
        },
        ..Config::default()
    }
}

/// Long enough for a job to stay where it is while a test runs, in seconds.
pub const NEVER: f64 = 3600.0;

/// A stack that runs, and its data.
pub struct Running {
    stack: Stack,
    _directory: Option<TempDir>,
}

impl Deref for Running {
    type Target = Stack;

    fn deref(&self) -> &Stack {
        &self.stack
    }
}

impl Running {
    pub async fn stop(self) {
        self.stack.stop().await;
    }
}

/// Starts a stack that shares its keys with the other tests of this process: making them is slow.
pub async fn start(mut config: Config) -> Running {
    static KEYS: LazyLock<SigningKeys> = LazyLock::new(SigningKeys::default);
    let mut directory = None;
    config.data_dir.get_or_insert_with(|| {
        let made = directory.insert(TempDir::with_prefix("opencloud-test-").unwrap());
        made.path().to_owned()
    });
    config.keys = Some(KEYS.clone());
    Running {
        stack: Stack::start(config).await.unwrap(),
        _directory: directory,
    }
}
