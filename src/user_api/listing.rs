//! What is wrong with a listing, told by its entries.

use opencloud_model::event::Failure;

use super::files::{FileInfo, FileKind};
use crate::listed_paths;

/// Fails unless `found`, the listing of `directory`, holds entries of the `expected` paths in their order, and each is
/// of the kind that its path tells: that of a directory ends in a slash.
pub fn check_entries(
    directory: &str,
    found: &[FileInfo],
    expected: &[impl AsRef<str>],
) -> Result<(), Failure> {
    let found_paths: Vec<_> = found.iter().map(|entry| entry.path.as_str()).collect();
    let expected: Vec<_> = expected.iter().map(AsRef::as_ref).collect();
    if found_paths != expected {
        let why = listed_paths::explain(directory, &found_paths, &expected);
        return Err(Failure::stack(format!(
            "the listing of /{directory} (UserAPI, GET /files): expected {expected:?}, found {found_paths:?}{}",
            why.unwrap_or_default()
        )));
    }
    found.iter().try_for_each(check_kind)
}

/// Fails unless an entry is of the kind that its path tells.
fn check_kind(entry: &FileInfo) -> Result<(), Failure> {
    let is_right = match entry.kind {
        FileKind::Directory => is_folder(entry),
        FileKind::File => !entry.path.ends_with('/'),
    };
    is_right.then_some(()).ok_or_else(|| wrong_kind(entry))
}

/// Fails unless the entry is that of a folder.
pub(super) fn check_folder(entry: &FileInfo) -> Result<(), Failure> {
    is_folder(entry)
        .then_some(())
        .ok_or_else(|| wrong_kind(entry))
}

fn is_folder(entry: &FileInfo) -> bool {
    entry.kind == FileKind::Directory && entry.path.ends_with('/') && entry.size.is_empty()
}

fn wrong_kind(entry: &FileInfo) -> Failure {
    Failure::stack(format!(
        "{} is listed as {:?} with the size {:?}: that of a directory is a Directory, its path ends in a slash, and its \
         size is empty (UserAPI, GET /files; or PUT and POST /files, what they store for a folder)",
        entry.path, entry.kind, entry.size
    ))
}
