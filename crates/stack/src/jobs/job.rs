//! A job, as a user sees it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::status::JobStatus;

/// Which program a job runs.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[expect(clippy::struct_field_names, reason = "the names that the API has")]
pub(crate) struct Application {
    pub(crate) application: String,
    pub(crate) version: String,
    pub(crate) entrypoint: String,
}

/// A job's inputs and environment variables.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Attributes {
    pub(crate) files_down: FilesDown,
    pub(crate) env_vars: Option<Map<String, Value>>,
}

/// A job's inputs: names of files or directories below `config`, `data` and `artifact`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct FilesDown {
    pub(crate) config_id: Option<String>,
    pub(crate) data_ids: Vec<String>,
    pub(crate) artifact_ids: Vec<String>,
}

impl FilesDown {
    /// The inputs' paths from the user's root.
    pub(crate) fn paths(&self) -> Vec<String> {
        // The real service asks for `config/None` if there is no id.
        let config = self.config_id.as_deref().unwrap_or("None");
        let data = self.data_ids.iter().map(|id| format!("data/{id}"));
        let artifacts = self.artifact_ids.iter().map(|id| format!("artifact/{id}"));
        let config = std::iter::once(format!("config/{config}"));
        config.chain(data).chain(artifacts).collect()
    }
}

/// The machine that a job asks for.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Hardware {
    pub(crate) cpu_cores: Option<i64>,
    /// In megabytes.
    pub(crate) memory: Option<i64>,
    pub(crate) gpu_model: Option<String>,
    pub(crate) gpu_archi: Option<String>,
    /// In megabytes.
    pub(crate) gpu_mem: Option<i64>,
}

/// A job that is not in the queue yet.
#[derive(Clone, Debug)]
pub(crate) struct NewJob {
    pub(crate) job_name: String,
    /// `local`, `cloud`, or any.
    pub(crate) environment: Option<String>,
    /// 0 to 5; higher ones go first.
    pub(crate) priority: i64,
    pub(crate) application: Application,
    pub(crate) attributes: Attributes,
    pub(crate) hardware: Hardware,
    pub(crate) user_id: String,
    pub(crate) user_email: Option<String>,
}

/// Identifies a job. Its id is not enough, because another job may get it later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct JobKey {
    pub(crate) id: i64,
    /// In microseconds since 1970.
    pub(super) created: i64,
}

/// A job in the queue or past it.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) id: i64,
    pub(crate) date_created: Timestamp,
    pub(crate) date_started: Option<Timestamp>,
    pub(crate) date_finished: Option<Timestamp>,
    pub(crate) status: JobStatus,
    pub(crate) runtime_details: Option<String>,
    /// As it was posted.
    pub(crate) posted: NewJob,
}

impl Job {
    pub(crate) fn key(&self) -> JobKey {
        JobKey {
            id: self.id,
            created: self.date_created.as_microsecond(),
        }
    }

    /// Where its outputs go, from the user's root; `kind` is `output`, `log` or `artifact`.
    pub(crate) fn path_out(&self, kind: &str) -> String {
        format!("{kind}/{}", self.posted.job_name)
    }

    pub(crate) fn to_json(&self) -> Value {
        let job = &self.posted;
        json!({
            "id": self.id,
            "date_created": naive(self.date_created),
            "date_started": self.date_started.map(naive),
            "date_finished": self.date_finished.map(naive),
            "status": self.status.name(),
            "runtime_details": self.runtime_details,
            "paths_out": {
                "output": self.path_out("output"),
                "log": self.path_out("log"),
                "artifact": self.path_out("artifact"),
            },
            "job_name": job.job_name,
            "environment": job.environment,
            "priority": job.priority,
            "application": job.application,
            "attributes": job.attributes,
            "hardware": job.hardware,
            "user_id": job.user_id,
            "user_email": job.user_email,
        })
    }
}

/// UTC without saying so, to the microsecond; the fraction is left out if it is zero.
fn naive(time: Timestamp) -> String {
    let seconds = time.strftime("%Y-%m-%dT%H:%M:%S");
    match time.subsec_microsecond() {
        0 => seconds.to_string(),
        fraction => format!("{seconds}.{fraction:06}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_naive_with_microseconds() {
        let time: Timestamp = "2026-11-23T06:56:18.033873Z".parse().unwrap();
        assert_eq!(naive(time), "2026-11-23T06:56:18.033873");
        let whole: Timestamp = "2026-11-23T06:56:18Z".parse().unwrap();
        assert_eq!(naive(whole), "2026-11-23T06:56:18");
    }
}
