//! The ids of the pool and its client, which are made once for a database.

use rusqlite::{Connection, OptionalExtension as _};
use serde::Serialize;

use crate::random::alphanumeric;

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

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS cognito_pool (
    user_pool TEXT NOT NULL,
    client    TEXT NOT NULL,
    region    TEXT NOT NULL
);";

impl Ids {
    /// The ids that the database holds.
    pub(super) fn read(connection: &Connection) -> rusqlite::Result<Option<Self>> {
        connection.execute_batch(SCHEMA)?;
        connection
            .query_row(
                "SELECT user_pool, client, region FROM cognito_pool",
                [],
                |row| {
                    Ok(Self {
                        user_pool: row.get(0)?,
                        client: row.get(1)?,
                        region: row.get(2)?,
                    })
                },
            )
            .optional()
    }

    /// New ids, which the database keeps.
    pub(super) fn create(connection: &Connection, region: &str) -> rusqlite::Result<Self> {
        let ids = Self {
            user_pool: format!("{region}_{}", alphanumeric(9)),
            client: alphanumeric(26).to_ascii_lowercase(),
            region: region.to_owned(),
        };
        connection.execute(
            "INSERT INTO cognito_pool VALUES (?1, ?2, ?3)",
            [&ids.user_pool, &ids.client, &ids.region],
        )?;
        Ok(ids)
    }
}
