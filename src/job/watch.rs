//! What the sightings of a job mean. Pure: whoever watches asks the UserAPI and keeps the time.

use std::{fmt, time::Duration};

use super::{Job, State};

/// The shortest time between two looks at a job.
pub const SHORTEST_PERIOD: Duration = Duration::from_millis(200);
/// The longest: 12 looks a minute.
pub const LONGEST_PERIOD: Duration = Duration::from_secs(5);

/// A status that the UserAPI documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    In(State),
    Error,
}

impl Status {
    fn parse(status: &str) -> Option<Self> {
        if status == "error" {
            return Some(Self::Error);
        }
        State::ALL
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
    history: Vec<Sighting>,
    reached: State,
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
    /// A job that was just created.
    #[must_use]
    pub fn new() -> Self {
        Self {
            history: Vec::new(),
            reached: State::Queued,
        }
    }

    /// Takes in what the UserAPI tells of the job (`None`: 404) at a time counted from the start
    /// of the watch. `Ok(true)` says that the status is another than at the last look.
    pub fn see(&mut self, job: Option<&Job>, at: Duration) -> Result<bool, WatchProblem> {
        let Some(job) = job else {
            return Err(WatchProblem::Vanished {
                history: self.history(),
            });
        };
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
        let details = job.runtime_details.as_deref().unwrap_or_default().trim();
        match Status::parse(&job.status) {
            None => Err(WatchProblem::Undocumented {
                status: job.status.clone(),
                history: self.history(),
            }),
            Some(Status::Error) => Err(WatchProblem::Failed {
                details: if details.is_empty() {
                    "(no details)"
                } else {
                    details
                }
                .into(),
                history: self.history(),
            }),
            Some(Status::In(state)) if state < self.reached && !requeued(state, details) => {
                Err(WatchProblem::WentBack {
                    from: self.reached.name(),
                    to: state.name(),
                    history: self.history(),
                })
            }
            Some(Status::In(state)) => {
                self.reached = state;
                Ok(changed)
            }
        }
    }

    /// Whether the job is in `goal` or past it.
    #[must_use]
    pub fn has_reached(&self, goal: State) -> bool {
        !self.history.is_empty() && self.reached >= goal
    }

    /// How long to wait before the next look: a tenth of the time that the state has lasted, so
    /// that a short state is seen early and a long one costs few requests.
    #[must_use]
    pub fn period(&self, now: Duration) -> Duration {
        let since = self
            .history
            .last()
            .map_or(Duration::ZERO, |sighting| sighting.at);
        (now.saturating_sub(since) / 10).clamp(SHORTEST_PERIOD, LONGEST_PERIOD)
    }

    /// The problem that the job was not `goal` within `limit`.
    #[must_use]
    pub fn too_late(&self, goal: State, limit: Duration) -> WatchProblem {
        WatchProblem::TooLate {
            goal: goal.name(),
            limit,
            history: self.history(),
        }
    }

    fn history(&self) -> History {
        History(self.history.clone())
    }
}

impl Default for Watch {
    fn default() -> Self {
        Self::new()
    }
}

/// A job whose worker fell silent goes back to the queue, and its details say so.
fn requeued(state: State, details: &str) -> bool {
    state == State::Queued && details.contains("timeout")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::PathsOut;

    fn job(status: &str, details: Option<&str>) -> Job {
        Job {
            id: 1,
            job_name: "N".into(),
            environment: None,
            status: status.into(),
            date_created: String::new(),
            date_started: None,
            date_finished: None,
            runtime_details: details.map(Into::into),
            paths_out: PathsOut::of("N"),
        }
    }

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_state_is_reached_in_it_or_past_it() {
        let mut watch = Watch::new();
        assert!(!watch.has_reached(State::Queued));
        assert_eq!(watch.see(Some(&job("queued", None)), at(0)), Ok(true));
        assert_eq!(watch.see(Some(&job("queued", None)), at(1)), Ok(false));
        assert!(watch.has_reached(State::Queued) && !watch.has_reached(State::Pulled));
        assert_eq!(watch.see(Some(&job("running", None)), at(2)), Ok(true));
        assert!(watch.has_reached(State::Pulled) && watch.has_reached(State::Running));
        assert!(!watch.has_reached(State::Postprocessing));
    }

    #[test]
    fn each_end_has_its_own_message() {
        let problem = |status: &str, details| {
            let mut watch = Watch::new();
            watch.see(Some(&job("queued", None)), at(0)).unwrap();
            watch.see(Some(&job("running", None)), at(3)).unwrap();
            watch
                .see(Some(&job(status, details)), at(4))
                .unwrap_err()
                .to_string()
        };
        assert_eq!(
            problem("error", Some("\nout of memory")),
            "the job ended in error: out of memory; \
             seen so far: queued at 0.0 s, running at 3.0 s, error at 4.0 s"
        );
        assert!(problem("error", None).contains("(no details)"));
        assert!(problem("paused", None).starts_with("the job's status is \"paused\""));
        assert!(problem("preprocessing", None).contains("went back from running to preprocessing"));
        let mut watch = Watch::new();
        assert_eq!(
            watch.see(None, at(1)).unwrap_err().to_string(),
            "the job vanished: the UserAPI answers 404 for it; seen so far: nothing"
        );
        watch.see(Some(&job("queued", None)), at(2)).unwrap();
        assert_eq!(
            watch.too_late(State::Pulled, at(600)).to_string(),
            "the job was not pulled within 600.0 s; seen so far: queued at 2.0 s"
        );
    }

    #[test]
    fn a_silent_worker_puts_the_job_back_into_the_queue() {
        let mut watch = Watch::new();
        watch.see(Some(&job("running", None)), at(0)).unwrap();
        let requeued = job("queued", Some("\ntimeout 1 (workers tried: ;w)"));
        assert_eq!(watch.see(Some(&requeued), at(300)), Ok(true));
        assert!(!watch.has_reached(State::Pulled));
    }

    #[test]
    fn looks_grow_rare_while_nothing_changes_and_start_over_at_a_change() {
        let mut watch = Watch::new();
        watch.see(Some(&job("queued", None)), at(0)).unwrap();
        assert_eq!(watch.period(at(0)), SHORTEST_PERIOD);
        assert_eq!(watch.period(at(20)), at(2));
        assert_eq!(watch.period(at(3600)), LONGEST_PERIOD);
        watch.see(Some(&job("running", None)), at(3600)).unwrap();
        assert_eq!(watch.period(at(3600)), SHORTEST_PERIOD);
    }

    #[test]
    fn an_hour_costs_twelve_looks_a_minute_once_the_state_is_a_minute_old() {
        let mut watch = Watch::new();
        watch.see(Some(&job("running", None)), at(0)).unwrap();
        let mut now = Duration::ZERO;
        let mut looks = 0;
        while now < at(3600) {
            now += watch.period(now);
            looks += u32::from(now > at(60) && now < at(3600));
        }
        assert!(looks <= 12 * 59, "{looks}");
    }
}
