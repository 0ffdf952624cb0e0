//! What the sightings of a job mean. Pure: whoever watches asks the UserAPI and keeps the time.

use std::{fmt, time::Duration};

use opencloud_model::job_state::JobState;

use super::Job;

/// The shortest time between two looks at a job.
pub const SHORTEST_PERIOD: Duration = Duration::from_millis(200);
/// The longest: 12 looks a minute.
pub const LONGEST_PERIOD: Duration = Duration::from_secs(5);

/// The longest time between a job's first `error` and the end of the watch.
pub const SETTLING: Duration = Duration::from_secs(5);
/// A failed job of which nothing new is heard for so long has no more to tell.
const QUIET: Duration = Duration::from_secs(1);

/// A status that the UserAPI documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    In(JobState),
    Error,
}

impl Status {
    fn parse(status: &str) -> Option<Self> {
        if status == "error" {
            return Some(Self::Error);
        }
        JobState::ALL
            .into_iter()
            .find(|state| state.name() == status)
            .map(Self::In)
    }
}

/// A state that a job was seen in, for as long as it stayed the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// The status, word by word.
    pub status: String,
    /// When it was first seen, counted from the start of the watch.
    pub at: Duration,
}

/// A job under watch.
#[derive(Debug)]
pub struct Watch {
    job_name: String,
    history: Vec<Sighting>,
    reached: JobState,
    /// How often the job's details say that a worker fell silent.
    timeouts: usize,
    failed: Option<Failed>,
}

/// A job that was seen in `error`. That is its end, whatever it does next: the worker reports the
/// error as soon as the container has failed, uploads what there is (`postprocessing`), and reports
/// it again with all its details.
#[derive(Debug)]
struct Failed {
    since: Duration,
    /// When something new was heard of it.
    changed_at: Duration,
    details: String,
    is_error: bool,
    /// How often it came to be in `error`.
    times: u32,
}

/// What a look at a job has shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// The same status as at the look before.
    Same,
    /// Another status.
    Changed,
    /// An earlier state, because its worker fell silent: this is what the details say of it.
    Requeued(String),
}

/// Why a job will not reach the state that it is watched for.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum WatchProblem {
    /// The job failed.
    #[error("the job ended in error: {details}; {history}")]
    Failed {
        /// The job's `runtime_details`.
        details: String,
        /// What was seen of it.
        history: History,
    },
    /// The job is not there any more.
    #[error("the job vanished: the UserAPI answers 404 for it; {history}")]
    Vanished {
        /// What was seen of it.
        history: History,
    },
    /// Under the job's id there is another one.
    #[error("under the job's id there is now another, {found:?}: ids are used again; {history}")]
    NotOurs {
        /// The name of that job.
        found: String,
        /// What was seen of ours.
        history: History,
    },
    /// The API tells a status that it does not document.
    #[error("the job's status is {status:?}, which the UserAPI does not document; {history}")]
    Undocumented {
        /// The status.
        status: String,
        /// What was seen of the job.
        history: History,
    },
    /// The job went back to an earlier state, and not because its worker fell silent.
    #[error("the job went back from {from} to {to}; {history}")]
    WentBack {
        /// The state it was in.
        from: &'static str,
        /// The state it is in.
        to: &'static str,
        /// What was seen of it.
        history: History,
    },
    /// The time is up.
    #[error("the job was not {goal} within {}; {history}", seconds(.limit))]
    TooLate {
        /// The state that was waited for.
        goal: &'static str,
        /// How long that was.
        limit: Duration,
        /// What was seen of the job.
        history: History,
    },
}

/// What was seen of a job, for a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History(Vec<Sighting>);

impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("seen so far: ")?;
        for (number, Sighting { status, at }) in self.0.iter().enumerate() {
            let comma = if number > 0 { ", " } else { "" };
            write!(f, "{comma}{status} at {}", seconds(at))?;
        }
        if self.0.is_empty() {
            f.write_str("nothing")?;
        }
        Ok(())
    }
}

