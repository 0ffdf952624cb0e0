//! The services of a deployment.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A service of a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Service {
    /// The UserAPI.
    UserApi,
    /// Cognito.
    Cognito,
    /// S3.
    S3,
    /// The WorkerAPI, which no page can ask.
    WorkerApi,
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UserApi => "UserAPI",
            Self::Cognito => "Cognito",
            Self::S3 => "S3",
            Self::WorkerApi => "WorkerAPI",
        })
    }
}
