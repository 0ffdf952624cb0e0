//! Files that were replaced, kept to be served in place of those that came after them.

use std::io;

use tempfile::NamedTempFile;
use tokio::{fs::File, io::copy};

use crate::{
    s3::ObjectStore,
    user_api::files::{FileSystem, StoreError, UserFiles, path::UserPath},
};

/// What the directories of earlier versions are called: after their users.
const EARLIER: &str = "_earlier";

/// Keeps what is about to be replaced on the UserAPI's own disk.
pub(crate) async fn keep_earlier(
    files: &FileSystem,
    user_id: &str,
    path: &UserPath,
    replaced: &mut File,
) -> Result<(), StoreError> {
    let kept = NamedTempFile::new_in(&files.arriving)?;
    copy(replaced, &mut File::from_std(kept.reopen()?)).await?;
    let earlier = files.of(&format!("{user_id}{EARLIER}"));
    earlier.store(path, kept).await
}

/// Where the version before the present one is, if there was one.
pub(crate) fn earlier(
    files: &FileSystem,
    user_id: &str,
    path: &UserPath,
) -> io::Result<Option<UserFiles>> {
    let earlier = files.of(&format!("{user_id}{EARLIER}"));
    Ok(earlier.exists(path)?.then_some(earlier))
}

/// Keeps the object that is about to be replaced.
pub(crate) fn keep_earlier_object(store: &ObjectStore, key: &str) -> io::Result<bool> {
    store.copy(key, &earlier_key(key))
}

/// The key of the version before the present one, if there was one.
pub(crate) fn earlier_object(store: &ObjectStore, key: &str) -> io::Result<Option<String>> {
    let key = earlier_key(key);
    Ok(store.head(&key)?.map(|_| key))
}

fn earlier_key(key: &str) -> String {
    format!("{EARLIER}/{key}")
}
