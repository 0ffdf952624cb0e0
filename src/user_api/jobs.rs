//! Jobs of the user.

use std::collections::BTreeMap;

use opencloud_model::{cause::Service, settings::Worker};
use serde::Serialize;

use super::{CallError, UserApi};
use crate::{
    http::{Answer, Method, Request},
    job::Job,
};

/// A job to be created.
#[derive(Clone, Debug, Serialize)]
pub struct NewJob {
    /// A name that the user has not given to another job.
    pub job_name: String,
    /// Which workers may take it.
    pub environment: WorkerEnvironment,
    /// From 0 to 5, the higher the sooner.
    pub priority: u8,
    /// What it runs.
    pub application: ApplicationId,
    /// What it runs on.
    pub attributes: Attributes,
    /// What a worker must have.
    pub hardware: Hardware,
}

/// Which workers may take a job.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum WorkerEnvironment {
    /// Those that users run.
    Local,
    /// Those in the cloud.
    Cloud,
}

impl WorkerEnvironment {
    /// The name in the UserAPI's jobs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Cloud => "cloud",
        }
    }
}

impl From<Worker> for WorkerEnvironment {
    fn from(worker: Worker) -> Self {
        match worker {
            Worker::Local => Self::Local,
            Worker::Cloud => Self::Cloud,
        }
    }
}

/// What a job runs.
#[derive(Clone, Debug, Serialize)]
pub struct ApplicationId {
    /// The application's name.
    pub application: String,
    /// Its version.
    pub version: String,
    /// Its entry point.
    pub entrypoint: String,
}

/// What a job runs on.
#[derive(Clone, Debug, Serialize)]
pub struct Attributes {
    /// The directories with its inputs.
    pub files_down: FilesDown,
    /// Environment variables for its container; the application's configuration lists those that
    /// may be set.
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

/// What a worker must have; `None` matches any.
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
    /// What no worker has: a job that asks for it stays queued.
    #[must_use]
    pub fn of_no_worker() -> Self {
        Self {
            memory: Some(1_000_000_000),
            ..Self::default()
        }
    }
}

impl UserApi {
    /// The request for the applications that a job can run.
    #[must_use]
    pub fn applications_request(&self) -> Request {
        Request::get(
            Service::UserApi,
            "list the applications",
            self.url("/jobs/applications"),
        )
    }

    /// The request that creates a job, from a [`NewJob`] or anything that is sent in its place.
    #[must_use]
    pub fn create_job_request(&self, job: &impl Serialize) -> Request {
        Request::post(Service::UserApi, "create the job", self.url("/jobs")).json(job)
    }

    /// Creates a job; never twice, though the answer may get lost: a name can be taken only once.
    pub async fn create_job(&self, job: &NewJob) -> Result<Job, CallError> {
        let request = self.create_job_request(job);
        let mine = async || self.job_named(&job.job_name).await;
        self.once(CREATE, &request, &[201], 409, Answer::json, mine)
            .await
    }

    /// The request for a page of the user's jobs.
    #[must_use]
    pub fn list_jobs_request(&self, offset: u32, limit: u32) -> Request {
        let url = self.url(&format!("/jobs?offset={offset}&limit={limit}"));
        Request::get(Service::UserApi, "list jobs", url)
    }

    /// All jobs of the user, the newest first.
    pub async fn jobs(&self) -> Result<Vec<Job>, CallError> {
        // The first page holds the oldest jobs, so ask for all of them at once.
        let request = self.list_jobs_request(0, 1_000_000);
        Ok(self.call(request, &[200]).await?.json().await?)
    }

    /// The user's job of that name.
    pub async fn job_named(&self, name: &str) -> Result<Option<Job>, CallError> {
        let jobs = self.jobs().await?;
        Ok(jobs.into_iter().find(|job| job.job_name == name))
    }

    /// The request for a job.
    #[must_use]
    pub fn job_request(&self, id: i64) -> Request {
        Request::get(
            Service::UserApi,
            format!("get job {id}"),
            self.url(&format!("/jobs/{id}")),
        )
    }

    /// The job, or `None` where there is no such job of this user.
    pub async fn job(&self, id: i64) -> Result<Option<Job>, CallError> {
        let answer = self.call(self.job_request(id), &[200, 404]).await?;
        if answer.status() == 404 {
            return Ok(None);
        }
        Ok(Some(answer.json().await?))
    }

    /// The request that deletes a job and its outputs. Ids are used again, so it must not be sent
    /// twice without a look at whose job that is by then.
    #[must_use]
    pub fn delete_job_request(&self, id: i64) -> Request {
        let url = self.url(&format!("/jobs/{id}"));
        Request::new(
            Service::UserApi,
            Method::DELETE,
            format!("delete job {id}"),
            url,
        )
        .sent_once()
    }

    /// Deletes the user's job of that name and its outputs; whether there was one. Its id is asked
    /// for anew: the one that it was created with may be another job's by now.
    pub async fn delete_job(&self, name: &str) -> Result<bool, CallError> {
        let Some(job) = self.job_named(name).await? else {
            return Ok(false);
        };
        let request = self.delete_job_request(job.id);
        let gone = async || Ok(self.job_named(name).await?.is_none().then_some(()));
        let read = async |_| Ok(());
        self.once(DELETE, &request, &[204], 404, read, gone).await?;
        Ok(true)
    }
}

const CREATE: &str = "create a job";
const DELETE: &str = "delete a job";
