//! The files of all users, in a directory or in a bucket.

use std::{io, io::Write as _, path::PathBuf};

use tempfile::NamedTempFile;

use super::{
    error::{RenameError, StoreError},
    info::FileInfo,
    local::LocalFiles,
    path::UserPath,
    s3::S3Files,
};
use crate::{
    faults::{Fault, Faults},
    s3::{ObjectStore, Signer},
};

/// The directories that every user has.
const PREDEFINED: [&str; 5] = ["config", "data", "artifact", "output", "log"];

/// Where below its storage all users' directories lie.
const USERS: &str = "user_data";

/// The files of all users.
#[derive(Clone)]
pub(crate) struct FileSystem {
    pub(crate) storage: Storage,
    /// A directory on the same disk for uploads that are being received.
    pub(crate) incoming: PathBuf,
}

/// Where files are kept, as the `FILESYSTEM` setting chooses.
#[derive(Clone)]
pub(crate) enum Storage {
    /// A directory.
    Local(PathBuf),
    /// A bucket.
    S3(Bucket),
}

/// A bucket and how a page reaches it.
#[derive(Clone)]
pub(crate) struct Bucket {
    pub(crate) name: String,
    pub(crate) store: ObjectStore,
    pub(crate) signer: Signer,
    /// The service's origin, without a slash at its end.
    pub(crate) endpoint: String,
}

impl FileSystem {
    /// The files of one user. The id is from a verified token and is a single path segment.
    pub(crate) fn of(&self, user_id: &str) -> UserFiles {
        match &self.storage {
            Storage::Local(root) => {
                UserFiles::Local(LocalFiles::new(&root.join(USERS).join(user_id)))
            }
            Storage::S3(bucket) => UserFiles::S3(S3Files::new(
                bucket.store.clone(),
                format!("{USERS}/{user_id}"),
            )),
        }
    }

    /// Stores a content that is already at hand.
    pub(crate) async fn put(
        &self,
        files: &UserFiles,
        path: &UserPath,
        content: &[u8],
    ) -> Result<(), StoreError> {
        let mut file = NamedTempFile::new_in(&self.incoming)?;
        file.write_all(content)?;
        files.store(path, file).await
    }
}

/// The files of one user.
#[derive(Clone, Debug)]
pub(crate) enum UserFiles {
    Local(LocalFiles),
    S3(S3Files),
}

impl UserFiles {
    /// Makes the predefined directories that are missing.
    pub(crate) async fn prepare(&self) -> io::Result<()> {
        match self {
            Self::Local(files) => files.prepare(&PREDEFINED),
            Self::S3(files) => files.prepare(&PREDEFINED).await,
        }
    }

    pub(crate) fn exists(&self, path: &UserPath) -> io::Result<bool> {
        match self {
            Self::Local(files) => Ok(files.exists(path)),
            Self::S3(files) => files.exists(path),
        }
    }

    /// Whether the path, as it is written, names a directory.
    pub(crate) fn is_directory(&self, path: &UserPath) -> io::Result<bool> {
        match self {
            Self::Local(files) => Ok(files.is_directory(path)),
            Self::S3(files) => files.is_directory(path),
        }
    }

    /// The entries of a directory, in code-point order of the paths; `raw` is the path as the
    /// client wrote it, which only the local mode echoes. `None` if it is not a directory.
    pub(crate) fn list(
        &self,
        raw: &str,
        path: &UserPath,
        recursive: bool,
    ) -> io::Result<Option<Vec<FileInfo>>> {
        let entries = match self {
            Self::Local(files) => files.list(path, &directory_prefix(raw), recursive)?,
            Self::S3(files) => files.list(path, recursive)?,
        };
        Ok(entries.map(|mut entries| {
            entries.sort();
            entries
        }))
    }

    /// Path and size of an entry that exists.
    pub(crate) fn info(&self, raw: &str, path: &UserPath) -> io::Result<FileInfo> {
        match self {
            Self::Local(files) => files.info(raw, path),
            Self::S3(files) => files.info(raw, path),
        }
    }

    /// Stores a file that was received as a whole, over any that is there.
    pub(crate) async fn store(
        &self,
        path: &UserPath,
        content: NamedTempFile,
    ) -> Result<(), StoreError> {
        if path.has_slash() {
            return Err(StoreError::NotADirectory);
        }
        match self {
            Self::Local(files) => files.store(path, content),
            Self::S3(files) => {
                let file = tokio::fs::File::from_std(content.reopen()?);
                files.store(path, file).await
            }
        }
    }

    pub(crate) async fn make_directory(&self, path: &UserPath) -> Result<(), StoreError> {
        match self {
            Self::Local(files) => files.make_directory(path),
            Self::S3(files) => files.make_directory(path).await,
        }
    }

    pub(crate) fn rename(
        &self,
        from: &UserPath,
        to: &UserPath,
        faults: &Faults,
    ) -> Result<(), RenameError> {
        let predefined = if faults.has(Fault::RenamePredefinedAccepted) {
            &[][..]
        } else {
            &PREDEFINED[..]
        };
        match self {
            Self::Local(files) if faults.has(Fault::RenameSlashOverwrites) => {
                files.rename(from, &to.as_file(), predefined)
            }
            Self::Local(files) => files.rename(from, to, predefined),
            Self::S3(files) => files.rename(from, to, predefined),
        }
    }

    /// Removes a file or directory; a missing one is not an error.
    pub(crate) fn delete(&self, path: &UserPath) -> io::Result<()> {
        match self {
            Self::Local(files) => files.delete(path),
            Self::S3(files) => files.delete(path),
        }
    }

    /// A file, open for reading. `None` if no file has exactly this name.
    pub(crate) async fn open(&self, path: &UserPath) -> io::Result<Option<tokio::fs::File>> {
        Ok(match self {
            Self::Local(files) => files
                .open(path)?
                .map(|(_, file)| tokio::fs::File::from_std(file)),
            Self::S3(files) => files.open(path).await?.map(|(_, file)| file),
        })
    }

    /// All files at or below a path.
    pub(crate) fn files_below(&self, path: &UserPath) -> io::Result<Vec<UserPath>> {
        let directory = path.as_directory();
        match self.list(&directory.normal(), &directory, true)? {
            Some(entries) => Ok(entries
                .iter()
                .filter(|entry| entry.size.is_some())
                .filter_map(|entry| UserPath::parse(&entry.path))
                .collect()),
            None => Ok(vec![path.clone()]),
        }
    }
}

/// The beginning of the paths in a local listing.
fn directory_prefix(raw: &str) -> String {
    match raw {
        "" | "/" => String::new(),
        _ if raw.ends_with('/') => raw.to_owned(),
        _ => format!("{raw}/"),
    }
}