fn seconds(duration: &Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

impl Watch {
    /// A job that was just created under this name.
    #[must_use]
    pub fn new(job_name: &str) -> Self {
        Self {
            job_name: job_name.to_owned(),
            history: Vec::new(),
            reached: JobState::Queued,
            timeouts: 0,
            failed: None,
        }
    }

    /// Takes in what the UserAPI tells of the job (`None`: 404) at a time counted from the start
    /// of the watch. That a job is in `error` is no problem yet: [`Watch::end`] waits for what
    /// more there is to hear.
    pub fn see(&mut self, job: Option<&Job>, at: Duration) -> Result<Seen, WatchProblem> {
        let Some(job) = job else {
            return Err(WatchProblem::Vanished {
                history: self.history(),
            });
        };
        if job.job_name != self.job_name {
            return Err(WatchProblem::NotOurs {
                found: job.job_name.clone(),
                history: self.history(),
            });
        }
        let changed = self
            .history
            .last()
            .is_none_or(|last| last.status != job.status);
        if changed {
            self.history.push(Sighting {
                status: job.status.clone(),
                at,
            });
        }
        let seen = if changed { Seen::Changed } else { Seen::Same };
        let status = Status::parse(&job.status).ok_or_else(|| WatchProblem::Undocumented {
            status: job.status.clone(),
            history: self.history(),
        })?;
        let details = job.runtime_details.as_deref().unwrap_or_default().trim();
        if status == Status::Error || self.failed.is_some() {
            self.hear(status, changed, details, at);
            return Ok(seen);
        }
        let Status::In(state) = status else {
            return Ok(seen);
        };
        let silences: Vec<_> = details.lines().filter(|line| is_silence(line)).collect();
        let requeued = silences.len() > self.timeouts;
        self.timeouts = silences.len();
        if state < self.reached && !requeued {
            return Err(WatchProblem::WentBack {
                from: self.reached.name(),
                to: state.name(),
                history: self.history(),
            });
        }
        self.reached = state;
        match silences.last() {
            Some(last) if requeued => Ok(Seen::Requeued((*last).to_owned())),
            _ => Ok(seen),
        }
    }

    /// Takes in news of a job that has failed.
    fn hear(&mut self, status: Status, changed: bool, details: &str, at: Duration) {
        let failed = self.failed.get_or_insert_with(|| Failed {
            since: at,
            changed_at: at,
            details: String::new(),
            is_error: true,
            times: 0,
        });
        failed.is_error = status == Status::Error;
        failed.times += u32::from(changed && failed.is_error);
        if changed || failed.details != details {
            failed.changed_at = at;
            details.clone_into(&mut failed.details);
        }
    }

    /// The problem that the job has failed, once there is no more to hear of it.
    #[must_use]
    pub fn end(&self, now: Duration) -> Option<WatchProblem> {
        let failed = self.failed.as_ref()?;
        let quiet = now.saturating_sub(failed.changed_at) >= QUIET;
        let settled = failed.is_error && (quiet || failed.times > 1);
        if !settled && now.saturating_sub(failed.since) < SETTLING {
            return None;
        }
        let details = match failed.details.as_str() {
            "" => "(no details)",
            details => details,
        };
        Some(WatchProblem::Failed {
            details: details.into(),
            history: self.history(),
        })
    }

    /// Whether the job was seen in `error`: then no limit counts but that of [`Watch::end`].
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.failed.is_some()
    }

    /// Whether the job is in `goal` or past it.
    #[must_use]
    pub fn has_reached(&self, goal: JobState) -> bool {
        !(self.history.is_empty() || self.has_failed()) && self.reached >= goal
    }

    /// How long to wait before the next look: a tenth of the time that the state has lasted, so
    /// that a short state is seen early and a long one costs few requests.
    #[must_use]
    pub fn period(&self, now: Duration) -> Duration {
        if self.has_failed() {
            return SHORTEST_PERIOD;
        }
        let since = self
            .history
            .last()
            .map_or(Duration::ZERO, |sighting| sighting.at);
        (now.saturating_sub(since) / 10).clamp(SHORTEST_PERIOD, LONGEST_PERIOD)
    }

    /// The problem that the job was not `goal` within `limit`.
    #[must_use]
    pub fn too_late(&self, goal: JobState, limit: Duration) -> WatchProblem {
        WatchProblem::TooLate {
            goal: goal.name(),
            limit,
            history: self.history(),
        }
    }

    /// The states so far.
    #[must_use]
    pub fn history(&self) -> History {
        History(self.history.clone())
    }
}

/// The line that the WorkerAPI adds to the details when it takes a job from a silent worker, such as
/// `timeout 1 (workers tried: ;w)`.
fn is_silence(line: &str) -> bool {
    let number = line.trim().strip_prefix("timeout ");
    number.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests;
