//! Finds what earlier runs have left in the account, and removes it.

use opencloud_model::{
    event::{Event, Failure},
    leftovers::{LeftJob, LeftPath, ROOT, Removal, Which},
    settings::Environment,
};

use crate::{
    page,
    suite::Suite,
    user_api::{CallError, files::Listing},
};

/// What earlier runs have left.
#[derive(Debug)]
pub struct Leftovers {
    jobs: Vec<LeftJob>,
    paths: Vec<LeftPath>,
}

impl Leftovers {
    /// Looks for those that are meant by `which`.
    pub async fn find(suite: &Suite, which: &Which) -> Result<Self, CallError> {
        let now = page::utc_now();
        let jobs = suite.api.jobs().await?;
        let jobs = jobs
            .iter()
            .filter_map(|job| LeftJob::of(job.id, &job.job_name, which, now))
            .collect();
        let mut paths = Vec::new();
        for root in ROOT {
            let entries = suite.api.list(&format!("{root}/"), Listing::Level).await?;
            let entries = entries.into_iter().flatten();
            paths.extend(entries.filter_map(|entry| LeftPath::of(&entry.path, which, now)));
        }
        Ok(Self { jobs, paths })
    }

    /// Those that are to be removed.
    #[must_use]
    pub fn to_remove(mut self, removal: &Removal) -> Self {
        self.jobs.retain(|job| removal.means(&told(job)));
        self.paths.retain(|path| removal.means(path.as_str()));
        self
    }

    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.jobs.is_empty() && self.paths.is_empty()
    }

    /// The event that tells of them.
    #[must_use]
    pub fn event(&self, suite: &Suite) -> Event {
        let jobs = self.jobs.iter().map(told);
        let paths = self.paths.iter().map(|path| path.as_str().to_owned());
        Event::Leftovers {
            found: jobs.chain(paths).collect(),
            remedy: remedy(suite, &suite.settings.leftovers),
        }
    }

    /// Removes them. Goes on after a failure, so that one thing that cannot be removed keeps no
    /// other.
    pub async fn remove(&self, suite: &Suite) -> Result<(), Failure> {
        let mut failures = Vec::new();
        for job in &self.jobs {
            if let Err(error) = suite.api.delete_job(job.name()).await {
                failures.push(format!("job {} {}: {error}", job.id(), job.name()));
            }
        }
        for path in &self.paths {
            if let Err(error) = suite.api.delete(path.as_str()).await {
                failures.push(format!("{}: {error}", path.as_str()));
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

    /// Fails unless none of them is left.
    pub async fn are_gone(&self, suite: &Suite) -> Result<(), Failure> {
        let left = Self::find(suite, &suite.settings.leftovers).await?;
        let jobs = left.jobs.iter().filter(|job| self.jobs.contains(job));
        let paths = left.paths.iter().filter(|path| self.paths.contains(path));
        let left: Vec<_> = jobs
            .map(LeftJob::name)
            .chain(paths.map(LeftPath::as_str))
            .collect();
        if left.is_empty() {
            return Ok(());
        }
        Err(Failure::stack(format!(
            "deleted but still there: {}",
            left.join(", ")
        )))
    }
}

/// A job as the event tells it.
fn told(job: &LeftJob) -> String {
    format!("job {} {}", job.id(), job.name())
}

/// What removes the leftovers that are meant.
#[must_use]
pub fn remedy(suite: &Suite, which: &Which) -> String {
    let environment = suite.settings.environment;
    if environment == Environment::Embedded {
        return "the embedded OpenCloud takes it along when it ends".into();
    }
    let which = match which {
        Which::OlderThanADay => String::new(),
        Which::All => " --all".into(),
        Which::Named(begin) => format!(" --only {begin}"),
    };
    format!("to remove it: cargo e2e clean-up --{environment}{which}")
}
