//! User files on the UserAPI's own disk.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use tempfile::NamedTempFile;

use super::{
    error::{RenameError, StoreError},
    info::FileInfo,
    path::UserPath,
};

/// The directory of one user.
#[derive(Clone, Debug)]
pub(crate) struct LocalFiles {
    root: Arc<Path>,
}

impl LocalFiles {
    pub(crate) fn new(root: &Path) -> Self {
        Self { root: root.into() }
    }

    pub(crate) fn prepare(&self, predefined: &[&str]) -> io::Result<()> {
        for directory in predefined {
            fs::create_dir_all(self.root.join(directory))?;
        }
        Ok(())
    }

    /// Where a path is on the disk.
    pub(crate) fn locate(&self, path: &UserPath) -> PathBuf {
        self.root.join(path.parts().join("/"))
    }

    pub(crate) fn exists(&self, path: &UserPath) -> bool {
        if path.has_slash() {
            self.is_directory(path)
        } else {
            self.locate(path).exists()
        }
    }

    pub(crate) fn is_directory(&self, path: &UserPath) -> bool {
        self.locate(path).is_dir()
    }

    /// The entries of a directory, each path beginning with `shown`; unsorted. `None` for anything
    /// but a directory.
    pub(crate) fn list(
        &self,
        path: &UserPath,
        shown: &str,
        recursive: bool,
    ) -> io::Result<Option<Vec<FileInfo>>> {
        if !self.is_directory(path) {
            return Ok(None);
        }
        let mut entries = Vec::new();
        collect(&self.locate(path), shown, recursive, &mut entries)?;
        Ok(Some(entries))
    }

    /// Path and size of an entry; the path is repeated as the client wrote it.
    pub(crate) fn info(&self, raw: &str, path: &UserPath) -> io::Result<FileInfo> {
        let metadata = fs::metadata(self.locate(path))?;
        Ok(if metadata.is_dir() {
            FileInfo::directory(format!("{raw}/"))
        } else {
            FileInfo::file(raw.to_owned(), metadata.len())
        })
    }

    /// Moves a file that was received as a whole to its place.
    pub(crate) fn store(&self, path: &UserPath, content: NamedTempFile) -> Result<(), StoreError> {
        let target = self.locate(path);
        create_parent(&target)?;
        content.persist(target).map_err(|error| error.error)?;
        Ok(())
    }

    pub(crate) fn make_directory(&self, path: &UserPath) -> Result<(), StoreError> {
        create_directories(&self.locate(path))
    }

    pub(crate) fn rename(
        &self,
        from: &UserPath,
        to: &UserPath,
        predefined: &[&str],
    ) -> Result<(), RenameError> {
        if !self.exists(from) {
            return Err(RenameError::Missing);
        }
        if self.is_directory(from) {
            may_be_renamed(
                fs::read_dir(self.locate(from))?.next().is_none(),
                from,
                predefined,
            )?;
        }
        let target = self.locate(to);
        if to.has_slash() && target.is_file() {
            // The service makes the directory first, and fails on the file in its place.
            return Err(RenameError::Unhandled);
        }
        if to.has_slash() {
            create_directories(&target)?;
        } else {
            create_parent(&target)?;
        }
        let source = self.locate(from);
        fs::rename(source, with_slash(target, to)).map_err(|error| refusal(error, from, to))
    }

    /// Removes a file, or a directory with everything in it. A missing one is not an error.
    pub(crate) fn delete(&self, path: &UserPath) -> io::Result<()> {
        if !self.exists(path) {
            return Ok(());
        }
        let place = self.locate(path);
        if place.is_dir() {
            fs::remove_dir_all(place)
        } else {
            fs::remove_file(place)
        }
    }

    /// A file, open for reading, and its metadata. `None` for anything but a file.
    pub(crate) fn open(&self, path: &UserPath) -> io::Result<Option<(fs::Metadata, fs::File)>> {
        let place = self.locate(path);
        if path.has_slash() || !place.is_file() {
            return Ok(None);
        }
        let file = fs::File::open(place)?;
        Ok(Some((file.metadata()?, file)))
    }
}

/// The place with the path's own slash at its end: the operating system moves no file to such a place.
fn with_slash(mut place: PathBuf, path: &UserPath) -> PathBuf {
    if path.has_slash() {
        place.push("");
    }
    place
}

/// The answer to a rename that the operating system refuses. Its own text would name the server's paths.
fn refusal(error: io::Error, from: &UserPath, to: &UserPath) -> RenameError {
    match error.kind() {
        // The real service does not expect a directory that is not empty.
        io::ErrorKind::IsADirectory | io::ErrorKind::DirectoryNotEmpty => {
            RenameError::Refused(format!(
                "[Errno 21] Is a directory: '{}' -> '{}'",
                from.normal(),
                to.normal()
            ))
        }
        io::ErrorKind::NotADirectory => StoreError::NotADirectory.into(),
        // A directory cannot become a part of itself.
        io::ErrorKind::InvalidInput => RenameError::Unhandled,
        _ => error.into(),
    }
}

/// Which directories may be renamed: empty ones that the service did not make.
pub(super) fn may_be_renamed(
    is_empty: bool,
    path: &UserPath,
    predefined: &[&str],
) -> Result<(), RenameError> {
    if !is_empty {
        return Err(RenameError::Refused(
            "Cannot rename a non-empty directory".into(),
        ));
    }
    if matches!(path.parts(), [only] if predefined.contains(&only.as_str())) {
        return Err(RenameError::Refused(
            "Cannot rename a predefined directory".into(),
        ));
    }
    Ok(())
}

fn collect(
    directory: &Path,
    shown: &str,
    recursive: bool,
    entries: &mut Vec<FileInfo>,
) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let path = format!("{shown}{}", entry.file_name().to_string_lossy());
        // An entry that was deleted since the directory was read is left out.
        let Ok(metadata) = entry.metadata() else {
            continue;
        };
        if metadata.is_dir() {
            let path = path + "/";
            if recursive {
                collect(&entry.path(), &path, recursive, entries)?;
            }
            entries.push(FileInfo::directory(path));
        } else {
            entries.push(FileInfo::file(path, metadata.len()));
        }
    }
    Ok(())
}

fn create_parent(target: &Path) -> Result<(), StoreError> {
    target.parent().map_or(Ok(()), create_directories)
}

fn create_directories(directory: &Path) -> Result<(), StoreError> {
    match fs::create_dir_all(directory) {
        Ok(()) => Ok(()),
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory
            ) =>
        {
            Err(StoreError::NotADirectory)
        }
        Err(error) => Err(error.into()),
    }
}
