//! The messages that AWS would send by e-mail. They are kept here, and never sent.

use jiff::Timestamp;
use rusqlite::{Row, params};
use serde::Serialize;

use super::codes::Purpose;
use crate::database::Database;

const SCHEMA: &str = "CREATE TABLE IF NOT EXISTS cognito_messages (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    recipient TEXT    NOT NULL,
    purpose   TEXT    NOT NULL,
    code      TEXT,
    password  TEXT,
    sent      TEXT    NOT NULL
);";

/// How many messages are kept.
const KEPT: i64 = 1000;

/// A message. The names of its secret members are those that are known as secret wherever they occur.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Message {
    /// Later messages have higher ids.
    pub(crate) id: i64,
    pub(crate) to: String,
    /// `confirmation`, `password-reset` or `invitation`.
    pub(crate) purpose: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) confirmation_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) temporary_password: Option<String>,
    pub(crate) sent: String,
}

/// All messages.
#[derive(Debug)]
pub(super) struct Messages {
    database: Database,
}

impl Messages {
    pub(super) fn open(database: Database) -> rusqlite::Result<Self> {
        database.lock().execute_batch(SCHEMA)?;
        Ok(Self { database })
    }

    pub(super) fn send_code(&self, to: &str, purpose: Purpose, code: &str) -> rusqlite::Result<()> {
        self.send(to, purpose.name(), Some(code), None)
    }

    pub(super) fn send_invitation(&self, to: &str, password: &str) -> rusqlite::Result<()> {
        self.send(to, "invitation", None, Some(password))
    }

    /// The messages to this address, or to all, the latest last.
    pub(super) fn to(&self, address: Option<&str>) -> rusqlite::Result<Vec<Message>> {
        let connection = self.database.lock();
        let mut statement = connection.prepare(
            "SELECT * FROM cognito_messages
             WHERE ?1 IS NULL OR recipient = ?1 COLLATE NOCASE ORDER BY id",
        )?;
        let messages = statement.query_map([address], from_row)?;
        messages.collect()
    }

    fn send(
        &self,
        to: &str,
        purpose: &str,
        code: Option<&str>,
        password: Option<&str>,
    ) -> rusqlite::Result<()> {
        let connection = self.database.lock();
        connection.execute(
            "INSERT INTO cognito_messages (recipient, purpose, code, password, sent)
             VALUES (?1, ?2, ?3, ?4, ?5)",
            params![to, purpose, code, password, Timestamp::now().to_string()],
        )?;
        let oldest = connection.last_insert_rowid() - KEPT;
        connection
            .execute("DELETE FROM cognito_messages WHERE id <= ?1", [oldest])
            .map(drop)
    }
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Message> {
    Ok(Message {
        id: row.get("id")?,
        to: row.get("recipient")?,
        purpose: row.get("purpose")?,
        confirmation_code: row.get("code")?,
        temporary_password: row.get("password")?,
        sent: row.get("sent")?,
    })
}
