//! A job as the UserAPI reports it.

pub mod watch;

use jiff::{SignedDuration, civil::DateTime};
use opencloud_model::job_state::JobState;
use serde::Deserialize;

/// A job as the UserAPI reports it, without the members that are not used here.
#[derive(Clone, Debug, Deserialize)]
pub struct Job {
    /// Its id, which may have belonged to a deleted job before.
    pub id: i64,
    /// Its name.
    pub job_name: String,
    /// Which workers may take it: `local`, `cloud` or any.
    pub environment: Option<String>,
    /// The name of its state, or `error`, or an undocumented text.
    pub status: String,
    /// When it was created.
    pub date_created: String,
    /// When a worker first pulled it.
    pub date_started: Option<String>,
    /// When it was first finished or in error.
    pub date_finished: Option<String>,
    /// The messages of its workers, one a line.
    pub runtime_details: Option<String>,
    /// Where its outputs go.
    pub paths_out: PathsOut,
}

/// Where a job's outputs go: full paths without a trailing slash.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct PathsOut {
    /// Results.
    pub output: String,
    /// Logs.
    pub log: String,
    /// Models and their files.
    pub artifact: String,
}

impl PathsOut {
    /// The paths for a job of that name.
    #[must_use]
    pub fn of(job_name: &str) -> Self {
        let path = |directory| format!("{directory}/{job_name}");
        Self {
            output: path("output"),
            log: path("log"),
            artifact: path("artifact"),
        }
    }

    /// The three directories, each with a trailing slash.
    #[must_use]
    pub fn directories(&self) -> [String; 3] {
        self.all().map(|path| format!("{path}/"))
    }

    fn all(&self) -> [String; 3] {
        [&self.output, &self.log, &self.artifact].map(Clone::clone)
    }
}

impl Job {
    /// Checks that a new job is queued, is for the workers of `environment`, and was created `now`
    /// (UTC). Ten minutes of difference between two clocks are accepted. The error says what is wrong.
    pub fn check_created(&self, environment: &str, now: DateTime) -> Result<(), String> {
        let first = JobState::Queued.name();
        if self.status != first {
            return Err(format!(
                "a new job is {:?} instead of {first:?}",
                self.status
            ));
        }
        if self.environment.as_deref() != Some(environment) {
            return Err(format!(
                "the job was created for environment {environment:?}, but has {:?}",
                self.environment
            ));
        }
        let created = naive("date_created", &self.date_created)?;
        if now.duration_since(created).abs() > SignedDuration::from_mins(10) {
            return Err(format!(
                "a new job's date_created is {}, but it is {now} (UTC): is that local time?",
                self.date_created
            ));
        }
        Ok(())
    }

    /// Checks that a finished job has naive UTC dates with `date_created <= date_started <=
    /// date_finished`, and `paths_out` named after it. The error says what is wrong.
    pub fn check_finished(&self) -> Result<(), String> {
        let dates = [
            ("date_created", Some(&self.date_created)),
            ("date_started", self.date_started.as_ref()),
            ("date_finished", self.date_finished.as_ref()),
        ];
        let mut previous: Option<(DateTime, String)> = None;
        for (name, value) in dates {
            let value = value.ok_or_else(|| format!("the finished job has no {name}"))?;
            let (date, text) = (naive(name, value)?, format!("{name} {value}"));
            if let Some((_, earlier)) = previous.filter(|(earlier, _)| *earlier > date) {
                return Err(format!("{earlier} comes after {text}"));
            }
            previous = Some((date, text));
        }
        let expected = PathsOut::of(&self.job_name).all();
        let pairs = self.paths_out.all().into_iter().zip(expected);
        match pairs
            .into_iter()
            .find(|(found, expected)| found != expected)
        {
            Some((found, expected)) => Err(format!(
                "paths_out holds {found:?}, but should hold {expected:?}, named after the job"
            )),
            None => Ok(()),
        }
    }
}

/// Reads `2026-01-31T09:30:00` with or without a fraction. An offset or a `Z` is not documented, and
/// the frontend would read it as another time.
fn naive(name: &str, value: &str) -> Result<DateTime, String> {
    let documented = value.len() >= 19
        && value.as_bytes()[10] == b'T'
        && value[10..]
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, 'T' | ':' | '.'));
    let date = value.parse().ok().filter(|_| documented);
    date.ok_or_else(|| {
        format!("{name} is {value:?}, not a naive UTC date like 2026-01-31T09:30:00.123456")
    })
}

#[cfg(test)]
mod tests;
