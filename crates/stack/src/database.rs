//! The one SQLite database that accounts, jobs and the object index share.

use std::{path::Path, sync::Arc, sync::Mutex, sync::MutexGuard};

use rusqlite::Connection;

/// A handle on the database; clones share one connection.
#[derive(Clone, Debug)]
pub struct Database {
    connection: Arc<Mutex<Connection>>,
}

impl Database {
    /// Opens (or creates) the database in `path`. Each module creates its own tables.
    pub fn open(path: &Path) -> rusqlite::Result<Self> {
        let connection = Connection::open(path)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        Ok(Self {
            connection: Arc::new(Mutex::new(connection)),
        })
    }

    /// The connection, for a few quick statements. Never hold it across an `await`.
    ///
    /// # Panics
    /// If an earlier holder panicked.
    pub fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection
            .lock()
            .expect("no holder of the database panicked")
    }
}
