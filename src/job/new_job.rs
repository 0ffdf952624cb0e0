//! A job as a page asks for it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::numbers::whole_or_null;

/// A job to be created.
#[derive(Clone, Debug, Serialize)]
pub struct NewJob {
    /// A name that the user has not given to another job.
    pub job_name: String,
    /// Which workers may take it: `local` or `cloud`, or `None` for any.
    pub environment: Option<&'static str>,
    /// From 0 to 5; workers take jobs of a higher priority first. `None` stands for 0.
    pub priority: Option<u8>,
    /// The application that it runs.
    pub application: ApplicationId,
    /// Its inputs and environment variables.
    pub attributes: Attributes,
    /// The hardware that a worker must have.
    pub hardware: Hardware,
}

/// The application that a job runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplicationId {
    /// The application's name.
    pub application: String,
    /// Its version.
    pub version: String,
    /// Its entry point.
    pub entrypoint: String,
}

/// A job's inputs and environment variables.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attributes {
    /// The directories with its inputs.
    pub files_down: FilesDown,
    /// Environment variables for its container. The application's configuration lists the permitted
    /// ones.
    pub env_vars: Option<BTreeMap<String, String>>,
}

/// The directories with a job's inputs, named without `config/`, `data/` or `artifact/`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilesDown {
    /// Below `config/`.
    pub config_id: Option<String>,
    /// Below `data/`.
    pub data_ids: Vec<String>,
    /// Below `artifact/`.
    pub artifact_ids: Vec<String>,
}

/// The hardware that a worker must have; `None` matches any.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hardware {
    /// Processor cores.
    #[serde(default, deserialize_with = "whole_or_null")]
    pub cpu_cores: Option<i64>,
    /// Memory in megabytes.
    #[serde(default, deserialize_with = "whole_or_null")]
    pub memory: Option<i64>,
    /// The GPU's model.
    pub gpu_model: Option<String>,
    /// The GPU's architecture.
    pub gpu_archi: Option<String>,
    /// The GPU's memory in megabytes.
    #[serde(default, deserialize_with = "whole_or_null")]
    pub gpu_mem: Option<i64>,
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
