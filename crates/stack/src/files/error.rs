//! Why a file was not put where it should be.

use std::io;

/// Why something could not be stored.
#[derive(Debug)]
pub(crate) enum StoreError {
    /// The path of its directory is that of a file.
    NotADirectory,
    /// The disk failed.
    Io(io::Error),
}

/// Why something could not be renamed.
#[derive(Debug)]
pub(crate) enum RenameError {
    /// Nothing has the old name.
    Missing,
    /// It may not be renamed, for this reason.
    Refused(String),
    /// The real service fails with an exception: in S3 on a directory named without its slash, on a
    /// disk on a name that the operating system refuses.
    Unhandled,
    /// It could not be stored under the new name.
    Store(StoreError),
}

impl From<io::Error> for StoreError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<StoreError> for io::Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotADirectory => io::ErrorKind::NotADirectory.into(),
            StoreError::Io(error) => error,
        }
    }
}

impl From<StoreError> for RenameError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<io::Error> for RenameError {
    fn from(error: io::Error) -> Self {
        Self::Store(error.into())
    }
}
