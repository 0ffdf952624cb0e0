//! The one SQLite database that accounts, jobs and the object index share.

use std::{
    fs::{OpenOptions, Permissions},
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::Path,
    sync::{Arc, Mutex, MutexGuard},
};

use rusqlite::{Connection, Params, Row, Statement};

/// A handle on the database; clones share one connection.
#[derive(Clone, Debug)]
pub struct Database {
    connection: Arc<Mutex<Connection>>,
}

impl Database {
    /// Opens (or creates) the database in `path`. Each module creates its own tables.
    ///
    /// The file is for its owner only, as it holds passwords and private keys; what SQLite puts
    /// beside it takes over its permissions.
    ///
    /// # Errors
    /// If the file cannot be made, or is not a database.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(path)?
            .set_permissions(Permissions::from_mode(0o600))?;
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

/// The one row that a writing statement returns, if any. It is written by then: the statement runs
/// to its end, because one that is dropped at its first row reports no error of its commit.
pub(crate) fn written_row<T>(
    statement: &mut Statement<'_>,
    parameters: impl Params,
    read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Option<T>> {
    let mut rows = statement.query(parameters)?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    let row = read(row)?;
    while rows.next()?.is_some() {}
    Ok(Some(row))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_its_owner_can_read_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("stack.sqlite");
        std::fs::write(&path, "").unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        let database = Database::open(&path).unwrap();
        database.lock().execute_batch("CREATE TABLE t (c)").unwrap();
        for entry in std::fs::read_dir(directory.path()).unwrap() {
            let entry = entry.unwrap();
            let mode = entry.metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{}", entry.path().display());
        }
    }
}
