//! The local stack: the four real services, in containers that Docker Compose starts.

mod cleanup;
mod docker;
mod health;
mod judged;
mod service;
mod stack;

use std::time::Duration;

pub(crate) use cleanup::clean_up;
pub(crate) use judged::Judged;
pub(crate) use service::Local;
pub(crate) use stack::LocalStack;

use crate::failure::Failure;
use docker::Docker;

/// What takes the services down.
const DOWN: [&str; 5] = ["compose", "down", "--remove-orphans", "--timeout", "10"];
/// How long that may take; each container gets ten seconds to end by itself.
const DOWN_LIMIT: Duration = Duration::from_secs(120);

/// Removes containers, running or not. Returns how many there were.
fn remove(docker: &Docker, containers: &[String]) -> Result<usize, Failure> {
    if !containers.is_empty() {
        let ids = containers.iter().map(String::as_str);
        let args: Vec<_> = ["rm", "--force"].into_iter().chain(ids).collect();
        docker.expect(&args, DOWN_LIMIT)?;
    }
    Ok(containers.len())
}
