//! The upload of a container's outputs.

use std::io;

use super::container::OutputFile;
use crate::{
    applications::{Applications, EntryPoint},
    files::{FileSystem, UserPath},
    jobs::Job,
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
            files.put(&user_files, &path, &file.content).await?;
        }
    }
    Ok(())
}
