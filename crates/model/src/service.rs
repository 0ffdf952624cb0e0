//! The services that a page calls.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A service that the page calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Service {
    /// The server of the page itself.
    Page,
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
            Self::Page => "the page's own server",
            Self::UserApi => "UserAPI",
            Self::Cognito => "Cognito",
            Self::S3 => "S3",
        })
    }
}
