//! User files in an S3 bucket, where a directory is no more than the beginning of a key.

use std::{collections::BTreeSet, io};

use bytes::Bytes;
use tokio_util::io::ReaderStream;

use super::{
    error::{RenameError, StoreError},
    info::FileInfo,
    local::may_be_renamed,
    path::UserPath,
};
use crate::s3::{ObjectMeta, ObjectStore};

/// The keys of one user.
#[derive(Clone, Debug)]
pub(crate) struct S3Files {
    store: ObjectStore,
    /// The beginning of all of the user's keys, without a slash at its end.
    root: String,
}

impl S3Files {
    pub(crate) fn new(store: ObjectStore, root: String) -> Self {
        Self { store, root }
    }

    /// Puts the empty objects that stand for the root and the predefined directories.
    pub(crate) async fn prepare(&self, predefined: &[&str]) -> io::Result<()> {
        for directory in predefined.iter().copied().chain([""]) {
            let path = UserPath::parse(directory).map(|path| path.as_directory());
            if let Some(path) = path {
                self.mark_directory(&path).await?;
            }
        }
        Ok(())
    }

    async fn mark_directory(&self, path: &UserPath) -> io::Result<()> {
        let key = self.key(path);
        if self.store.head(&key)?.is_none() {
            self.store.put_bytes(&key, None, Bytes::new()).await?;
        }
        Ok(())
    }

    /// The beginning of all keys in one of the user's own directories.
    pub(crate) fn prefix(&self, directory: &str) -> String {
        format!("{}/{directory}/", self.root)
    }

    /// The key that a path stands for. The empty path is the root without a slash.
    pub(crate) fn key(&self, path: &UserPath) -> String {
        if path.is_root() && !path.has_slash() {
            return self.root.clone();
        }
        format!("{}/{}", self.root, path.normal())
    }

    /// Whether any key begins like this: `config/ex` exists when `config/exp/…` does.
    pub(crate) fn exists(&self, path: &UserPath) -> io::Result<bool> {
        Ok(!self.store.list(&self.key(path))?.is_empty())
    }

    pub(crate) fn is_directory(&self, path: &UserPath) -> io::Result<bool> {
        Ok(path.is_root() || (path.has_slash() && self.exists(path)?))
    }

    /// The entries of a directory; unsorted. `None` for anything but a directory.
    pub(crate) fn list(
        &self,
        path: &UserPath,
        recursive: bool,
    ) -> io::Result<Option<Vec<FileInfo>>> {
        let path = path.as_directory();
        if !self.is_directory(&path)? {
            return Ok(None);
        }
        let directory = self.key(&path);
        let mut files = Vec::new();
        let mut directories = BTreeSet::new();
        for object in self.store.list(&directory)? {
            let below = &object.key[directory.len()..];
            let slashes = below.match_indices('/').map(|(at, _)| at + 1);
            let depth = if recursive { usize::MAX } else { 1 };
            for end in slashes.take(depth) {
                directories.insert(self.shown(&directory, &below[..end]));
            }
            // Keys that end with a slash are only there for their directory's sake.
            let is_file = !below.is_empty() && !below.ends_with('/');
            if is_file && (recursive || !below.contains('/')) {
                files.push(FileInfo::file(self.shown(&directory, below), object.size));
            }
        }
        files.extend(directories.into_iter().map(FileInfo::directory));
        Ok(Some(files))
    }

    /// A key as the user knows it: from the user's root.
    fn shown(&self, directory: &str, below: &str) -> String {
        format!("{directory}{below}")[self.root.len() + 1..].to_owned()
    }

    /// Path and size of an object; the path is repeated as the client wrote it.
    pub(crate) fn info(&self, raw: &str, path: &UserPath) -> io::Result<FileInfo> {
        let meta = self.store.head(&self.key(path))?;
        let meta = meta.ok_or(io::ErrorKind::NotFound)?;
        Ok(FileInfo::file(raw.to_owned(), meta.size))
    }

    /// Stores a content under the path's key.
    pub(crate) async fn store(
        &self,
        path: &UserPath,
        content: tokio::fs::File,
    ) -> Result<(), StoreError> {
        let content = ReaderStream::new(content);
        self.store.put(&self.key(path), None, content).await?;
        Ok(())
    }

    pub(crate) async fn make_directory(&self, path: &UserPath) -> Result<(), StoreError> {
        Ok(self.mark_directory(&path.as_directory()).await?)
    }

    pub(crate) fn rename(
        &self,
        from: &UserPath,
        to: &UserPath,
        predefined: &[&str],
    ) -> Result<(), RenameError> {
        if !self.exists(from)? {
            return Err(RenameError::Missing);
        }
        let source = self.key(from);
        if self.is_directory(from)? {
            let is_empty = self.store.list(&source)?.iter().all(|o| o.key == source);
            may_be_renamed(is_empty, from, predefined)?;
        }
        if to.is_root() && to.has_slash() {
            // The key of the object that stands for the root.
            return Err(RenameError::Missing);
        }
        let target = self.key(to);
        if !self.store.copy(&source, &target)? {
            // The path is only the beginning of keys: there is no object to copy.
            return Err(RenameError::Unhandled);
        }
        if target != source {
            self.store.delete(&source)?;
        }
        Ok(())
    }

    /// Removes an object, or (with a slash at the path's end) all that begin with it. A missing one
    /// is not an error.
    pub(crate) fn delete(&self, path: &UserPath) -> io::Result<()> {
        if !self.is_directory(path)? {
            self.store.delete(&self.key(path))?;
            return Ok(());
        }
        for object in self.store.list(&self.key(&path.as_directory()))? {
            self.store.delete(&object.key)?;
        }
        Ok(())
    }

    /// An object, open for reading. `None` if there is no such key.
    pub(crate) async fn open(
        &self,
        path: &UserPath,
    ) -> io::Result<Option<(ObjectMeta, tokio::fs::File)>> {
        self.store.open_object(&self.key(path)).await
    }
}
