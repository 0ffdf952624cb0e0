//! Where objects are kept: an index of keys in the database, contents in files.
//!
//! The files carry random names of their own. No part of a key ever becomes part of a path, so a
//! key may hold `..`, slashes at its start or anything else, and stays a plain key.

use std::{
    collections::HashSet,
    fs, io,
    path::{Path, PathBuf},
    pin::pin,
    sync::Arc,
};

use anyhow::Context as _;
use bytes::Bytes;
use futures_util::{Stream, TryStreamExt as _, stream};
use jiff::Timestamp;
use md5::{Digest as _, Md5};
use rusqlite::{Connection, ErrorCode, OptionalExtension as _, Row, named_params};
use tokio::io::AsyncWriteExt as _;
use uuid::Uuid;

use crate::database::Database;

/// The properties of an object besides its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectMeta {
    /// The whole key, without the bucket.
    pub key: String,
    /// The content's length in bytes.
    pub size: u64,
    /// MD5 of the content in lower-case hex, without the quotes it has in the `ETag` header.
    pub etag: String,
    /// When the content was put; whole seconds, as `Last-Modified` can say no more.
    pub last_modified: Timestamp,
    /// The content type it was put with, if any.
    pub content_type: Option<String>,
}

/// The objects of one bucket; clones share them.
#[derive(Clone, Debug)]
pub struct ObjectStore {
    database: Database,
    blobs: Arc<Path>,
}

const SCHEMA: &str = "CREATE TABLE IF NOT EXISTS objects (
    key           TEXT    NOT NULL PRIMARY KEY,
    blob          TEXT    NOT NULL,
    size          INTEGER NOT NULL,
    etag          TEXT    NOT NULL,
    last_modified INTEGER NOT NULL,
    content_type  TEXT
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS objects_by_blob ON objects (blob);";

impl ObjectStore {
    /// Opens the store whose contents lie in the directory `blobs`, which is created if needed.
    ///
    /// Files in it that no key refers to (left by a crash) are removed.
    ///
    /// # Errors
    /// If the directory or the database cannot be used.
    pub fn open(database: Database, blobs: &Path) -> anyhow::Result<Self> {
        fs::create_dir_all(blobs).with_context(|| format!("create {}", blobs.display()))?;
        database.lock().execute_batch(SCHEMA)?;
        let store = Self {
            database,
            blobs: blobs.into(),
        };
        store
            .sweep()
            .with_context(|| format!("sweep {}", blobs.display()))?;
        Ok(store)
    }

    fn sweep(&self) -> anyhow::Result<()> {
        let known: HashSet<String> = self
            .database
            .lock()
            .prepare("SELECT blob FROM objects")?
            .query_map([], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        for entry in fs::read_dir(&self.blobs)? {
            let entry = entry?;
            let known = entry
                .file_name()
                .to_str()
                .is_some_and(|n| known.contains(n));
            if !known && entry.file_type()?.is_file() {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// Stores `body` under `key`. An earlier object is replaced at once, and only when the whole
    /// body was received. A body that fails, or a caller that stops waiting, leaves nothing.
    ///
    /// # Errors
    /// The body's own error, unchanged, or that of writing to the disk.
    pub async fn put<S>(
        &self,
        key: &str,
        content_type: Option<&str>,
        body: S,
    ) -> io::Result<ObjectMeta>
    where
        S: Stream<Item = io::Result<Bytes>> + Send,
    {
        let blob = Uuid::new_v4().to_string();
        let mut partial = PartialBlob::new(self.path(&blob));
        // Created in one step: a caller that stopped waiting in between could leave the file.
        let mut file = tokio::fs::File::from_std(fs::File::create_new(&partial.path)?);
        let mut digest = Md5::new();
        let mut size = 0;
        let mut body = pin!(body);
        while let Some(chunk) = body.try_next().await? {
            digest.update(&chunk);
            size += chunk.len() as u64;
            file.write_all(&chunk).await?;
        }
        file.flush().await?;

        let meta = ObjectMeta {
            key: key.to_owned(),
            size,
            etag: format!("{:x}", digest.finalize()),
            last_modified: whole_seconds(Timestamp::now()),
            content_type: content_type.map(str::to_owned),
        };
        self.point(&self.database.lock(), &meta, &blob)
            .map_err(unusable)?;
        partial.keep = true;
        Ok(meta)
    }

    /// Stores a content that is already at hand, as [`put`](Self::put) does.
    ///
    /// # Errors
    /// That of writing to the disk.
    pub async fn put_bytes(
        &self,
        key: &str,
        content_type: Option<&str>,
        content: Bytes,
    ) -> io::Result<ObjectMeta> {
        self.put(key, content_type, stream::iter([Ok(content)]))
            .await
    }

    /// The properties of the object with this key.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn head(&self, key: &str) -> io::Result<Option<ObjectMeta>> {
        let found = find(&self.database.lock(), key).map_err(unusable)?;
        Ok(found.map(|(meta, _)| meta))
    }

    /// All objects whose key begins with `prefix`, in the code-point order of their keys.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn list(&self, prefix: &str) -> io::Result<Vec<ObjectMeta>> {
        list(&self.database.lock(), prefix).map_err(unusable)
    }

    /// The object with this key and its content, open for reading. The content stays whole even
    /// if the object is replaced or deleted while it is read.
    ///
    /// # Errors
    /// If the content cannot be opened, or the database cannot be read.
    #[expect(clippy::unused_async, reason = "a remote store would wait here")]
    pub async fn open_object(
        &self,
        key: &str,
    ) -> io::Result<Option<(ObjectMeta, tokio::fs::File)>> {
        // The lock is held while opening, so that no put can take the file away in between.
        let connection = self.database.lock();
        let Some((meta, blob)) = find(&connection, key).map_err(unusable)? else {
            return Ok(None);
        };
        let file = fs::File::open(self.path(&blob))?;
        Ok(Some((meta, tokio::fs::File::from_std(file))))
    }

    /// Removes the object with this key; says whether there was one.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn delete(&self, key: &str) -> io::Result<bool> {
        let connection = self.database.lock();
        let Some((_, blob)) = find(&connection, key).map_err(unusable)? else {
            return Ok(false);
        };
        connection
            .execute("DELETE FROM objects WHERE key = ?1", [key])
            .map_err(unusable)?;
        self.drop_blob(&connection, &blob);
        Ok(true)
    }

    /// Makes `to` an object of the same content as `from`; says whether there was a `from`.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn copy(&self, from: &str, to: &str) -> io::Result<bool> {
        // The lock is held until both keys refer to the file, so that no delete can remove it in
        // between.
        let connection = self.database.lock();
        let Some((source, blob)) = find(&connection, from).map_err(unusable)? else {
            return Ok(false);
        };
        let copy = ObjectMeta {
            key: to.to_owned(),
            last_modified: whole_seconds(Timestamp::now()),
            ..source
        };
        // Both keys share the file; it is removed with the last of them.
        self.point(&connection, &copy, &blob).map_err(unusable)?;
        Ok(true)
    }

