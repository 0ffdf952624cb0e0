//! An account of the pool.

use std::fmt;

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::random::alphanumeric;

/// An account.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// The address to sign in with.
    pub email: String,
    /// Stored as it is, so that the stack can print those of its own accounts.
    pub password: String,
    /// The groups, in the order they have in a token.
    pub groups: Vec<String>,
    /// The user's id, which is their user name as well.
    pub sub: String,
    /// Whether the user may sign in.
    pub status: Status,
    /// The attributes that the user gave at registration, besides the address.
    pub attributes: Vec<Attribute>,
}

/// The state of an account (Amazon Cognito API reference, `UserType`, `UserStatus`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Registered; the address is not confirmed.
    Unconfirmed,
    /// The user may sign in.
    Confirmed,
    /// Made by an administrator; the user must choose a password.
    ForceChangePassword,
}

/// An attribute of a user, as requests and answers have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Attribute {
    /// Its name, such as `custom:request_details`.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// The accounts of every new pool: one for each case that a service distinguishes.
const MADE_UP: [(&str, &[&str]); 5] = [
    ("user@opencloud.test", &["users", "workers"]),
    ("second@opencloud.test", &["users"]),
    ("worker@opencloud.test", &["workers"]),
    ("nogroup@opencloud.test", &[]),
    ("scratch@opencloud.test", &["users"]),
];

impl Account {
    /// The accounts of a new pool.
    pub(super) fn made_up() -> impl Iterator<Item = Self> {
        MADE_UP.into_iter().map(|(email, groups)| Self {
            groups: groups.iter().map(|&group| group.to_owned()).collect(),
            ..Self::new(email, &random_password(), Status::Confirmed)
        })
    }

    /// A new account, which is in no group.
    pub(super) fn new(email: &str, password: &str, status: Status) -> Self {
        Self {
            email: email.to_owned(),
            password: password.to_owned(),
            groups: Vec::new(),
            sub: Uuid::new_v4().to_string(),
            status,
            attributes: Vec::new(),
        }
    }

    /// All attributes, as `GetUser` shows them.
    pub(super) fn shown_attributes(&self) -> Vec<Attribute> {
        let verified = self.status != Status::Unconfirmed;
        let fixed = [
            ("email", self.email.as_str()),
            ("email_verified", if verified { "true" } else { "false" }),
            ("sub", &self.sub),
        ];
        let fixed = fixed.map(|(name, value)| Attribute {
            name: name.to_owned(),
            value: value.to_owned(),
        });
        fixed
            .into_iter()
            .chain(self.attributes.iter().cloned())
            .collect()
    }
}

/// A password with all four kinds of character that the policy requires, and none that is special in
/// a shell or an `.env` file.
pub(super) fn random_password() -> String {
    format!("{}-Aa1", alphanumeric(20))
}

// By hand: the password stays out of logs.
impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account")
            .field("email", &self.email)
            .field("groups", &self.groups)
            .field("sub", &self.sub)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

impl Status {
    const ALL: [Self; 3] = [
        Self::Unconfirmed,
        Self::Confirmed,
        Self::ForceChangePassword,
    ];

    /// The name in AWS's API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Unconfirmed => "UNCONFIRMED",
            Self::Confirmed => "CONFIRMED",
            Self::ForceChangePassword => "FORCE_CHANGE_PASSWORD",
        }
    }
}

impl ToSql for Status {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        self.name().to_sql()
    }
}

impl FromSql for Status {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let name = value.as_str()?;
        let found = Self::ALL.into_iter().find(|status| status.name() == name);
        found.ok_or(FromSqlError::InvalidType)
    }
}
