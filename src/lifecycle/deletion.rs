//! The deletion of a job, its outputs and its inputs.

use opencloud_model::event::Failure;

use super::{flow::Flow, inputs::Upload};
use crate::{
    created::Created,
    job::{Job, PathsOut},
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
            let is_right = |now: &Job| now.status == job.status;
            if let Some(stale) = self.api.explain_stale_job(id, is_right).await {
                let how = stale.told("database");
                return Err(Failure::stack(format!(
                    "job {id} ({name}) was {}, but is {} now: the answer {how}",
                    job.status, now.status
                )));
            }
            return Err(Failure::stack(format!(
                "job {id} ({name}) was {}, but is {} now (date_finished {}, then {}): a worker may take it \
                 again (UserAPI, the WorkerAPI and the workers)",
                job.status,
                now.status,
                job.date_finished.as_deref().unwrap_or("null"),
                now.date_finished.as_deref().unwrap_or("null")
            )));
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
            return Err(Failure::stack(format!(
                "job {} was deleted but still exists ({})",
                job.id, job.status
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
