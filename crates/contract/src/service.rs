//! The services that pages call.

use std::fmt;

use serde::Serialize;

/// A service that pages call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Service {
    /// The UserAPI.
    UserApi,
    /// Cognito.
    Cognito,
    /// S3.
    S3,
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UserApi => "UserAPI",
            Self::Cognito => "Cognito",
            Self::S3 => "S3",
        })
    }
}
