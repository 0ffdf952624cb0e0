//! The files and jobs that a run has created and not yet removed.

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
    user_api::{CallError, Endpoint},
};

thread_local! {
    static RUN: OnceCell<RunId> = const { OnceCell::new() };
}

/// The id of this run, which is part of all names that it gives.
#[must_use]
pub fn run_id() -> RunId {
    let start = || RunId::new(page::utc_now(), &page::random_id());
    RUN.with(|run| run.get_or_init(start).clone())
}

/// The files and jobs that a test has created and not yet removed. Each is added before it is created,
/// so that it is removed even if the answer to that request is lost.
#[derive(Debug, Default)]
pub struct Created {
    directories: Vec<String>,
    /// The names of jobs. Their ids may belong to other jobs by the time of the teardown.
    jobs: Vec<String>,
}

impl Created {
    /// Adds a directory that is about to be created.
    pub fn add_directory(&mut self, path: &str) {
        if !self.directories.iter().any(|directory| directory == path) {
            self.directories.push(path.to_owned());
        }
    }

    /// Adds a job that is about to be created.
    pub fn add_job(&mut self, name: &str) {
        self.jobs.push(name.to_owned());
    }

    /// Forgets a job that has been removed together with its outputs.
    pub fn forget_job(&mut self, name: &str) {
        self.jobs.retain(|job| job != name);
    }

    /// Forgets the directories, which have been removed.
    pub fn forget_directories(&mut self) {
        self.directories.clear();
    }

    /// The directories.
    #[must_use]
    pub fn directories(&self) -> &[String] {
        &self.directories
    }

    /// Removes everything as the last step of a test, whatever its `outcome`. If that fails too, the
    /// message holds both failures.
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

    /// Removes everything and checks that it is gone. A failure does not keep the rest from being
    /// removed.
    async fn remove(self, suite: &Suite) -> Result<(), Failure> {
        let mut failures = Vec::new();
        let mut note = |what: String, is_gone: Result<bool, CallError>| match is_gone {
            Ok(true) => {}
            Ok(false) => failures.push(format!("{what}: still there after its deletion")),
            Err(error) => failures.push(format!("{what}: {error}")),
        };
        let mut directories = self.directories;
        for job in self.jobs {
            directories.extend(PathsOut::of(&job).directories());
            note(format!("job {job}"), remove_job(suite, &job).await);
        }
        for directory in directories {
            let is_gone = remove_directory(suite, &directory).await;
            note(directory, is_gone);
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
    if suite
        .api
        .list(directory, Endpoint::ListTree)
        .await?
        .is_none()
    {
        return Ok(true);
    }
    suite.api.delete(directory).await?;
    Ok(suite
        .api
        .list(directory, Endpoint::ListTree)
        .await?
        .is_none())
}
