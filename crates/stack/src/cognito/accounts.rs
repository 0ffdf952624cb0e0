//! The pool's ids and its accounts, which are made once for a database.

use std::fmt;

use anyhow::Context as _;
use rusqlite::{Connection, OptionalExtension as _};
use serde::Serialize;
use uuid::Uuid;

use crate::{database::Database, random::alphanumeric};

/// The ids that a client needs to sign in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ids {
    /// The user pool, `<region>_` and nine characters.
    #[serde(rename = "user_pool_id")]
    pub user_pool: String,
    /// The pool's public client.
    #[serde(rename = "client_id")]
    pub client: String,
    /// The AWS region.
    pub region: String,
}

impl Ids {
    /// The `iss` of every token.
    #[must_use]
    pub fn issuer(&self) -> String {
        format!(
            "https://cognito-idp.{}.amazonaws.com/{}",
            self.region, self.user_pool
        )
    }
}

/// An account that can sign in.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// The address to sign in with.
    pub email: String,
    /// Made at random for each database.
    pub password: String,
    /// The groups, in the order they have in a token.
    pub groups: Vec<String>,
    /// The user's id, which is their user name as well.
    pub sub: String,
}

/// The accounts of every pool: one for each case that a service distinguishes.
const ACCOUNTS: [(&str, &[&str]); 5] = [
    ("user@opencloud.test", &["users", "workers"]),
    ("second@opencloud.test", &["users"]),
    ("worker@opencloud.test", &["workers"]),
    ("nogroup@opencloud.test", &[]),
    ("scratch@opencloud.test", &["users"]),
];

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS cognito_pool (
    user_pool TEXT NOT NULL,
    client    TEXT NOT NULL,
    region    TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS cognito_accounts (
    email    TEXT NOT NULL PRIMARY KEY,
    password TEXT NOT NULL,
    groups   TEXT NOT NULL, -- a JSON array
    sub      TEXT NOT NULL UNIQUE
);";

/// Reads ids and accounts, or makes them.
pub(super) fn open(database: &Database, region: &str) -> anyhow::Result<(Ids, Vec<Account>)> {
    let mut connection = database.lock();
    connection.execute_batch(SCHEMA)?;
    let kept = connection
        .query_row(
            "SELECT user_pool, client, region FROM cognito_pool",
            [],
            |row| {
                Ok(Ids {
                    user_pool: row.get(0)?,
                    client: row.get(1)?,
                    region: row.get(2)?,
                })
            },
        )
        .optional()?;
    if let Some(ids) = kept {
        return Ok((ids, read(&connection)?));
    }
    let ids = Ids {
        user_pool: format!("{region}_{}", alphanumeric(9)),
        client: alphanumeric(26).to_ascii_lowercase(),
        region: region.to_owned(),
    };
    let accounts: Vec<Account> = ACCOUNTS.into_iter().map(Account::new).collect();
    // All or nothing: a pool that lacks accounts would be taken for a whole one.
    let transaction = connection.transaction()?;
    transaction.execute(
        "INSERT INTO cognito_pool VALUES (?1, ?2, ?3)",
        [&ids.user_pool, &ids.client, &ids.region],
    )?;
    for account in &accounts {
        let groups = serde_json::to_string(&account.groups)?;
        transaction.execute(
            "INSERT INTO cognito_accounts VALUES (?1, ?2, ?3, ?4)",
            [&account.email, &account.password, &groups, &account.sub],
        )?;
    }
    transaction.commit()?;
    Ok((ids, accounts))
}

fn read(connection: &Connection) -> anyhow::Result<Vec<Account>> {
    let mut statement = connection
        .prepare("SELECT email, password, groups, sub FROM cognito_accounts ORDER BY rowid")?;
    let rows = statement.query_map([], |row| {
        Ok((
            row.get(0)?,
            row.get(1)?,
            row.get::<_, String>(2)?,
            row.get(3)?,
        ))
    })?;
    rows.map(|row| {
        let (email, password, groups, sub) = row?;
        Ok(Account {
            email,
            password,
            groups: serde_json::from_str(&groups).context("read an account's groups")?,
            sub,
        })
    })
    .collect()
}

impl Account {
    fn new((email, groups): (&str, &[&str])) -> Self {
        Self {
            email: email.to_owned(),
            // It has all four kinds of character that Cognito's default policy requires, and none
            // that is special in a shell or an `.env` file.
            password: format!("{}-Aa1", alphanumeric(20)),
            groups: groups.iter().map(|&group| group.to_owned()).collect(),
            sub: Uuid::new_v4().to_string(),
        }
    }

    /// Whether one signs in to this account by `name`: its address, in any case, or its id.
    pub(super) fn answers_to(&self, name: &str) -> bool {
        self.email.eq_ignore_ascii_case(name) || self.sub == name
    }
}

// By hand: the password stays out of logs.
impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account")
            .field("email", &self.email)
            .field("groups", &self.groups)
            .field("sub", &self.sub)
            .finish_non_exhaustive()
    }
}
