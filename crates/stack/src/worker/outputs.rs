//! Where the files that a container made go.

use std::io::{self, Write as _};

use tempfile::NamedTempFile;

use super::container::OutputFile;
use crate::{
    applications::{Applications, EntryPoint},
    jobs::Job,
    user_api::files::{FileSystem, StoreError, path::UserPath},
};

/// Uploads the directories that the application's configuration names. A container's directory
/// `model` that goes up as `artifact` is found at `artifact/<job>/model`.
pub(super) async fn upload(
    files: &FileSystem,
    applications: &Applications,
    job: &Job,
    made: &[OutputFile],
) -> io::Result<()> {
    let app = &job.posted.application;
    let entrypoint = applications.entrypoint(&app.application, &app.version, &app.entrypoint);
    let user_files = files.of(&job.posted.user_id);
    user_files.prepare().await?;
    for (kind, directory) in entrypoint.into_iter().flat_map(EntryPoint::files_up) {
        for file in made.iter().filter(|file| file.directory == directory) {
            let raw = format!("{}/{directory}/{}", job.path_out(kind), file.name);
            let path = UserPath::parse(&raw).ok_or(io::ErrorKind::InvalidInput)?;
            let mut content = NamedTempFile::new_in(&files.arriving)?;
            content.write_all(&file.content)?;
            let stored = user_files.store(&path, content).await;
            stored.map_err(|error| match error {
                StoreError::NotADirectory => io::Error::from(io::ErrorKind::NotADirectory),
                StoreError::Io(error) => error,
            })?;
        }
    }
    Ok(())
}
