//! The worker: takes jobs from the queue and runs each as the real one does, within seconds.

mod container;
mod inputs;
mod outputs;
mod reading;
mod shell;
mod workspace;

use std::{io, time::Duration};

use tokio::{
    sync::watch,
    time::{Instant, sleep, sleep_until},
};

use self::container::Container;
use crate::{
    applications::{Applications, EntryPoint},
    config::WorkerConfig,
    faults::{Disturbance, Fault, Faults},
    files::FileSystem,
    jobs::{Job, JobKey, JobStatus, JobStore},
};

/// How long a job stays `pulled`.
const PULLED: Duration = Duration::from_millis(5);

/// Longer than any test waits.
const FOREVER: Duration = Duration::from_secs(365 * 86_400);

/// A worker of one environment. It works on one job at a time.
pub(crate) struct Worker {
    /// `local` or `cloud`.
    pub(crate) environment: &'static str,
    pub(crate) jobs: JobStore,
    pub(crate) files: FileSystem,
    pub(crate) applications: Applications,
    pub(crate) config: WorkerConfig,
    pub(crate) faults: Faults,
}

/// Why a worker stops working on a job before its end.
enum Stop {
    /// The job was deleted.
    JobGone,
    /// The database failed.
    Database(rusqlite::Error),
}

impl From<rusqlite::Error> for Stop {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

impl Worker {
    /// Works until it is dropped.
    pub(crate) async fn run(self) {
        let mut changes = self.jobs.subscribe();
        loop {
            let worked = match self.next_job(&mut changes).await {
                Ok(job) => self.work_on(&job, &mut changes).await,
                Err(error) => Err(Stop::Database(error)),
            };
            match worked {
                Ok(()) | Err(Stop::JobGone) => {}
                Err(Stop::Database(error)) => {
                    eprintln!("opencloud-stack: the worker cannot use the database: {error}");
                    if changes.changed().await.is_err() {
                        return;
                    }
                }
            }
        }
    }

    /// Waits for the next job that has been in the queue for long enough.
    async fn next_job(&self, changes: &mut watch::Receiver<u64>) -> rusqlite::Result<Job> {
        let wait = self.lasts(JobStatus::Queued);
        loop {
            // Changes from here on are noticed, even those before the wait.
            changes.mark_unchanged();
            let to = if self.pulls_unseen() {
                &[JobStatus::Pulled, JobStatus::Preprocessing][..]
            } else {
                &[JobStatus::Pulled]
            };
            if let Some(job) = self.jobs.pull(self.takes(), wait, to)? {
                return Ok(job);
            }
            let due = self.jobs.next_due(self.takes(), wait)?;
            tokio::select! {
                () = sleep(due.unwrap_or_default()), if due.is_some() => {}
                _ = changes.changed() => {}
            }
        }
    }

    /// The environment whose jobs it takes, besides those for any; `None` if it takes all.
    fn takes(&self) -> Option<&str> {
        let takes_all = self.faults.has(Fault::CloudJobOnALocalWorker);
        (!takes_all).then_some(self.environment)
    }

    async fn work_on(&self, job: &Job, changes: &mut watch::Receiver<u64>) -> Result<(), Stop> {
        let key = job.key();
        let mut stay = async |until: Instant| self.stay(key, until, changes).await;
        let until = if self.pulls_unseen() {
            Instant::now() + self.lasts(JobStatus::Preprocessing)
        } else {
            stay(Instant::now() + self.lasts(JobStatus::Pulled)).await?;
            if self.faults.has(Fault::JobSkipsToFinished) {
                self.enter(key, JobStatus::Finished, "")?;
                return Ok(());
            }
            self.enter(key, JobStatus::Preprocessing, "")?
        };
        let files = self.files.of(&job.posted.user_id);
        let app = &job.posted.application;
        let applications = &self.applications;
        let entry_point = applications.entrypoint(&app.application, &app.version, &app.entrypoint);
        let Some(entry_point) = entry_point else {
            self.enter(key, JobStatus::Error, "Logs:\nthere is no such application")?;
            return Ok(());
        };
        let wanted = &job.posted.attributes.files_down;
        let inputs = inputs::fetch(&files, wanted, entry_point, &self.faults).await;
        stay(until).await?;
        let inputs = match inputs {
            Ok(inputs) => inputs,
            Err(missing) => {
                self.enter(key, JobStatus::Error, &missing.to_string())?;
                return Ok(());
            }
        };

        let until = self.enter(key, JobStatus::Running, "")?;
        if self.falls_silent(job) {
            stay(until).await?;
            self.enter(key, JobStatus::Queued, "timeout 1 (workers tried: ;w)")?;
            return Ok(());
        }
        if self.faults.has(Fault::JobVanishes) {
            stay(until).await?;
            self.jobs.delete(key)?;
            return Err(Stop::JobGone);
        }
        if self.faults.has(Fault::JobGoesBack) {
            stay(until).await?;
            self.enter(key, JobStatus::Preprocessing, "")?;
            stay(Instant::now() + FOREVER).await?;
        }
        let ended = Container {
            application: app,
            entry_point,
            files: inputs,
            must_fail: self.config.fail || self.faults.has(Fault::JobEndsInError),
            faults: &self.faults,
        }
        .run();
        stay(until).await?;
        if let Some(details) = ended.failure_details() {
            // The error is reported at once; the outputs are uploaded all the same, and the job
            // fails once more.
            self.enter(key, JobStatus::Error, &details)?;
        }

        let until = self.enter(key, JobStatus::Postprocessing, "")?;
        let uploaded = self.upload(job, entry_point, &ended).await?;
        stay(until).await?;
        match uploaded {
            Err(reason) => self.enter(key, JobStatus::Error, &reason)?,
            Ok(()) => self.enter(key, final_status(&ended), "")?,
        };
        Ok(())
    }

