//! What a run has made and not yet removed.

use std::cell::OnceCell;

use opencloud_model::{
    event::{Failure, TEARDOWN},
    leftovers::{RunId, Which},
};

use crate::{
    clean_up,
    job::PathsOut,
    page,
    report::Steps,
    suite::Suite,
    user_api::{CallError, files::Listing},
};

thread_local! {
    static RUN: OnceCell<RunId> = const { OnceCell::new() };
}

/// What the names of this run have in common.
#[must_use]
pub fn run_id() -> RunId {
    let start = || RunId::new(page::utc_now(), &page::random_id());
    RUN.with(|run| run.get_or_init(start).clone())
}

/// What a run has made and not yet removed. Written down before it is made, so that a request
/// whose answer got lost is cleaned up after as well.
#[derive(Debug, Default)]
pub struct Made {
    directories: Vec<String>,
    /// By their names: an id may be another job's by the time of the teardown.
    jobs: Vec<String>,
}

impl Made {
    /// A directory is about to be made.
    pub fn directory(&mut self, path: &str) {
        if !self.directories.iter().any(|directory| directory == path) {
            self.directories.push(path.to_owned());
        }
    }

    /// A job is about to be created.
    pub fn job_named(&mut self, name: &str) {
        self.jobs.push(name.to_owned());
    }

    /// The job of that name and its outputs have been removed.
    pub fn job_is_gone(&mut self, name: &str) {
        self.jobs.retain(|job| job != name);
    }

    /// The directories have been removed.
    pub fn directories_are_gone(&mut self) {
        self.directories.clear();
    }

    /// The directories that are left.
    #[must_use]
    pub fn directories(&self) -> Vec<String> {
        self.directories.clone()
    }

    /// Runs the teardown as the last step of a test, whatever its `outcome`: removes what is left.
    /// If that fails too, both failures are told.
    pub async fn tear_down(
        self,
        suite: &Suite,
        steps: &Steps,
        outcome: Result<(), Failure>,
    ) -> Result<(), Failure> {
        let teardown = steps.finish(TEARDOWN, self.remove(suite)).await;
        match (outcome, teardown) {
            (Err(mut failure), Err(teardown)) => {
                failure.message = format!(
                    "{}\nand the teardown failed too: {}",
                    failure.message, teardown.message
                );
                Err(failure)
            }
            (outcome, teardown) => outcome.and(teardown),
        }
    }

    /// Removes what is left and sees that it is gone. Goes on after a failure, so that one thing
    /// that cannot be removed keeps no other.
    async fn remove(self, suite: &Suite) -> Result<(), Failure> {
        let mut failures = Vec::new();
        let mut directories = self.directories;
        for job in self.jobs {
            directories.extend(PathsOut::of(&job).directories());
            match remove_job(suite, &job).await {
                Ok(true) => {}
                Ok(false) => {
                    failures.push(format!("job {job}: still there after its deletion"));
                }
                Err(error) => failures.push(format!("job {job}: {error}")),
            }
        }
        for directory in directories {
            match remove_directory(suite, &directory).await {
                Ok(true) => {}
                Ok(false) => failures.push(format!("{directory}: still there after its deletion")),
                Err(error) => failures.push(format!("{directory}: {error}")),
            }
        }
        if failures.is_empty() {
            return Ok(());
        }
        let this_run = Which::Named(run_id().prefix());
        Err(Failure::stack(format!(
            "not everything could be removed: {}\n{}",
            failures.join("; "),
            clean_up::remedy(suite, &this_run)
        )))
    }
}

/// Whether the job is gone now.
async fn remove_job(suite: &Suite, name: &str) -> Result<bool, CallError> {
    let was_there = suite.api.delete_job(name).await?;
    Ok(!was_there || suite.api.job_named(name).await?.is_none())
}

/// Whether the directory is gone now.
async fn remove_directory(suite: &Suite, directory: &str) -> Result<bool, CallError> {
    if suite.api.list(directory, Listing::Tree).await?.is_none() {
        return Ok(true);
    }
    suite.api.delete(directory).await?;
    Ok(suite.api.list(directory, Listing::Tree).await?.is_none())
}
