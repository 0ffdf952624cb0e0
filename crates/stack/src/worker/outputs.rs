//! The upload of a container's outputs.

use std::io;

use super::container::OutputFile;
use crate::{
    applications::EntryPoint,
    faults::{Fault, Faults},
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
    faults: &Faults,
) -> io::Result<()> {
    let user_files = files.of(&job.posted.user_id);
    user_files.prepare().await?;
    for (kind, directory) in entry_point.files_up() {
        let kind = match (kind, directory) {
            ("log", _) if faults.has(Fault::LogsNotKept) => continue,
            ("artifact", "output") if faults.has(Fault::ResultsInAnotherDirectory) => "output",
            _ => kind,
        };
        let root = format!("/files/{directory}/");
        for file in made {
            let Some(below) = file.path.strip_prefix(&root) else {
                continue;
            };
            let raw = format!("{}/{directory}/{below}", job.path_out(kind));
            let path = UserPath::parse(&raw).ok_or(io::ErrorKind::InvalidInput)?;
            let content: &[u8] = match below {
                "emitter.h5" if faults.has(Fault::ResultsEmpty) => &[],
                _ => &file.content,
            };
            files.put(&user_files, &path, content).await?;
        }
    }
    Ok(())
}
