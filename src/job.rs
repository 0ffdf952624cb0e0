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

/// What is wrong with the members of a job.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// A new job is in another state.
    #[error("a new job is {0:?} instead of {1:?}")]
    NotNew(String, &'static str),
    /// The job has another environment than the one it was created with.
    #[error("the job was created for environment {expected:?}, but has {found:?}")]
    Environment {
        /// The job's environment.
        found: Option<String>,
        /// The environment of the request.
        expected: String,
    },
    /// A new job was created at another time.
    #[error("a new job's date_created is {created}, but it is {now} (UTC): is that local time?")]
    NotNow {
        /// The job's date.
        created: String,
        /// The time by the page's clock.
        now: DateTime,
    },
    /// A date is missing.
    #[error("the finished job has no {0}")]
    NoDate(&'static str),
    /// A date has another format than the documented one.
    #[error("{name} is {value:?}, not a naive UTC date like 2026-01-31T09:30:00.123456")]
    BadDate {
        /// The member.
        name: &'static str,
        /// Its value.
        value: String,
    },
    /// Two dates are in the wrong order.
    #[error("{earlier} comes after {later}")]
    Order {
        /// The member that should be earlier, with its value.
        earlier: String,
        /// The member that should be later, with its value.
        later: String,
    },
    /// A path of outputs is not named after the job.
    #[error("paths_out holds {found:?}, but should hold {expected:?}, named after the job")]
    Path {
        /// The job's path.
        found: String,
        /// The path that follows from its name.
        expected: String,
    },
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
    /// (UTC). Ten minutes of difference between two clocks are accepted.
    pub fn check_created(&self, environment: &str, now: DateTime) -> Result<(), RecordError> {
        let first = JobState::Queued.name();
        if self.status != first {
            return Err(RecordError::NotNew(self.status.clone(), first));
        }
        if self.environment.as_deref() != Some(environment) {
            return Err(RecordError::Environment {
                found: self.environment.clone(),
                expected: environment.into(),
            });
        }
        let created = naive("date_created", &self.date_created)?;
        if now.duration_since(created).abs() > SignedDuration::from_mins(10) {
            return Err(RecordError::NotNow {
                created: self.date_created.clone(),
                now,
            });
        }
        Ok(())
    }

    /// Checks that a finished job has naive UTC dates with `date_created <= date_started <=
    /// date_finished`, and `paths_out` named after it.
    pub fn check_finished(&self) -> Result<(), RecordError> {
        let missing = |name| move || RecordError::NoDate(name);
        let started = self
            .date_started
            .as_deref()
            .ok_or_else(missing("date_started"))?;
        let finished = self
            .date_finished
            .as_deref()
            .ok_or_else(missing("date_finished"))?;
        let dates = [
            ("date_created", self.date_created.as_str()),
            ("date_started", started),
            ("date_finished", finished),
        ];
        let mut previous: Option<(&str, &str, DateTime)> = None;
        for (name, value) in dates {
            let date = naive(name, value)?;
            if let Some((earlier, text, _)) = previous.filter(|(_, _, earlier)| *earlier > date) {
                return Err(RecordError::Order {
                    earlier: format!("{earlier} {text}"),
                    later: format!("{name} {value}"),
                });
            }
            previous = Some((name, value, date));
        }
        let pairs = self
            .paths_out
            .all()
            .into_iter()
            .zip(PathsOut::of(&self.job_name).all());
        match pairs
            .into_iter()
            .find(|(found, expected)| found != expected)
        {
            Some((found, expected)) => Err(RecordError::Path { found, expected }),
            None => Ok(()),
        }
    }
}

/// Reads `2026-01-31T09:30:00` with or without a fraction. An offset or a `Z` is not documented, and
/// the frontend would read it as another time.
fn naive(name: &'static str, value: &str) -> Result<DateTime, RecordError> {
    let documented = value.len() >= 19
        && value.as_bytes()[10] == b'T'
        && value[10..]
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, 'T' | ':' | '.'));
    value
        .parse()
        .ok()
        .filter(|_| documented)
        .ok_or_else(|| RecordError::BadDate {
            name,
            value: value.into(),
        })
}

#[cfg(test)]
mod tests;
