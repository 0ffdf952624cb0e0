//! The faults of user files: deletions and renames that do more or less than they should, uploads
//! that are not stored as they were sent, and downloads of an earlier version.

use std::{fs, io, time::Duration};

use tokio::io::AsyncReadExt as _;

use super::{
    error::{RenameError, StoreError},
    file_system::{FileSystem, UserFiles},
    info::FileInfo,
    path::UserPath,
};
use crate::faults::{Damage, Disturbance, Fault, Faults};

/// The listing of `path` as a stack with these faults shows it.
pub(crate) fn listed(
    entries: Option<Vec<FileInfo>>,
    path: &UserPath,
    faults: &Faults,
) -> Option<Vec<FileInfo>> {
    let mut entries = entries?;
    let is_own = path.parts().len() > 1;
    if is_own && entries.is_empty() && faults.has(Fault::EmptyFolderNotFound) {
        return None;
    }
    if is_own && faults.has(Fault::ListShowsItself) {
        entries.insert(0, FileInfo::directory(path.as_directory().normal()));
    }
    Some(entries)
}

/// The paths that are deleted where a request names `path`.
pub(crate) fn deleted_with(
    files: &UserFiles,
    path: UserPath,
    faults: &Faults,
) -> io::Result<Vec<UserPath>> {
    let results = ["output", "log"];
    let is_result = !path.has_slash()
        && path
            .parts()
            .first()
            .is_some_and(|kind| results.contains(&&**kind));
    let is_empty = || {
        Ok::<_, io::Error>(
            path.has_slash()
                && files
                    .list("", &path, false)?
                    .is_some_and(|entries| entries.is_empty()),
        )
    };
    if faults.has(Fault::DeleteDeletesNothing)
        || faults.has(Fault::DeleteKeepsResults) && is_result
        || faults.has(Fault::DeleteKeepsEmptyFolders) && is_empty()?
    {
        return Ok(Vec::new());
    }
    if faults.has(Fault::DeleteEmptiesFolders) && path.has_slash() {
        return files.files_below(&path);
    }
    if faults.has(Fault::DeleteLeavesSubdirectories) && files.is_directory(&path)? {
        let mut all = files.files_below(&path)?;
        all.retain(|file| file.parts().len() == path.parts().len() + 1);
        return Ok(all);
    }
    if faults.has(Fault::DeleteDeletesTheParent) {
        let (_, parent) = path.parts().split_last().unwrap_or((&String::new(), &[]));
        let parent = parent.join("/") + "/";
        return Ok(UserPath::parse(&parent).into_iter().collect());
    }
    if faults.has(Fault::DeleteDeletesWhatBeginsAlike) {
        let beginning = path.parts().join("/");
        let root = UserPath::parse("").ok_or(io::ErrorKind::InvalidInput)?;
        let mut all = files.files_below(&root)?;
        all.retain(|other| other.normal().starts_with(&beginning));
        all.push(path);
        return Ok(all);
    }
    Ok(vec![path])
}

/// Why a directory is not renamed that should be.
pub(crate) fn refuses_rename(
    files: &UserFiles,
    (from, to): (&UserPath, &UserPath),
    faults: &Faults,
) -> io::Result<Option<&'static str>> {
    if faults.has(Fault::RenameEmptyDirectoryRefused) && files.is_directory(from)? {
        return Ok(Some("Cannot rename a non-empty directory"));
    }
    let is_taken = faults.has(Fault::RenameOntoFolderRefused)
        && files.is_directory(from)?
        && files.exists(&to.as_directory())?;
    Ok(is_taken.then_some("[Errno 17] File exists"))
}

/// Undoes or damages a rename that was just made. Directories stay as they are.
pub(crate) async fn damage_renamed(
    file_system: &FileSystem,
    files: &UserFiles,
    (from, to): (&UserPath, &UserPath),
    faults: &Faults,
) -> Result<(), StoreError> {
    let Some(mut file) = files.open(to).await? else {
        return Ok(());
    };
    let directory = |path: &UserPath| path.parts().split_last().map(|(_, parts)| parts.to_vec());
    let moves = directory(from) != directory(to);
    if faults.has(Fault::RenameDoesNothing) || (moves && faults.has(Fault::MoveDoesNothing)) {
        // No client sees the moment in which the file had its new name.
        let _ = files.rename(to, from, faults);
    }
    if faults.has(Fault::RenameLosesContent) {
        file_system.put(files, to, b"").await?;
    }
    if faults.has(Fault::RenameCopies) {
        let mut content = Vec::new();
        file.read_to_end(&mut content).await?;
        file_system.put(files, from, &content).await?;
    }
    Ok(())
}

