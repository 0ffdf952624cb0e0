//! Follows the states of a job. Pure: the caller asks the UserAPI and measures the time.

use std::{fmt, time::Duration};

use opencloud_model::job_state::JobState;

use super::{FAILED, Job};

/// The shortest time between two polls of a job.
pub const SHORTEST_PERIOD: Duration = Duration::from_millis(200);
/// The longest time between two polls: 12 polls a minute.
pub const LONGEST_PERIOD: Duration = Duration::from_secs(5);

/// The longest time between a job's first `error` and the end of the watch.
pub const SETTLING: Duration = Duration::from_secs(5);
/// A failed job that has not changed for so long is complete.
const QUIET: Duration = Duration::from_secs(1);

/// The state with this name; `None` for `error`, which is not a state of [`JobState`].
fn state(status: &str) -> Result<Option<JobState>, Problem> {
    let state = JobState::ALL
        .into_iter()
        .find(|state| state.name() == status);
    if state.is_none() && status != FAILED {
        return Err(Problem::Undocumented(status.into()));
    }
    Ok(state)
}

/// A job under watch.
#[derive(Debug)]
pub struct Watch {
    job_name: String,
    /// The job as it was last seen.
    last: Option<Job>,
    history: History,
    reached: JobState,
    /// How many timeouts of workers the job's details report.
    timeouts: usize,
    /// The environment whose workers may take the job, and the messages of its workers, as last seen.
    environment: Option<String>,
    details: String,
    failed: Option<Failed>,
    /// The date of an end that was there while the job was postprocessing, with no details of a
    /// failure.
    ended_early: Option<String>,
}

/// A job that was seen in `error`, which is final. The worker reports the error as soon as the container
/// has failed, uploads the outputs (`postprocessing`), and reports the error again with all details.
#[derive(Debug)]
struct Failed {
    since: Duration,
    /// When its status or its details last changed.
    changed_at: Duration,
    details: String,
    is_error: bool,
    /// How often its status changed to `error`.
    errors: u32,
}

/// What a poll of a job has shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// The same status as before.
    Same,
    /// Another status.
    Changed,
    /// An earlier state, because its worker timed out; the line of the details that says so.
    Requeued(String),
}

/// Why a job will not reach its goal, and the states that it was seen in.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}; {history}{advice}")]
pub struct WatchError {
    /// Why.
    pub problem: Problem,
    /// The states so far.
    pub history: History,
    /// What to look at, in this order; may be empty.
    pub advice: String,
}

/// Why a job will not reach its goal.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The job failed, with these `runtime_details`, if there are any.
    #[error("the job ended in error: {}", .0.as_deref().unwrap_or("(no details)"))]
    Failed(Option<String>),
    /// The job no longer exists.
    #[error("the job vanished: the UserAPI answers 404 for it")]
    Vanished,
    /// Another job, of this name, has the job's id.
    #[error("another job now has the job's id, {0:?}: the UserAPI reuses ids")]
    Replaced(String),
    /// The job has only the beginning of its name.
    #[error(
        "the job's name is {0:?} now, only the beginning of what it was created with: it is cut where it is stored \
         (UserAPI, its database)"
    )]
    NameCut(String),
    /// The job has this undocumented status.
    #[error("the job's status is {0:?}, which the UserAPI does not document")]
    Undocumented(String),
    /// The job went back from one state to an earlier one, although its worker did not time out.
    #[error("the job went back from {0} to {1}")]
    WentBack(&'static str, &'static str),
    /// The job's members do not fit together.
    #[error("{0} (UserAPI)")]
    Inconsistent(String),
    /// The job did not reach this state within the time limit.
    #[error("the job was not {} within {}", .0, seconds(.1))]
    TooLate(&'static str, Duration),
}

/// The statuses that a job was seen in, each with the time since the start of the watch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History(Vec<(String, Duration)>);

impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("seen so far: ")?;
        for (number, (status, at)) in self.0.iter().enumerate() {
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
            last: None,
            history: History::default(),
            reached: JobState::Queued,
            timeouts: 0,
            environment: None,
            details: String::new(),
            failed: None,
            ended_early: None,
        }
    }

    /// Adds the UserAPI's answer (`None`: 404) at a time counted from the start of the watch. A job in
    /// `error` is not a problem yet: [`Watch::end`] waits until its details are complete.
    pub fn see(&mut self, job: Option<&Job>, at: Duration) -> Result<Seen, WatchError> {
        let Some(job) = job else {
            return Err(self.error(Problem::Vanished));
        };
        if job.job_name != self.job_name {
            let name = job.job_name.clone();
            let is_cut = self.job_name.starts_with(&name);
            let problem = if is_cut {
                Problem::NameCut
            } else {
                Problem::Replaced
            };
            return Err(self.error(problem(name)));
        }
        let inconsistent = |problem| self.error(Problem::Inconsistent(problem));
        if let Some(last) = &self.last {
            job.check_still(last).map_err(inconsistent)?;
        }
        self.last = Some(job.clone());
        let last = self.history.0.last();
        let changed = last.is_none_or(|(status, _)| *status != job.status);
        if changed {
            self.history.0.push((job.status.clone(), at));
        }
        let seen = if changed { Seen::Changed } else { Seen::Same };
        let state = state(&job.status).map_err(|problem| self.error(problem))?;
        let details = job.runtime_details.as_deref().unwrap_or_default().trim();
        self.environment.clone_from(&job.environment);
        details.clone_into(&mut self.details);
        let Some(state) = state.filter(|_| self.failed.is_none()) else {
            self.see_failed(state.is_none(), changed, details, at);
            return Ok(seen);
        };
        job.check_dates()
            .map_err(|problem| self.error(Problem::Inconsistent(problem)))?;
        match (state, &job.date_finished, &self.ended_early) {
            // It has failed in between, or else it goes on to be finished.
            (JobState::Postprocessing, Some(date), _) if details.is_empty() => {
                self.ended_early = Some(date.clone());
            }
            (JobState::Finished, _, Some(date)) => {
                let early =
                    format!("the job was postprocessing, but date_finished was {date} already");
                return Err(self.error(Problem::Inconsistent(early)));
            }
            _ => {}
        }
        let timeouts: Vec<_> = details
            .lines()
            .filter(|line| reports_timeout(line))
            .collect();
        let requeued = timeouts.len() > self.timeouts;
        self.timeouts = timeouts.len();
        if state < self.reached && !requeued {
            return Err(self.error(Problem::WentBack(self.reached.name(), state.name())));
        }
        self.reached = state;
        match timeouts.last() {
            Some(last) if requeued => Ok(Seen::Requeued((*last).to_owned())),
            _ => Ok(seen),
        }
    }

    /// Whether an answer shows the job in an earlier state than it was seen in, and its worker did not time out.
    #[must_use]
    pub fn is_before(&self, job: &Job) -> bool {
        let details = job.runtime_details.as_deref().unwrap_or_default();
        let timeouts = details.lines().filter(|line| reports_timeout(line)).count();
        let state = state(&job.status).ok().flatten();
        state.is_some_and(|state| state < self.reached) && timeouts <= self.timeouts
    }

    /// Adds an answer for a job that has failed.
    fn see_failed(&mut self, is_error: bool, changed: bool, details: &str, at: Duration) {
        let failed = self.failed.get_or_insert_with(|| Failed {
            since: at,
            changed_at: at,
            details: String::new(),
            is_error,
            errors: 0,
        });
        failed.is_error = is_error;
        failed.errors += u32::from(changed && is_error);
        if changed || failed.details != details {
            failed.changed_at = at;
            details.clone_into(&mut failed.details);
        }
    }

    /// The problem that the job has failed, once its details are complete.
    #[must_use]
    pub fn end(&self, now: Duration) -> Option<WatchError> {
        let failed = self.failed.as_ref()?;
        let quiet = now.saturating_sub(failed.changed_at) >= QUIET;
        let settled = failed.is_error && (quiet || failed.errors > 1);
        if !settled && now.saturating_sub(failed.since) < SETTLING {
            return None;
        }
        let details = Some(failed.details.clone()).filter(|details| !details.is_empty());
        Some(self.error(Problem::Failed(details)))
    }

    /// Whether the job was seen in `error`. Then only the limit of [`Watch::end`] applies.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.failed.is_some()
    }

    /// Whether the job is in `goal` or past it.
    #[must_use]
    pub fn has_reached(&self, goal: JobState) -> bool {
        !(self.history.0.is_empty() || self.has_failed()) && self.reached >= goal
    }

    /// The time until the next poll: a tenth of the time that the state has lasted. So a short state is
    /// seen early, and a long one costs few requests.
    #[must_use]
    pub fn period(&self, now: Duration) -> Duration {
        if self.has_failed() {
            return SHORTEST_PERIOD;
        }
        let last = self.history.0.last();
        let since = last.map_or(Duration::ZERO, |(_, at)| *at);
        (now.saturating_sub(since) / 10).clamp(SHORTEST_PERIOD, LONGEST_PERIOD)
    }

    /// The problem that the job was not `goal` within `limit`.
    #[must_use]
    pub fn too_late(&self, goal: JobState, limit: Duration) -> WatchError {
        WatchError {
            advice: self.advice(),
            ..self.error(Problem::TooLate(goal.name(), limit))
        }
    }

    /// What to look at if the job does not go on.
    fn advice(&self) -> String {
        let environment = self.environment.as_deref().unwrap_or("any");
        let first = if self.reached == JobState::Queued {
            format!("whether one of environment {environment} runs and is in the group `workers`")
        } else {
            format!(
                "the log of the one that has pulled the job and left it in {}",
                self.reached.name()
            )
        };
        let details = match self.details.as_str() {
            "" => "are empty".to_owned(),
            details => format!("say {details:?}"),
        };
        format!(
            " (the workers, {first}; whether the WorkerAPI answers it; the job's runtime_details \
             {details})"
        )
    }

    fn error(&self, problem: Problem) -> WatchError {
        WatchError {
            problem,
            history: self.history(),
            advice: String::new(),
        }
    }

    /// The states so far.
    #[must_use]
    pub fn history(&self) -> History {
        self.history.clone()
    }
}

/// Whether the WorkerAPI reports in this line that a worker has timed out, for instance
/// `timeout 1 (workers tried: ;w)`.
fn reports_timeout(line: &str) -> bool {
    let number = line.trim().strip_prefix("timeout ");
    number.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests;
