//! Accounts of users: registered, recovered, invited and locked.

mod invitation;
mod lockout;
mod mailbox;
mod recovery;
mod registration;

use opencloud_stack::{Config, config::FileMode};

use crate::support::{self, Running, config};

async fn start() -> Running {
    start_with(|config| config).await
}

async fn start_with(change: impl FnOnce(Config) -> Config) -> Running {
    support::start(change(config(FileMode::S3, 0.01))).await
}

/// A pool that hides which accounts exist.
async fn start_hiding() -> Running {
    start_with(|config| Config {
        prevent_user_existence_errors: true,
        ..config
    })
    .await
}
