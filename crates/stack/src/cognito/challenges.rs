//! The sign-ins that wait for the response to a challenge.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, params};
use serde_json::{Value, json};

use super::account::Account;
use crate::{database::Database, random::alphanumeric};

const SCHEMA: &str = "CREATE TABLE IF NOT EXISTS cognito_challenges (
    session TEXT    NOT NULL PRIMARY KEY,
    sub     TEXT    NOT NULL,
    expires INTEGER NOT NULL -- seconds since 1970
);";

/// The one challenge that this pool knows: its user must choose a password.
pub(super) const NEW_PASSWORD_REQUIRED: &str = "NEW_PASSWORD_REQUIRED";

/// How long a challenge can be responded to: AWS's default, `AuthSessionValidity`.
const LIFETIME: Duration = Duration::from_secs(3 * 60);

/// The challenges without a response yet.
#[derive(Debug)]
pub(super) struct Challenges {
    database: Database,
}

impl Challenges {
    pub(super) fn open(database: Database) -> rusqlite::Result<Self> {
        database.lock().execute_batch(SCHEMA)?;
        Ok(Self { database })
    }

    /// The answer to a sign-in with a temporary password.
    pub(super) fn begin(&self, account: &Account) -> rusqlite::Result<Value> {
        let session = alphanumeric(400);
        let lifetime = i64::try_from(LIFETIME.as_secs()).unwrap_or(i64::MAX);
        self.database.lock().execute(
            "INSERT INTO cognito_challenges VALUES (?1, ?2, ?3)",
            params![
                session,
                account.sub,
                Timestamp::now().as_second() + lifetime
            ],
        )?;
        // A JSON text inside of JSON, as AWS has it.
        let attributes = json!({"email": account.email, "email_verified": "true"}).to_string();
        Ok(json!({
            "ChallengeName": NEW_PASSWORD_REQUIRED,
            "ChallengeParameters": {
                "USER_ID_FOR_SRP": account.sub,
                "requiredAttributes": "[]",
                "userAttributes": attributes,
            },
            "Session": session,
        }))
    }

    /// The user and the expiry of a challenge.
    pub(super) fn find(&self, session: &str) -> rusqlite::Result<Option<(String, i64)>> {
        self.database
            .lock()
            .query_row(
                "SELECT sub, expires FROM cognito_challenges WHERE session = ?1",
                [session],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .optional()
    }

    /// Ends a challenge. `false` if it has ended already.
    pub(super) fn end(&self, session: &str) -> rusqlite::Result<bool> {
        let ended = self.database.lock().execute(
            "DELETE FROM cognito_challenges WHERE session = ?1",
            [session],
        )?;
        Ok(ended == 1)
    }
}
