//! What a run has made and not yet removed.

use crate::{
    job::{Job, PathsOut},
    report::{Failure, Steps},
    suite::Suite,
    user_api::{CallError, files::Listing},
};

/// What a run has made and not yet removed. Written down before it is made, so that a request
/// whose answer got lost is cleaned up after as well.
#[derive(Debug, Default)]
pub struct Made {
    directories: Vec<String>,
    job: Option<MadeJob>,
}

#[derive(Debug)]
struct MadeJob {
    name: String,
    /// Unknown as long as the request that creates it is unanswered.
    id: Option<i64>,
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
        self.job = Some(MadeJob {
            name: name.to_owned(),
            id: None,
        });
    }

    /// The job has been created.
    pub fn job(&mut self, job: &Job) {
        self.job = Some(MadeJob {
            name: job.job_name.clone(),
            id: Some(job.id),
        });
    }

    /// The job and its outputs have been removed.
    pub fn job_is_gone(&mut self) {
        self.job = None;
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
        let teardown = steps
            .run("tear down what is left", self.remove(suite))
            .await;
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
        if let Some(job) = self.job {
            directories.extend(PathsOut::of(&job.name).directories());
            if let Err(error) = remove_job(suite, &job).await {
                failures.push(format!("job {}: {error}", job.name));
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
        Err(Failure::stack(format!(
            "not everything could be removed: {}",
            failures.join("; ")
        )))
    }
}

async fn remove_job(suite: &Suite, job: &MadeJob) -> Result<(), CallError> {
    let id = match job.id {
        Some(id) => Some(id),
        None => suite.api.job_named(&job.name).await?.map(|job| job.id),
    };
    if let Some(id) = id {
        suite.api.delete_job(id).await?;
    }
    Ok(())
}

/// Whether the directory is gone now.
async fn remove_directory(suite: &Suite, directory: &str) -> Result<bool, CallError> {
    if suite.api.list(directory, Listing::Tree).await?.is_none() {
        return Ok(true);
    }
    suite.api.delete(directory).await?;
    Ok(suite.api.list(directory, Listing::Tree).await?.is_none())
}
