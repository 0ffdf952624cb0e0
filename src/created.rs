//! The files and jobs that a run has created and not yet removed.

use std::cell::OnceCell;

use futures_util::future::join_all;
use opencloud_model::{
    event::{Failure, TEARDOWN},
    leftovers::{RunId, Which},
};

use crate::{
    clean_up,
    job::PathsOut,
    page,
    report::{StepFailure, Steps},
    suite::Suite,
    user_api::{CallError, Endpoint, Turn},
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
    jobs: Vec<CreatedJob>,
    /// Kept for a job that a worker takes, until that has ended or is removed.
    turn: Option<Turn>,
}

#[derive(Debug)]
struct CreatedJob {
    name: String,
    /// The id that it was created with. Another job may have it by the time of the teardown.
    id: Option<i64>,
}

impl Created {
    /// Adds a directory, or a file in no directory of the test's, that is about to be created.
    pub fn add_directory(&mut self, path: &str) {
        if !self.directories.iter().any(|directory| directory == path) {
            self.directories.push(path.to_owned());
        }
    }

    /// Adds a job that is about to be created.
    pub fn add_job(&mut self, name: &str) {
        if !self.jobs.iter().any(|job| job.name == name) {
            let (name, id) = (name.to_owned(), None);
            self.jobs.push(CreatedJob { name, id });
        }
    }

    /// Adds the id that a job was created with, by which it is found even if it is not listed.
    pub fn add_job_id(&mut self, name: &str, id: i64) {
        for job in self.jobs.iter_mut().filter(|job| job.name == name) {
            job.id = Some(id);
        }
    }

    /// Keeps the turn in which a job was created that a worker takes.
    pub fn keep_turn(&mut self, turn: Turn) {
        self.turn = Some(turn);
    }

    /// Lets other tests create jobs: the job has ended.
    pub fn release_turn(&mut self) {
        self.turn = None;
    }

    /// Forgets a job that has been removed together with its outputs.
    pub fn forget_job(&mut self, name: &str) {
        self.jobs.retain(|job| job.name != name);
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
        outcome: Result<(), StepFailure>,
    ) -> Result<(), StepFailure> {
        let teardown = steps.finish(TEARDOWN, self.remove(suite)).await;
        match (outcome, teardown) {
            (Err(failure), Err(teardown)) => {
                let message = &teardown.failure().message;
                Err(failure.followed_by(&format!("and the teardown failed too: {message}")))
            }
            (outcome, teardown) => outcome.and(teardown),
        }
    }

    /// Removes everything and checks that it is gone. A failure does not keep the rest from being
    /// removed, and no listing has to work for that.
    async fn remove(self, suite: &Suite) -> Result<(), Failure> {
        let mut failures = Vec::new();
        let mut directories = self.directories;
        for CreatedJob { name, id } in &self.jobs {
            directories.extend(PathsOut::of(name).directories());
            if let Err(problem) = remove_job(suite, name, *id).await {
                failures.push(format!("job {name}: {problem}"));
            }
        }
        let directories = outermost(&directories);
        let removals = directories.iter().map(|path| remove_directory(suite, path));
        for (path, outcome) in directories.iter().zip(join_all(removals).await) {
            failures.extend(outcome.err().map(|problem| format!("{path}: {problem}")));
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

/// The directories and files that lie in none of these directories: the others are removed with them. A listing
/// beside the deletion of a directory below may fail.
fn outermost(directories: &[String]) -> Vec<&String> {
    let is_within = |path: &String, other: &String| {
        path != other && other.ends_with('/') && path.starts_with(other.as_str())
    };
    let outermost = |path: &&String| !directories.iter().any(|other| is_within(path, other));
    directories.iter().filter(outermost).collect()
}

/// Removes a job and looks whether it is gone. The error says why it is not, or why that is not known.
async fn remove_job(suite: &Suite, name: &str, id: Option<i64>) -> Result<(), String> {
    let mut removed = suite.api.remove_job(name, id).await;
    if matches!(removed, Ok(false)) {
        return Ok(());
    }
    if removed.is_ok() {
        // A faulty service may have made two jobs of one name.
        removed = suite.api.remove_job(name, id).await;
    }
    let found = suite.api.find_job(name, id).await;
    explain(
        removed.map(drop),
        found.map(|found| found.is_some()),
        "/jobs",
    )
}

/// Removes a directory or a file and looks whether it is gone, like [`remove_job`].
async fn remove_directory(suite: &Suite, directory: &str) -> Result<(), String> {
    let removed = suite.api.delete(directory).await;
    let left = if directory.ends_with('/') {
        suite.api.list(directory, Endpoint::ListTree).await
    } else {
        let left = suite.api.entry(directory).await;
        left.map(|left| left.map(|entry| vec![entry]))
    };
    let what = match &left {
        Ok(Some(left)) if left.is_empty() => ", as an empty folder",
        _ => "",
    };
    let is_there = left.map(|left| left.is_some());
    explain(removed, is_there, "/files").map_err(|why| why + what + &suite.api.explain_deletion())
}

/// Says what is wrong with a removal by the UserAPI's `path`, given whether something is still there.
fn explain(
    removed: Result<(), CallError>,
    is_there: Result<bool, CallError>,
    path: &str,
) -> Result<(), String> {
    match (removed, is_there) {
        (_, Ok(false)) => Ok(()),
        (Err(error), _) => Err(error.to_string()),
        (Ok(()), Ok(true)) => Err(format!(
            "still there after its deletion (UserAPI, DELETE {path}; or what is behind it)"
        )),
        (Ok(()), Err(error)) => Err(format!(
            "it was deleted, but whether it is gone is not known: {error}"
        )),
    }
}