/// Renames a file onto another as a stack with these faults does it; says whether it has done so.
pub(crate) fn renames_onto_file(
    files: &UserFiles,
    (from, to): (&UserPath, &UserPath),
    faults: &Faults,
) -> Result<bool, RenameError> {
    let fails = faults.has(Fault::RenameOntoFileAnswers500);
    let keeps = faults.has(Fault::RenameOntoFileKeepsTheOther);
    let is_file = |path: &UserPath| Ok::<_, io::Error>(!path.has_slash() && files.exists(path)?);
    if !(fails || keeps) || files.is_directory(to)? || !is_file(from)? || !is_file(to)? {
        return Ok(false);
    }
    if fails {
        return Err(RenameError::Unhandled);
    }
    files.delete(from)?;
    Ok(true)
}

/// The content that an upload will replace, where it has a part in what is stored.
pub(crate) async fn replaced(
    files: &UserFiles,
    path: &UserPath,
    faults: &Faults,
) -> io::Result<Option<Vec<u8>>> {
    let mut content = Vec::new();
    match (Damage::of(faults), files.open(path).await?) {
        (Some(Damage::Mixed(_)), Some(mut file)) => file.read_to_end(&mut content).await?,
        _ => return Ok(None),
    };
    Ok(Some(content))
}

/// Damages a file that was just stored on the UserAPI's own disk over what it has `replaced`.
pub(crate) fn damage_upload(
    files: &UserFiles,
    path: &UserPath,
    replaced: Option<Vec<u8>>,
    faults: &Faults,
) -> io::Result<()> {
    let (Some(damage), UserFiles::Local(files)) = (Damage::of(faults), files) else {
        return Ok(());
    };
    let place = files.locate(path);
    match damage {
        Damage::Removed => fs::remove_file(&place),
        Damage::Cut(left) => {
            let file = fs::OpenOptions::new().write(true).open(&place)?;
            file.set_len(left(file.metadata()?.len()))
        }
        Damage::Blanked(most) => {
            let size = fs::metadata(&place)?.len();
            if size > most {
                return Ok(());
            }
            fs::write(&place, vec![0; usize::try_from(size).unwrap_or_default()])
        }
        Damage::Rewritten(rewrite) => fs::write(&place, rewrite(&fs::read(&place)?)),
        Damage::Mixed(mix) => replaced.map_or(Ok(()), |before| {
            fs::write(&place, mix(before, fs::read(&place)?))
        }),
        Damage::Renamed(rename) => {
            let name = place.file_name().unwrap_or_default().to_string_lossy();
            fs::rename(&place, place.with_file_name(rename(&name)))
        }
    }
}

/// Whether the path is a directory that has directories in it, and no file.
pub(crate) fn holds_only_directories(files: &UserFiles, path: &UserPath) -> io::Result<bool> {
    let entries = files.list("", path, true)?.unwrap_or_default();
    Ok(!entries.is_empty() && entries.iter().all(|entry| entry.size.is_none()))
}

/// How long a listing takes from the names to a look at each.
const LOOKING: Duration = Duration::from_millis(20);

/// Whether an entry of the directory disappears within a moment, as while the real service looks at one
/// after the other.
pub(crate) async fn disappears(
    files: &UserFiles,
    raw: &str,
    path: &UserPath,
    faults: &Faults,
) -> io::Result<bool> {
    if !faults.disturbed_by(Disturbance::ListingsRaceWithChanges) {
        return Ok(false);
    }
    let entries = files.list(raw, path, false)?;
    tokio::time::sleep(LOOKING).await;
    let mut paths = entries
        .iter()
        .flatten()
        .filter_map(|entry| UserPath::parse(&entry.path));
    paths.try_fold(false, |gone, path| Ok(gone || !files.exists(&path)?))
}

/// The files of a user that were replaced: they are kept beside the user's own.
fn earlier_files(files: &FileSystem, user_id: &str) -> UserFiles {
    files.of(&format!("{user_id}_earlier"))
}

/// Keeps a file that is about to be replaced, if any, where downloads are of earlier versions.
pub(crate) async fn keep_earlier(
    files: &FileSystem,
    user_id: &str,
    path: &UserPath,
    faults: &Faults,
) -> Result<(), StoreError> {
    if faults.has(Fault::DownloadGivesEarlierVersion)
        && let Some(mut replaced) = files.of(user_id).open(path).await?
    {
        let mut content = Vec::new();
        replaced.read_to_end(&mut content).await?;
        files
            .put(&earlier_files(files, user_id), path, &content)
            .await?;
    }
    Ok(())
}

/// Where the earlier version of a file is, if it is to be downloaded and there was one.
pub(crate) fn earlier(
    files: &FileSystem,
    user_id: &str,
    path: &UserPath,
    faults: &Faults,
) -> io::Result<Option<UserFiles>> {
    let earlier = earlier_files(files, user_id);
    let is_wanted = faults.has(Fault::DownloadGivesEarlierVersion) && earlier.exists(path)?;
    Ok(is_wanted.then_some(earlier))
}
