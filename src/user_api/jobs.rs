//! Jobs of the user.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    client::{CallError, UserApi},
    endpoint::Endpoint,
};
use crate::{
    http::{Answer, Request},
    job::Job,
};

/// A job to be created.
#[derive(Clone, Debug, Serialize)]
pub struct NewJob {
    /// A name that the user has not given to another job.
    pub job_name: String,
    /// Which workers may take it: `local` or `cloud`.
    pub environment: &'static str,
    /// From 0 to 5; workers take jobs of a higher priority first.
    pub priority: u8,
    /// The application that it runs.
    pub application: ApplicationId,
    /// Its inputs and environment variables.
    pub attributes: Attributes,
    /// The hardware that a worker must have.
    pub hardware: Hardware,
}

/// The application that a job runs.
#[derive(Clone, Debug, Serialize)]
pub struct ApplicationId {
    /// The application's name.
    pub application: String,
    /// Its version.
    pub version: String,
    /// Its entry point.
    pub entrypoint: String,
}

/// A job's inputs and environment variables.
#[derive(Clone, Debug, Serialize)]
pub struct Attributes {
    /// The directories with its inputs.
    pub files_down: FilesDown,
    /// Environment variables for its container. The application's configuration lists the permitted
    /// ones.
    pub env_vars: BTreeMap<String, String>,
}

/// The directories with a job's inputs, named without `config/`, `data/` or `artifact/`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct FilesDown {
    /// Below `config/`.
    pub config_id: String,
    /// Below `data/`.
    pub data_ids: Vec<String>,
    /// Below `artifact/`.
    pub artifact_ids: Vec<String>,
}

/// The hardware that a worker must have; `None` matches any.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Hardware {
    /// Processor cores.
    pub cpu_cores: Option<u32>,
    /// Memory in megabytes.
    pub memory: Option<u32>,
    /// The GPU's model.
    pub gpu_model: Option<String>,
    /// The GPU's architecture.
    pub gpu_archi: Option<String>,
    /// The GPU's memory in megabytes.
    pub gpu_mem: Option<u32>,
}

impl Hardware {
    /// Hardware that no worker has: a job that asks for it stays queued.
    #[must_use]
    pub fn of_no_worker() -> Self {
        Self {
            memory: Some(1_000_000_000),
            ..Self::default()
        }
    }
}

impl UserApi {
    /// The request that creates a job from a [`NewJob`], or from any other JSON.
    #[must_use]
    pub fn create_job_request(&self, job: &impl Serialize) -> Request {
        self.request(Endpoint::CreateJob, &[]).json(job)
    }

    /// Creates a job. Never creates two: if the answer is lost, looks for a job of that name.
    pub async fn create_job(&self, job: &NewJob) -> Result<Job, CallError> {
        let request = self.create_job_request(job);
        let created = async || self.job_named(&job.job_name).await;
        self.call_once("create a job", &request, &[201], 409, Answer::json, created)
            .await
    }

    /// All jobs of the user, the newest first.
    pub async fn jobs(&self) -> Result<Vec<Job>, CallError> {
        // Only the jobs of one page are sorted by age: the recorded UserAPI cuts the list into pages by
        // the jobs' names. So this asks for a single page.
        let request = self.request(Endpoint::Jobs, &["0", "1000000"]);
        Ok(self.call(request, &[200]).await?.json().await?)
    }

    /// The user's job of that name.
    pub async fn job_named(&self, name: &str) -> Result<Option<Job>, CallError> {
        let jobs = self.jobs().await?;
        Ok(jobs.into_iter().find(|job| job.job_name == name))
    }

    /// The job, or `None` if this user has no such job.
    pub async fn job(&self, id: i64) -> Result<Option<Job>, CallError> {
        let request = self.request(Endpoint::Job, &[&id.to_string()]);
        let answer = self.call(request, &[200, 404]).await?;
        if answer.status() == 404 {
            return Ok(None);
        }
        Ok(Some(answer.json().await?))
    }

    /// Deletes the user's job of that name and its outputs. Returns whether there was one. Asks for its
    /// current id, because the id that it was created with may belong to another job.
    pub async fn delete_job(&self, name: &str) -> Result<bool, CallError> {
        let Some(job) = self.job_named(name).await? else {
            return Ok(false);
        };
        let request = self.request(Endpoint::DeleteJob, &[&job.id.to_string()]);
        let gone = async || Ok(self.job_named(name).await?.is_none().then_some(()));
        let read = async |_| Ok(());
        self.call_once("delete a job", &request, &[204], 404, read, gone)
            .await?;
        Ok(true)
    }
}
