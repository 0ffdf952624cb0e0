//! Finds the files and jobs that earlier runs have left in the account, and removes them.

use opencloud_model::{
    event::{Event, Failure},
    leftovers::{LeftJob, LeftPath, ROOT, Removal, Which},
    settings::Environment,
};

use crate::{
    page,
    suite::Suite,
    user_api::{CallError, Endpoint},
};

/// Files and jobs that earlier runs have left.
#[derive(Debug)]
pub struct Leftovers {
    jobs: Vec<LeftJob>,
    paths: Vec<LeftPath>,
}

impl Leftovers {
    /// Finds those that `which` selects.
    pub async fn find(suite: &Suite, which: &Which) -> Result<Self, CallError> {
        let now = page::utc_now();
        let jobs = suite.api.jobs().await?;
        let jobs = jobs
            .iter()
            .filter_map(|job| LeftJob::of(job.id, &job.job_name, which, now))
            .collect();
        let mut paths = Vec::new();
        for root in ROOT {
            let entries = suite.api.list(&format!("{root}/"), Endpoint::List).await?;
            let entries = entries.into_iter().flatten();
            paths.extend(entries.filter_map(|entry| LeftPath::of(&entry.path, which, now)));
        }
        Ok(Self { jobs, paths })
    }

    /// Those that `removal` selects.
    #[must_use]
    pub fn to_remove(mut self, removal: &Removal) -> Self {
        self.jobs.retain(|job| removal.means(&described(job)));
        self.paths.retain(|path| removal.means(path.as_str()));
        self
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.jobs.is_empty() && self.paths.is_empty()
    }

    /// The event that reports them.
    #[must_use]
    pub fn event(&self, suite: &Suite) -> Event {
        Event::Leftovers {
            found: self.names(),
            remedy: remedy(suite, &suite.settings.leftovers),
        }
    }

    fn names(&self) -> Vec<String> {
        let jobs = self.jobs.iter().map(described);
        let paths = self.paths.iter().map(|path| path.as_str().to_owned());
        jobs.chain(paths).collect()
    }

    /// Removes them. A failure does not keep the others from being removed.
    pub async fn remove(&self, suite: &Suite) -> Result<(), Failure> {
        let mut failures = Vec::new();
        for job in &self.jobs {
            if let Err(error) = suite.api.delete_job(job.name()).await {
                failures.push(format!("{}: {error}", described(job)));
            }
        }
        for path in &self.paths {
            if let Err(error) = suite.api.delete(path.as_str()).await {
                failures.push(format!("{}: {error}", path.as_str()));
            }
        }
        check_none(&failures, "not everything could be removed")
    }

    /// Fails unless all of them are gone.
    pub async fn check_gone(&self, suite: &Suite) -> Result<(), Failure> {
        let removed = self.names();
        let mut left = Self::find(suite, &suite.settings.leftovers).await?.names();
        left.retain(|name| removed.contains(name));
        check_none(&left, "deleted but still exists")
    }
}

fn check_none(problems: &[String], what: &str) -> Result<(), Failure> {
    if problems.is_empty() {
        return Ok(());
    }
    Err(Failure::stack(format!("{what}: {}", problems.join("; "))))
}

/// A job as the event names it.
fn described(job: &LeftJob) -> String {
    format!("job {} {}", job.id(), job.name())
}

/// How to remove the leftovers that `which` selects.
#[must_use]
pub fn remedy(suite: &Suite, which: &Which) -> String {
    let environment = suite.settings.environment;
    if environment == Environment::Embedded {
        return "the embedded OpenCloud removes them when it ends".into();
    }
    let which = match which {
        Which::OlderThanADay => String::new(),
        Which::All => " --all".into(),
        Which::Named(begin) => format!(" --only {begin}"),
    };
    format!("to remove them: cargo e2e clean-up --{environment}{which}")
}
