//! Takes the services down.

use std::{process::ExitCode, time::Duration};

use opencloud_browser::process::Failure;
use opencloud_model::redact;

use super::{docker::Docker, lock::Lock};

/// The command that takes the services down.
const DOWN: [&str; 4] = ["down", "--remove-orphans", "--timeout", "10"];
/// How long that may take; each container gets ten seconds to end by itself.
pub(super) const DOWN_LIMIT: Duration = Duration::from_secs(120);

/// The guard calls this for a run that was killed: takes down all that `--local` has started. A run
/// that has begun since does so itself.
pub(crate) fn down() -> Result<ExitCode, Failure> {
    let docker = Docker::find(None)?;
    if let Ok(_lock) = Lock::attempt(&docker.check()?)? {
        take_down(&docker)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Takes the services down and then removes the containers of jobs, also if the first fails.
/// Returns how many jobs there were.
pub(super) fn take_down(docker: &Docker) -> Result<usize, Failure> {
    // In this order: the job fetcher would start more of them.
    let down = docker.compose(&DOWN, DOWN_LIMIT).map_err(Failure::from);
    let jobs = docker
        .job_containers()
        .and_then(|jobs| remove(docker, &jobs));
    let down = down?;
    if !down.success {
        let message = "docker compose down fails: run it by hand";
        return Err(Failure::ours_with(message, redact::clean(&down.stderr)));
    }
    jobs
}

/// Removes containers, running or not. Returns how many there were.
fn remove(docker: &Docker, containers: &[String]) -> Result<usize, Failure> {
    if !containers.is_empty() {
        let ids = containers.iter().map(String::as_str);
        let args: Vec<_> = ["rm", "--force"].into_iter().chain(ids).collect();
        docker.expect(&args, DOWN_LIMIT)?;
    }
    Ok(containers.len())
}
