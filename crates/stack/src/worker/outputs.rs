//! The upload of a container's outputs.

use std::io;

use super::container::OutputFile;
use crate::{
    applications::EntryPoint,
    files::{FileSystem, UserPath},
    jobs::Job,
};

/// Uploads the directories that the application's configuration names. A container's directory
/// `model` that goes up as `artifact` is found at `artifact/<job>/model`.
pub(super) async fn upload(
    files: &FileSystem,
    entry_point: EntryPoint<'_>,
    job: &Job,
    made: &[OutputFile],
) -> io::Result<()> {
    let user_files = files.of(&job.posted.user_id);
    user_files.prepare().await?;
    for (kind, directory) in entry_point.files_up() {
        let root = format!("/files/{directory}/");
        for file in made {
            let Some(below) = file.path.strip_prefix(&root) else {
                continue;
            };
            let raw = format!("{}/{directory}/{below}", job.path_out(kind));
            let path = UserPath::parse(&raw).ok_or(io::ErrorKind::InvalidInput)?;
            files.put(&user_files, &path, &file.content).await?;
        }
    }
    Ok(())
}
