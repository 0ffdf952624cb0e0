//! The deletion of a job, its outputs and its inputs.

use opencloud_model::event::Failure;

use super::{flow::Flow, inputs::Upload};
use crate::{
    created::Created,
    http,
    job::{FAILED, Job, PathsOut},
    user_api::{Endpoint, files::paths},
};

impl Flow<'_> {
    /// Deletes the job. The `later` ones of the chain, which have used its artifacts, keep their outputs.
    pub(super) async fn delete_job(
        &self,
        job: &Job,
        uploads: &[Upload],
        later: &[&Flow<'_>],
        created: &mut Created,
    ) -> Result<(), Failure> {
        let (id, name) = (job.id, &job.job_name);
        if let Some(now) = self.api.job(id).await?
            && (now.status != job.status || now.date_finished != job.date_finished)
        {
            return Err(self.changed_after_the_end(job, &now).await);
        }
        let mut kept = Vec::new();
        for flow in later {
            kept.push((flow, flow.outputs().await?));
        }
        if !self.api.delete_job(name).await? {
            return Err(Failure::stack(format!(
                "job {id} ({name}) was gone before it was deleted"
            )));
        }
        if let Some(job) = self.api.job_named(name).await? {
            let by_id = self.api.job(job.id).await?;
            let how = if by_id.is_none_or(|other| other.job_name != *name) {
                ", but only in the list: it is not found by its id (UserAPI, GET /jobs: it leaves out what is \
                 deleted)"
            } else {
                ": by its id and in the list (UserAPI, DELETE /jobs)"
            };
            return Err(Failure::stack(format!(
                "job {} was deleted but still exists ({}){how}{}",
                job.id,
                job.status,
                self.api.explain_deletion()
            )));
        }
        for directory in PathsOut::of(self.name).directories() {
            self.check_gone(&directory, "after its job was deleted")
                .await?;
        }
        created.forget_job(name);
        self.check_uploads(uploads).await.map_err(|failure| {
            Failure::stack(format!("after its job was deleted: {}", failure.message))
        })?;
        for (flow, before) in kept {
            let now = flow.outputs().await?;
            if let Some(lost) = before.iter().find(|path| !now.contains(path)) {
                return Err(Failure::stack(format!(
                    "{lost} is an output of job {}, but was deleted with job {name}, whose artifacts \
                     that had used",
                    flow.name
                )));
            }
        }
        Ok(())
    }

    /// What it means that the `job` that had ended is shown otherwise `now`.
    async fn changed_after_the_end(&self, job: &Job, now: &Job) -> Failure {
        let (id, was) = (job.id, &job.status);
        let shown = format!(
            "job {id} ({}) was {was}, but is {} now",
            job.job_name, now.status
        );
        // An answer from before the end has no such date.
        let is_later = now.date_finished.is_some();
        if !is_later {
            let is_right = |again: &Job| again.status == *was;
            if let Some(stale) = self.api.explain_stale_job(id, is_right).await {
                return Failure::stack(format!("{shown}: the answer {}", stale.told("database")));
            }
        }
        let date = |job: &Job| job.date_finished.clone().unwrap_or_else(|| "null".into());
        let what = match now.runtime_details.as_deref() {
            _ if now.status != FAILED && now.date_finished == job.date_finished => {
                "a report of its worker has come late, or it has been taken again".into()
            }
            _ if now.status != FAILED => "a worker has taken it again".into(),
            Some(details) if !details.is_empty() => {
                format!(
                    "its worker reported an error after the end: {}",
                    http::shown(details)
                )
            }
            _ => "its worker reported an error after the end".into(),
        };
        Failure::stack(format!(
            "{shown} (date_finished {}, then {}): {what} (UserAPI, the WorkerAPI and the workers)",
            date(job),
            date(now)
        ))
    }

    /// Checks that all inputs and outputs are gone.
    pub(super) async fn check_deleted(&self, uploads: &[Upload]) -> Result<(), Failure> {
        let inputs = uploads.iter().map(|upload| upload.directory.clone());
        let mut directories: Vec<_> = inputs.collect();
        directories.dedup();
        directories.extend(PathsOut::of(self.name).directories());
        for directory in directories {
            self.check_gone(&directory, "after it was deleted").await?;
        }
        Ok(())
    }

    pub(super) async fn check_gone(
        &self,
        directory: &str,
        circumstance: &str,
    ) -> Result<(), Failure> {
        match self.api.list(directory, Endpoint::ListTree).await? {
            None => Ok(()),
            Some(listing) => Err(Failure::stack(format!(
                "listing {directory} should answer 404 {circumstance}, but shows {}",
                paths(&listing)
            ))),
        }
    }
}