    /// Lets the key refer to `blob`, and removes the file it referred to before.
    fn point(
        &self,
        connection: &Connection,
        meta: &ObjectMeta,
        blob: &str,
    ) -> rusqlite::Result<()> {
        let former = find(connection, &meta.key)?;
        connection.execute(
            "INSERT OR REPLACE INTO objects (key, blob, size, etag, last_modified, content_type)
             VALUES (:key, :blob, :size, :etag, :last_modified, :content_type)",
            named_params! {
                ":key": meta.key,
                ":blob": blob,
                ":size": meta.size,
                ":etag": meta.etag,
                ":last_modified": meta.last_modified.as_second(),
                ":content_type": meta.content_type,
            },
        )?;
        if let Some((_, former)) = former {
            self.drop_blob(connection, &former);
        }
        Ok(())
    }

    /// Removes a file if no key refers to it. A file that cannot be removed now is swept at the
    /// next start.
    fn drop_blob(&self, connection: &Connection, blob: &str) {
        let used: rusqlite::Result<bool> = connection.query_row(
            "SELECT EXISTS (SELECT 1 FROM objects WHERE blob = ?1)",
            [blob],
            |row| row.get(0),
        );
        if let Ok(false) = used {
            let _ = fs::remove_file(self.path(blob));
        }
    }

    fn path(&self, blob: &str) -> PathBuf {
        self.blobs.join(blob)
    }
}

/// The index is in a database, whose disk may be full like that of the contents.
fn unusable(error: rusqlite::Error) -> io::Error {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => io::Error::new(io::ErrorKind::StorageFull, error),
        _ => io::Error::other(error),
    }
}

fn find(connection: &Connection, key: &str) -> rusqlite::Result<Option<(ObjectMeta, String)>> {
    connection
        .prepare_cached("SELECT * FROM objects WHERE key = ?1")?
        .query_row([key], from_row)
        .optional()
}

fn list(connection: &Connection, prefix: &str) -> rusqlite::Result<Vec<ObjectMeta>> {
    // Keys are in order, so those with the prefix stand together; a LIKE would take the `_` and
    // `%` of a key for wildcards.
    let mut statement =
        connection.prepare_cached("SELECT * FROM objects WHERE key >= :prefix ORDER BY key")?;
    let rows = statement.query_map(named_params! {":prefix": prefix}, from_row)?;
    let mut found = Vec::new();
    for row in rows {
        let (meta, _) = row?;
        if !meta.key.starts_with(prefix) {
            break;
        }
        found.push(meta);
    }
    Ok(found)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<(ObjectMeta, String)> {
    let meta = ObjectMeta {
        key: row.get("key")?,
        size: row.get("size")?,
        etag: row.get("etag")?,
        last_modified: Timestamp::from_second(row.get("last_modified")?).unwrap_or_default(),
        content_type: row.get("content_type")?,
    };
    Ok((meta, row.get("blob")?))
}

fn whole_seconds(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}

/// A file that is removed again unless it is kept.
struct PartialBlob {
    path: PathBuf,
    keep: bool,
}

impl PartialBlob {
    fn new(path: PathBuf) -> Self {
        Self { path, keep: false }
    }
}

impl Drop for PartialBlob {
    fn drop(&mut self) {
        if !self.keep {
            let _ = fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests;
