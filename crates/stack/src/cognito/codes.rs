//! One-time codes, by which a user shows that a message has reached them.

use std::time::Duration;

use jiff::Timestamp;
use rand::Rng as _;
use rusqlite::{OptionalExtension as _, params};

use super::error::CognitoError;
use crate::{
    database::Database,
    faults::{Fault, Faults},
};

const SCHEMA: &str = "CREATE TABLE IF NOT EXISTS cognito_codes (
    sub     TEXT    NOT NULL,
    purpose TEXT    NOT NULL,
    code    TEXT    NOT NULL,
    expires INTEGER NOT NULL, -- milliseconds since 1970
    PRIMARY KEY (sub, purpose)
);";

/// What a code is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To confirm the address of a new account.
    Confirmation,
    /// To choose another password.
    PasswordReset,
}

impl Purpose {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Confirmation => "confirmation",
            Self::PasswordReset => "password-reset",
        }
    }

    /// How long a code is valid (Amazon Cognito developer guide, "Quotas", "Token and code validity").
    fn lifetime(self) -> Duration {
        match self {
            Self::Confirmation => Duration::from_secs(24 * 3600),
            Self::PasswordReset => Duration::from_secs(3600),
        }
    }
}

/// The codes that were sent and not used yet.
#[derive(Debug)]
pub(super) struct Codes {
    database: Database,
    faults: Faults,
}

impl Codes {
    pub(super) fn open(database: Database, faults: Faults) -> rusqlite::Result<Self> {
        database.lock().execute_batch(SCHEMA)?;
        Ok(Self { database, faults })
    }

    /// A new code, which takes the place of an earlier one.
    pub(super) fn issue(&self, sub: &str, purpose: Purpose) -> rusqlite::Result<String> {
        let code = format!("{:06}", rand::rng().random_range(0..1_000_000));
        let lifetime = i64::try_from(purpose.lifetime().as_millis()).unwrap_or(i64::MAX);
        self.database.lock().execute(
            "REPLACE INTO cognito_codes VALUES (?1, ?2, ?3, ?4)",
            params![
                sub,
                purpose.name(),
                code,
                Timestamp::now().as_millisecond().saturating_add(lifetime)
            ],
        )?;
        Ok(code)
    }

    /// Accepts a code once.
    pub(super) fn redeem(
        &self,
        sub: &str,
        purpose: Purpose,
        code: &str,
    ) -> Result<(), CognitoError> {
        // Held to the end, so that of two requests with the same code only one succeeds.
        let connection = self.database.lock();
        let sent: Option<(String, i64)> = connection
            .query_row(
                "SELECT code, expires FROM cognito_codes WHERE sub = ?1 AND purpose = ?2",
                [sub, purpose.name()],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .optional()?;
        if self.faults.has(Fault::CodesNotChecked) {
            return Ok(());
        }
        let (sent, expires) = sent.ok_or_else(CognitoError::expired_code)?;
        if sent != code {
            return Err(CognitoError::code_mismatch());
        }
        let is_over = expires <= Timestamp::now().as_millisecond();
        if is_over && !self.faults.has(Fault::AcceptsExpiredCode) {
            return Err(CognitoError::expired_code());
        }
        if !self.faults.has(Fault::CodeWorksTwice) {
            connection.execute(
                "DELETE FROM cognito_codes WHERE sub = ?1 AND purpose = ?2",
                [sub, purpose.name()],
            )?;
        }
        Ok(())
    }

    /// Lets the codes of an account expire now.
    pub(super) fn expire(&self, sub: &str) -> rusqlite::Result<()> {
        self.database
            .lock()
            .execute("UPDATE cognito_codes SET expires = 0 WHERE sub = ?1", [sub])
            .map(drop)
    }
}
