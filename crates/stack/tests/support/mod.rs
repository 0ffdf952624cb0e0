#![allow(unreachable_pub, reason = "a module of a test is nobody else's")]
//! What the tests share: an HTTP client that sends exactly what it is told, and stacks to talk to.
#![allow(dead_code, reason = "no test uses all of it")]

pub mod http;
pub mod session;

use std::{fs, ops::Deref, time::Duration};

use opencloud_stack::{
    Stack,
    config::{Config, FileMode, WorkerConfig},
};
use tempfile::TempDir;
use tokio::sync::OnceCell;

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

/// Starts a stack that shares accounts and keys with the other tests of this process: making keys
/// is slow.
pub async fn start(mut config: Config) -> Running {
    static MADE: OnceCell<Vec<u8>> = OnceCell::const_new();
    let mut directory = None;
    let data_dir = config.data_dir.get_or_insert_with(|| {
        let made = directory.insert(TempDir::with_prefix("opencloud-test-").unwrap());
        made.path().to_owned()
    });
    let database = data_dir.join(DATABASE);
    if !database.exists() {
        let made = MADE.get_or_init(make_accounts).await;
        fs::write(database, made).unwrap();
    }
    Running {
        stack: Stack::start(config).await.unwrap(),
        _directory: directory,
    }
}

const DATABASE: &str = "opencloud.sqlite";

/// The database of a stack that has made its accounts and keys, and nothing else.
async fn make_accounts() -> Vec<u8> {
    let directory = TempDir::with_prefix("opencloud-test-").unwrap();
    let stack = Stack::start(Config {
        data_dir: Some(directory.path().to_owned()),
        ..Config::default()
    });
    let stack = stack.await.unwrap();
    stack.cognito().kid().await;
    stack.stop().await;
    // What is still in the write-ahead log belongs to it.
    let connection = rusqlite::Connection::open(directory.path().join(DATABASE)).unwrap();
    connection
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .unwrap();
    fs::read(directory.path().join(DATABASE)).unwrap()
}
