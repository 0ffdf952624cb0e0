//! The directory in which a stack keeps everything. No other stack can use it.

use std::{
    fs::{self, File, TryLockError},
    io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use crate::start_error::StartError;

/// How the name of a temporary directory begins.
const PREFIX: &str = "opencloud-stack-";
/// The file in it that is locked for as long as the stack lives.
const LOCK: &str = "lock";
/// How often a temporary directory is made again that another stack has removed as left over.
const ATTEMPTS: usize = 8;

/// Where everything is kept. While it is open, no other stack can have it.
pub(crate) struct DataDirectory {
    path: PathBuf,
    _lock: File,
    /// Removed when dropped.
    _temporary: Option<TempDir>,
}

impl DataDirectory {
    /// Opens the directory at `wanted`, or a temporary one.
    ///
    /// Temporary directories of stacks that were killed are removed.
    pub(crate) fn open(wanted: Option<PathBuf>) -> Result<Self, StartError> {
        if let Some(path) = wanted {
            let lock = fs::create_dir_all(&path).and_then(|()| take(&path));
            return match lock.map_err(|source| StartError::unusable(&path, source))? {
                Some(lock) => Ok(Self {
                    path,
                    _lock: lock,
                    _temporary: None,
                }),
                None => Err(StartError::DataDirInUse(path)),
            };
        }
        let parent = std::env::temp_dir();
        let opened = sweep(&parent).and_then(|()| Self::temporary(&parent));
        opened.map_err(|source| StartError::unusable(&parent, source))
    }

    fn temporary(parent: &Path) -> io::Result<Self> {
        for _ in 0..ATTEMPTS {
            let temporary = TempDir::with_prefix_in(PREFIX, parent)?;
            let path = temporary.path().to_owned();
            // Before the lock is taken, a stack that starts just now may remove the directory.
            if let Ok(Some(lock)) = take(&path)
                && path.join(LOCK).exists()
            {
                return Ok(Self {
                    path,
                    _lock: lock,
                    _temporary: Some(temporary),
                });
            }
        }
        Err(io::ErrorKind::WouldBlock.into())
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

/// Locks a directory; `None` if another stack has it.
fn take(directory: &Path) -> io::Result<Option<File>> {
    let lock = File::create(directory.join(LOCK))?;
    match lock.try_lock() {
        Ok(()) => Ok(Some(lock)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Removes the temporary directories of stacks that have ended. The system releases a lock when the
/// process of its owner ends for any reason.
fn sweep(parent: &Path) -> io::Result<()> {
    // The owner of files that this process makes.
    let us = tempfile::tempfile_in(parent)?.metadata()?.uid();
    for entry in fs::read_dir(parent)?.flatten() {
        let is_one = entry.file_name().to_string_lossy().starts_with(PREFIX);
        let is_ours = |metadata: fs::Metadata| metadata.is_dir() && metadata.uid() == us;
        if is_one && entry.metadata().is_ok_and(is_ours) {
            // A directory that cannot be removed does not matter to this stack.
            let _ = remove_if_left(&entry.path());
        }
    }
    Ok(())
}

fn remove_if_left(directory: &Path) -> io::Result<()> {
    let lock = directory.join(LOCK);
    if !fs::symlink_metadata(&lock)?.is_file() {
        return Ok(());
    }
    // Held while the directory is removed, so that no other stack takes it meanwhile.
    let lock = File::open(lock)?;
    if lock.try_lock().is_ok() {
        fs::remove_dir_all(directory)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_directories_of_ended_stacks_are_removed() {
        let parent = TempDir::new().unwrap();
        let make = |name: &str, lock: bool| {
            let path = parent.path().join(name);
            fs::create_dir_all(path.join("objects")).unwrap();
            fs::write(path.join("objects/blob"), "x").unwrap();
            if lock {
                fs::write(path.join(LOCK), "").unwrap();
            }
            path
        };
        let dead = make("opencloud-stack-dead", true);
        let kept = [
            make("opencloud-stack-just-made", false),
            make("opencloud-test-x", true),
            make("lock", true),
        ];
        let alive = make("opencloud-stack-alive", true);
        let lock = take(&alive).unwrap().unwrap();
        let elsewhere = TempDir::new().unwrap();
        fs::write(elsewhere.path().join(LOCK), "").unwrap();
        let link = parent.path().join("opencloud-stack-link");
        std::os::unix::fs::symlink(elsewhere.path(), link).unwrap();

        sweep(parent.path()).unwrap();
        assert!(!dead.exists());
        assert!(alive.join("objects/blob").exists());
        assert!(kept.iter().all(|path| path.join("objects/blob").exists()));
        assert!(elsewhere.path().join(LOCK).exists());

        drop(lock);
        sweep(parent.path()).unwrap();
        assert!(!alive.exists());
    }

    #[test]
    fn many_start_at_once_and_none_removes_the_directory_of_another() {
        let parent = TempDir::new().unwrap();
        let start = || {
            sweep(parent.path()).unwrap();
            let directory = DataDirectory::temporary(parent.path()).unwrap();
            fs::write(directory.path().join("file"), "x").unwrap();
            sweep(parent.path()).unwrap();
            assert!(directory.path().join("file").exists());
            directory
        };
        let opened: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..32).map(|_| scope.spawn(start)).collect();
            threads.into_iter().map(|t| t.join().unwrap()).collect()
        });
        assert!(opened.iter().all(|d| d.path().join("file").exists()));
        drop(opened);
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 0);
    }
}
