//! Deletions and renames that do more or less than they were asked to.

use std::io::{self, Write as _};

use tempfile::NamedTempFile;
use tokio::io::AsyncReadExt as _;

use super::{Fault, Faults};
use crate::user_api::files::{FileSystem, StoreError, UserFiles, path::UserPath};

/// What is deleted where `path` was named.
pub(crate) fn deleted_with(
    files: &UserFiles,
    path: UserPath,
    faults: &Faults,
) -> io::Result<Vec<UserPath>> {
    if faults.has(Fault::DeleteDeletesNothing) {
        return Ok(Vec::new());
    }
    if faults.has(Fault::DeleteLeavesSubdirectories) && files.is_directory(&path)? {
        let mut all = files.files_below(&path)?;
        all.retain(|file| file.parts().len() == path.parts().len() + 1);
        return Ok(all);
    }
    if faults.has(Fault::DeleteDeletesTheParent) {
        let parts = path.parts();
        let parent = parts[..parts.len().saturating_sub(1)].join("/") + "/";
        return Ok(UserPath::parse(&parent).into_iter().collect());
    }
    if faults.has(Fault::DeleteDeletesWhatBeginsAlike) {
        let beginning = path.parts().join("/");
        let root = path_of("")?;
        let mut all = files.files_below(&root)?;
        all.retain(|other| other.normal().starts_with(&beginning));
        all.push(path);
        return Ok(all);
    }
    Ok(vec![path])
}

/// Spoils what a rename has just done. Directories stay as they are.
pub(crate) async fn spoil_renamed(
    file_system: &FileSystem,
    files: &UserFiles,
    (from, to): (&UserPath, &UserPath),
    faults: &Faults,
) -> Result<(), StoreError> {
    let Some(mut file) = files.open(to).await? else {
        return Ok(());
    };
    let moves = from.parts().len() != to.parts().len()
        || from
            .parts()
            .iter()
            .rev()
            .skip(1)
            .ne(to.parts().iter().rev().skip(1));
    if faults.has(Fault::RenameDoesNothing) || (moves && faults.has(Fault::MoveDoesNothing)) {
        // Back again: that it worked once is not seen by anybody.
        let _ = files.rename(to, from);
    }
    if faults.has(Fault::RenameLosesContent) {
        let empty = NamedTempFile::new_in(&file_system.arriving)?;
        files.store(to, empty).await?;
    }
    if faults.has(Fault::RenameCopies) {
        let mut content = Vec::new();
        file.read_to_end(&mut content).await?;
        let mut copy = NamedTempFile::new_in(&file_system.arriving)?;
        copy.write_all(&content)?;
        files.store(from, copy).await?;
    }
    Ok(())
}

fn path_of(raw: &str) -> io::Result<UserPath> {
    UserPath::parse(raw).ok_or_else(|| io::ErrorKind::InvalidInput.into())
}
