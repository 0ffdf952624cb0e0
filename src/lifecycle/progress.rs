//! Follows a job through its states.

use std::time::Duration;

use crate::{
    job::{
        Job, State,
        watch::{Watch, WatchProblem},
    },
    page::{self, Instant},
    report::{self, Event, Failure, Steps},
    user_api::UserApi,
};

/// A job that is followed through its states; each change is told as it is seen.
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
            watch: Watch::new(),
            since: Instant::now(),
        };
        progress.see(Some(job.clone()))?;
        Ok(progress)
    }

    /// Waits until the job is in `goal` or past it.
    pub(super) async fn reach(
        &mut self,
        goal: State,
        limit: Duration,
        steps: &Steps,
    ) -> Result<(), Failure> {
        steps.waiting_for(format!("job {} to be {}", self.job.id, goal.name()), limit);
        let start = Instant::now();
        while !self.watch.has_reached(goal) {
            let left = limit.saturating_sub(start.elapsed());
            if left.is_zero() {
                return Err(self.failure(&self.watch.too_late(goal, limit)));
            }
            page::sleep(self.watch.period(self.since.elapsed()).min(left)).await;
            let job = self.api.job(self.job.id).await?;
            self.see(job)?;
        }
        Ok(())
    }

    /// The job as it was seen last.
    pub(super) fn into_job(self) -> Job {
        self.job
    }

    fn see(&mut self, job: Option<Job>) -> Result<(), Failure> {
        let at = self.since.elapsed();
        let seen = self.watch.see(job.as_ref(), at);
        if let Some(job) = job {
            self.job = job;
        }
        // The state that ends the watch is told like any other.
        if !matches!(seen, Ok(false) | Err(WatchProblem::Vanished { .. })) {
            report::write(&Event::JobState {
                job: self.job.id,
                state: self.job.status.clone(),
                seconds: at.as_secs_f64(),
                seen_at: page::wall_clock(),
            });
        }
        match seen {
            Ok(_) => Ok(()),
            Err(problem) => Err(self.failure(&problem)),
        }
    }

    fn failure(&self, problem: &WatchProblem) -> Failure {
        Failure::stack(format!(
            "job {} ({}): {problem}",
            self.job.id, self.job.job_name
        ))
    }
}
