#![allow(unreachable_pub, reason = "a module of a test is nobody else's")]
//! What the tests share: an HTTP client that sends exactly what it is told, and stacks to talk to.
#![allow(dead_code, reason = "no test uses all of it")]

pub mod http;
pub mod session;

use std::time::Duration;

use opencloud_stack::config::{Config, FileMode, WorkerConfig};

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