    /// Uploads the container's outputs, unless the job was deleted.
    async fn upload(
        &self,
        job: &Job,
        entry_point: EntryPoint<'_>,
        ended: &container::Ended,
    ) -> Result<Result<(), String>, Stop> {
        let _outputs = self.jobs.lock_outputs().await;
        if !self.jobs.exists(job.key())? {
            return Err(Stop::JobGone);
        }
        let uploaded = self.upload_files(job, entry_point, &ended.files).await;
        Ok(uploaded.map_err(|error| format!("Logs:\nfailed to upload the outputs: {error}")))
    }

    async fn upload_files(
        &self,
        job: &Job,
        entry_point: EntryPoint<'_>,
        files: &[container::OutputFile],
    ) -> io::Result<()> {
        if self.faults.has(Fault::JobFinishesWithoutOutputs) {
            return Ok(());
        }
        let mut job = job.clone();
        if self.faults.has(Fault::JobOutputsOfAnother) {
            job.posted.job_name += "_another";
        }
        if self.faults.has(Fault::ResultsWithTheEarlierJob)
            && let Some(earlier) = job.posted.attributes.files_down.artifact_ids.first()
        {
            job.posted.job_name = earlier.trim_end_matches('/').to_owned();
        }
        outputs::upload(&self.files, entry_point, &job, files, &self.faults).await
    }

    /// Whether the worker stops responding. The next one does not.
    fn falls_silent(&self, job: &Job) -> bool {
        let first = !job
            .runtime_details
            .as_deref()
            .unwrap_or_default()
            .contains("timeout");
        first && self.faults.disturbed_by(Disturbance::QueuedAgain)
    }

    /// Whether a job is pulled and preprocessed in one step, so that no client sees it pulled.
    fn pulls_unseen(&self) -> bool {
        self.faults.disturbed_by(Disturbance::PulledInvisible)
    }

    /// How long a job stays in a status.
    fn lasts(&self, status: JobStatus) -> Duration {
        if status.is_final() {
            return Duration::ZERO;
        }
        let stuck = [
            (JobStatus::Queued, Fault::JobStuckInQueued),
            (JobStatus::Pulled, Fault::JobStuckInPulled),
            (JobStatus::Preprocessing, Fault::JobStuckInPreprocessing),
            (JobStatus::Running, Fault::JobStuckInRunning),
            (JobStatus::Postprocessing, Fault::JobStuckInPostprocessing),
        ];
        let is_stuck =
            |(state, fault): (JobStatus, Fault)| state == status && self.faults.has(fault);
        if stuck.into_iter().any(is_stuck) {
            return FOREVER;
        }
        if status == JobStatus::Running && self.faults.has(Fault::JobGoesBack) {
            // Long enough to be seen.
            return Duration::from_secs(1);
        }
        if status == JobStatus::Queued && self.faults.disturbed_by(Disturbance::LongQueue) {
            return Duration::from_secs(3);
        }
        if status == JobStatus::Pulled || self.faults.disturbed_by(Disturbance::ShortStates) {
            return PULLED;
        }
        self.config.seconds_per_state
    }

    /// Sets the job's status; returns until when the job keeps it.
    fn enter(&self, job: JobKey, status: JobStatus, details: &str) -> Result<Instant, Stop> {
        if !self.jobs.advance(job, status, details)? {
            return Err(Stop::JobGone);
        }
        Ok(Instant::now() + self.lasts(status))
    }

    /// Waits until `until`, or until the job is deleted.
    async fn stay(
        &self,
        job: JobKey,
        until: Instant,
        changes: &mut watch::Receiver<u64>,
    ) -> Result<(), Stop> {
        loop {
            changes.mark_unchanged();
            if !self.jobs.exists(job)? {
                return Err(Stop::JobGone);
            }
            tokio::select! {
                () = sleep_until(until) => return Ok(()),
                _ = changes.changed() => {}
            }
        }
    }
}

fn final_status(ended: &container::Ended) -> JobStatus {
    if ended.failed {
        JobStatus::Error
    } else {
        JobStatus::Finished
    }
}

#[cfg(test)]
mod tests;
