//! Follows a job through its states.

use std::time::Duration;

use opencloud_model::{
    event::{Event, Failure},
    job_state::JobState,
};

use crate::{
    job::{
        Job,
        watch::{History, Problem, Seen, Watch, WatchError},
    },
    page::{self, Instant},
    report::{self, Steps},
    user_api::{Endpoint, Stale, UserApi},
};

/// A job that is followed through its states. Each change is reported.
pub(super) struct Progress<'a> {
    api: &'a UserApi,
    job: Job,
    watch: Watch,
    since: Instant,
}

impl<'a> Progress<'a> {
    /// Follows a job that was just created.
    pub(super) fn new(api: &'a UserApi, job: &Job) -> Result<Self, Failure> {
        let mut progress = Self {
            api,
            job: job.clone(),
            watch: Watch::new(&job.job_name),
            since: Instant::now(),
        };
        let seen = progress.see(Some(job.clone()));
        seen.map_err(|error| progress.failure(&error))?;
        Ok(progress)
    }

    /// Waits until the job is in `goal` or past it.
    pub(super) async fn reach(
        &mut self,
        goal: JobState,
        limit: Duration,
        steps: &Steps,
    ) -> Result<(), Failure> {
        let waiting = format!("job {} to be {}", self.job.id, goal.name());
        steps.waiting_for(waiting.clone(), limit);
        let start = Instant::now();
        while !self.watch.has_reached(goal) {
            let now = self.since.elapsed();
            if let Some(problem) = self.watch.end(now) {
                return Err(self.failure(&problem));
            }
            let mut pause = self.watch.period(now);
            if !self.watch.has_failed() {
                let left = limit.saturating_sub(start.elapsed());
                if left.is_zero() {
                    // Boxed because the future is large and seldom needed.
                    return Err(Box::pin(self.too_late(goal, limit)).await);
                }
                pause = pause.min(left);
            }
            page::sleep(pause).await;
            let job = self.api.job(self.job.id).await?;
            let seen = match self.see(job) {
                Err(error) => return Err(self.explained(&error).await),
                Ok(seen) => seen,
            };
            if let Seen::Requeued(details) = seen {
                let again =
                    format!("{waiting}, queued again because its worker timed out ({details})");
                steps.waiting_for(again, limit.saturating_sub(start.elapsed()));
            }
        }
        Ok(())
    }

    /// The job as it was last seen, and the states that it was seen in.
    pub(super) fn into_parts(self) -> (Job, History) {
        let history = self.watch.history();
        (self.job, history)
    }

    fn see(&mut self, job: Option<Job>) -> Result<Seen, WatchError> {
        let at = self.since.elapsed();
        let seen = self.watch.see(job.as_ref(), at);
        if let Some(job) = job.filter(|job| job.job_name == self.job.job_name) {
            self.job = job;
            // A status that ends the watch is reported, too.
            if !matches!(seen, Ok(Seen::Same)) {
                report::write(&Event::JobState {
                    job: self.job.id,
                    state: self.job.status.clone(),
                    seconds: at.as_secs_f64(),
                    seen_at: page::wall_clock(),
                });
            }
        }
        if let Ok(Seen::Requeued(details)) = &seen {
            report::write(&Event::JobRequeued {
                job: self.job.id,
                details: details.clone(),
            });
        }
        seen
    }

    /// The failure of the job, or of the last answer, if others show the job as it was or further on.
    async fn explained(&self, error: &WatchError) -> Failure {
        let is_right = |job: &Job| job.job_name == self.job.job_name && !self.watch.is_before(job);
        let ask = || self.api.explain_stale_job(self.job.id, is_right);
        let stale = match error.problem {
            Problem::Vanished => ask().await,
            // A job that went back may go on again.
            Problem::WentBack(..) => ask().await.filter(|stale| *stale != Stale::ForAMoment),
            _ => None,
        };
        let Some(stale) = stale else {
            let failure = self.failure(error);
            let listed = match error.problem {
                Problem::Vanished => self.api.job_named(&self.job.job_name).await,
                _ => Ok(None),
            };
            let Ok(Some(listed)) = listed else {
                return failure;
            };
            return failure.and(format!(
                "; the list shows it as job {}, {} (UserAPI, the id in the answer of POST /jobs; GET /jobs/…)",
                listed.id, listed.status
            ));
        };
        Failure::stack(format!(
            "job {} ({}): {}: the answer {}; {}",
            self.job.id,
            self.job.job_name,
            error.problem,
            stale.told("database"),
            error.history
        ))
    }

    /// The failure of a job that was not `goal` within `limit`, or of the answers that show it as it was, while
    /// others, or its outputs, show it further on.
    async fn too_late(&self, goal: JobState, limit: Duration) -> Failure {
        let is_further = |job: &Job| {
            job.job_name == self.job.job_name
                && job.status != self.job.status
                && !self.watch.is_before(job)
        };
        let stale = self.api.explain_stale_job(self.job.id, is_further).await;
        let stale = stale.filter(|stale| *stale != Stale::ForAMoment);
        let listed = self.api.job_named(&self.job.job_name).await;
        let listed = listed.ok().flatten().filter(|listed| is_further(listed));
        let why = match (stale, listed) {
            (Some(stale), _) => format!("the answer {}", stale.told("database")),
            (None, Some(listed)) => format!(
                "the list shows it {}, so the answer for the job itself is an earlier one (UserAPI, GET /jobs/{{id}}, and \
                 what it or something before it keeps)",
                listed.status
            ),
            (None, None) => match self.early_output().await {
                Some(path) => format!(
                    "its outputs are there ({path}), so a worker has run it, and its reports do not arrive (WorkerAPI, \
                     the UserAPI's address in its settings, and INTERNAL_API_KEY_SECRET in both)"
                ),
                None => return self.failure(&self.watch.too_late(goal, limit)),
            },
        };
        Failure::stack(format!(
            "job {} ({}): the job was not {} within {limit:?}: {why}; {}",
            self.job.id,
            self.job.job_name,
            goal.name(),
            self.watch.history()
        ))
        .out_of_time(true)
    }

    /// A file among the job's outputs, if it has not come to the state in which a worker uploads them.
    async fn early_output(&self) -> Option<String> {
        if self.watch.has_reached(JobState::Postprocessing) {
            return None;
        }
        for directory in self.job.paths_out.directories() {
            let listing = self.api.list(&directory, Endpoint::ListFiles).await;
            let listing = listing.ok().flatten().unwrap_or_default();
            if let Some(found) = listing.into_iter().next() {
                return Some(found.path);
            }
        }
        None
    }

    fn failure(&self, error: &WatchError) -> Failure {
        let too_late = matches!(error.problem, Problem::TooLate(..));
        Failure::stack(format!(
            "job {} ({}): {error}",
            self.job.id, self.job.job_name
        ))
        .out_of_time(too_late)
    }
}
