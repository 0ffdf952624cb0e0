//! What can be wrong with the settings.

use std::time::Duration;

use super::{choice::Environment, dotenv};
use crate::line::line;

/// What is wrong with the settings, which key, and what to do. Never holds a secret.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// The file is not a `.env` file.
    #[error(".env, {0}")]
    Syntax(#[from] dotenv::DotenvError),
    /// There is no `.env` and the environment cannot do without.
    #[error(
        "there is no .env file, and environment {environment} needs an account: copy .env.example \
         to .env and fill in {email} and {password}"
    )]
    NoFile {
        /// The environment asked for.
        environment: Environment,
        /// The key of its account's e-mail address.
        email: &'static str,
        /// The key of its account's password.
        password: &'static str,
    },
    /// A key is missing or its value is empty.
    #[error("{key} is missing or empty in .env: environment {environment} needs it")]
    Missing {
        /// The key.
        key: &'static str,
        /// The environment that needs it.
        environment: Environment,
    },
    /// A value is none of those that the key can have.
    #[error("{key}={} is unknown: it can be {expected}", line(value))]
    Unknown {
        /// The key.
        key: &'static str,
        /// The value given.
        value: String,
        /// Those it can have.
        expected: String,
    },
    /// The local stack has one worker, on this machine's processor.
    #[error(
        "environment local cannot be tested with {key}={value}: its one worker runs on this \
         machine, without a GPU; use dev or prod"
    )]
    LocalOnly {
        /// The key that asks for more.
        key: &'static str,
        /// What it asks for.
        value: &'static str,
    },
    /// One half of an account is given.
    #[error("{key} is missing or empty, but {other} is set: an account needs both")]
    HalfAccount {
        /// The key that is missing.
        key: &'static str,
        /// The one that is there.
        other: &'static str,
    },
    /// An address at which mail arrives is needed. Its value is not shown: it may be the password.
    #[error("{key} is not an e-mail address; are {key} and {password} in each other's place?")]
    NoEmail {
        /// The key.
        key: &'static str,
        /// That of the password that belongs to it.
        password: &'static str,
    },
    /// A token is not written as one. Its value is a secret.
    #[error(
        "{key} is not JSON Web Token: three parts of letters, digits, - and _, with dots between them"
    )]
    NoToken {
        /// The key.
        key: &'static str,
    },
    /// A service would be where the test page is.
    #[error(
        "{key} is at an origin at which the test page is served in place of the frontend {frontend} and its \
         look-alikes, so no browser would reach the service: correct {key} or FRONTEND_URL"
    )]
    TakenOrigin {
        /// The key of the service's address.
        key: &'static str,
        /// The frontend's origin.
        frontend: String,
    },
    /// Two accounts are one.
    #[error(
        "{key} is the account of {other}, and must be another: each has its own part, and all files of \
         SCRATCH_EMAIL are deleted"
    )]
    SameAccount {
        /// The key of the second one.
        key: &'static str,
        /// The key of the first one.
        other: &'static str,
    },
    /// A URL cannot be used.
    #[error("{key}={} is not an usable URL: {problem}", line(value))]
    BadUrl {
        /// The key.
        key: &'static str,
        /// The value given.
        value: String,
        /// What is wrong with it.
        problem: String,
    },
    /// An IP address cannot be read.
    #[error("{key}={} is not an IP address, such as 192.168.1.10", line(value))]
    BadAddress {
        /// The key.
        key: &'static str,
        /// The value given.
        value: String,
    },
    /// A size cannot be read.
    #[error(
        "{key}={} is not a size: write a whole number of megabytes from 2 to 5000",
        line(value)
    )]
    BadSize {
        /// The key.
        key: &'static str,
        /// The value given.
        value: String,
    },
    /// A time limit cannot be read.
    #[error(
        "{key}={} is not a duration: write it as 90s, 10m or 1h 30m, from {shortest:?} up to 7d",
        line(value)
    )]
    BadDuration {
        /// The key.
        key: &'static str,
        /// The value given.
        value: String,
        /// The shortest that it can be.
        shortest: Duration,
    },
}

impl SettingsError {
    /// The key whose value is wrong.
    #[must_use]
    pub fn key(&self) -> Option<&'static str> {
        match self {
            Self::Unknown { key, .. }
            | Self::LocalOnly { key, .. }
            | Self::HalfAccount { other: key, .. }
            | Self::NoEmail { key, .. }
            | Self::NoToken { key }
            | Self::TakenOrigin { key, .. }
            | Self::SameAccount { key, .. }
            | Self::BadUrl { key, .. }
            | Self::BadAddress { key, .. }
            | Self::BadSize { key, .. }
            | Self::BadDuration { key, .. } => Some(key),
            Self::Syntax(_) | Self::NoFile { .. } | Self::Missing { .. } => None,
        }
    }
}
