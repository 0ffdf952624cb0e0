//! Sessions: one begins with a password, is prolonged by its refresh token, and
//! ends when that expires or is revoked.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Row, named_params};
use uuid::Uuid;

use crate::{database::Database, random::alphanumeric};

const SCHEMA: &str = "CREATE TABLE IF NOT EXISTS cognito_sessions (
    refresh_token TEXT    NOT NULL PRIMARY KEY,
    origin_jti    TEXT    NOT NULL UNIQUE,
    sub           TEXT    NOT NULL,
    auth_time     INTEGER NOT NULL, -- seconds since 1970
    expires       INTEGER NOT NULL, -- likewise
    revoked       INTEGER NOT NULL DEFAULT 0
);";

/// All sessions.
#[derive(Debug)]
pub(super) struct Sessions {
    database: Database,
}

/// One session.
pub(super) struct Session {
    pub(super) refresh_token: String,
    /// Names the session in each of its tokens.
    pub(super) origin_jti: String,
    pub(super) sub: String,
    /// When the password was given, in seconds since 1970.
    pub(super) auth_time: i64,
    /// When the refresh token expires, in seconds since 1970.
    pub(super) expires: i64,
    pub(super) revoked: bool,
}

impl Sessions {
    pub(super) fn open(database: Database) -> rusqlite::Result<Self> {
        database.lock().execute_batch(SCHEMA)?;
        Ok(Self { database })
    }

    /// Begins a session whose refresh token is valid for `lifetime`.
    pub(super) fn begin(&self, sub: &str, lifetime: Duration) -> rusqlite::Result<Session> {
        let auth_time = Timestamp::now().as_second();
        let lifetime = i64::try_from(lifetime.as_secs()).unwrap_or(i64::MAX);
        let session = Session {
            refresh_token: alphanumeric(128),
            origin_jti: Uuid::new_v4().to_string(),
            sub: sub.to_owned(),
            auth_time,
            expires: auth_time.saturating_add(lifetime),
            revoked: false,
        };
        self.database.lock().execute(
            "INSERT INTO cognito_sessions (refresh_token, origin_jti, sub, auth_time, expires)
             VALUES (:refresh_token, :origin_jti, :sub, :auth_time, :expires)",
            named_params! {
                ":refresh_token": session.refresh_token,
                ":origin_jti": session.origin_jti,
                ":sub": session.sub,
                ":auth_time": session.auth_time,
                ":expires": session.expires,
            },
        )?;
        Ok(session)
    }

    /// The session of a refresh token.
    pub(super) fn by_refresh_token(&self, token: &str) -> rusqlite::Result<Option<Session>> {
        self.find(
            "SELECT * FROM cognito_sessions WHERE refresh_token = ?1",
            token,
        )
    }

    /// The session that an access token belongs to.
    pub(super) fn by_origin_jti(&self, jti: &str) -> rusqlite::Result<Option<Session>> {
        self.find("SELECT * FROM cognito_sessions WHERE origin_jti = ?1", jti)
    }

    /// Ends the session of a refresh token.
    pub(super) fn revoke(&self, refresh_token: &str) -> rusqlite::Result<()> {
        self.end(
            "UPDATE cognito_sessions SET revoked = 1 WHERE refresh_token = ?1",
            refresh_token,
        )
    }

    /// Ends all sessions of a user.
    pub(super) fn revoke_all(&self, sub: &str) -> rusqlite::Result<()> {
        self.end(
            "UPDATE cognito_sessions SET revoked = 1 WHERE sub = ?1",
            sub,
        )
    }

    fn find(&self, query: &str, value: &str) -> rusqlite::Result<Option<Session>> {
        self.database
            .lock()
            .query_row(query, [value], from_row)
            .optional()
    }

    fn end(&self, update: &str, value: &str) -> rusqlite::Result<()> {
        self.database.lock().execute(update, [value]).map(drop)
    }
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Session> {
    Ok(Session {
        refresh_token: row.get("refresh_token")?,
        origin_jti: row.get("origin_jti")?,
        sub: row.get("sub")?,
        auth_time: row.get("auth_time")?,
        expires: row.get("expires")?,
        revoked: row.get("revoked")?,
    })
}
