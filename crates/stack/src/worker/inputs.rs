//! A job's inputs, read from where the user put them into the directories of its container.

use std::{fmt, io, path::Path};

use tokio::io::{AsyncReadExt as _, sink};

use super::workspace::Workspace;
use crate::{
    applications::EntryPoint,
    faults::{Fault, Faults},
    files::{UserFiles, UserPath},
    jobs::FilesDown,
};

/// How many bytes of a file are kept: all of a parameter file, if it is not larger.
pub(super) const KEPT: u64 = 256 * 1024;

/// How many bytes are kept of other files: enough to see of what kind they are.
const BEGINNING: u64 = 1024;

/// An input that could not be read.
#[derive(Debug)]
pub(super) struct Unreadable {
    path: String,
    reason: String,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, reason } = self;
        write!(f, "Logs:\nfailed to download {path}: {reason}")
    }
}

/// Reads every file that the job names, to its end, and puts it where the application's configuration
/// says.
pub(super) async fn fetch(
    files: &UserFiles,
    wanted: &FilesDown,
    entry_point: EntryPoint<'_>,
    faults: &Faults,
) -> Result<Workspace, Unreadable> {
    let mut workspace = Workspace::default();
    for raw in wanted.paths() {
        if raw.starts_with("artifact/") && faults.has(Fault::ArtifactsNotPassedOn) {
            continue;
        }
        let unreadable = |reason: io::Error| Unreadable {
            path: raw.clone(),
            reason: reason.to_string(),
        };
        let input = UserPath::parse(&raw).ok_or_else(|| unreadable(missing()))?;
        let member = match input.parts().first().map(String::as_str) {
            Some("config") => "config_id",
            Some("data") => "data_ids",
            _ => "artifact_ids",
        };
        let directory = match entry_point.directory_of(member) {
            Some(_) if member == "config_id" && faults.has(Fault::ParametersInAnotherDirectory) => {
                Some("config")
            }
            configured => configured,
        };
        let is_data = member == "data_ids";
        let input = match raw.strip_prefix("data/") {
            Some(id) if faults.has(Fault::DataFromAnotherDirectory) => {
                UserPath::parse(&format!("config/{id}")).ok_or_else(|| unreadable(missing()))?
            }
            _ => input,
        };
        let mut paths = files.files_below(&input).map_err(unreadable)?;
        if is_data && faults.has(Fault::OnlyTheFirstDataFile) {
            paths.truncate(1);
        }
        for path in paths {
            let beginning = read(files, &path).await.map_err(|reason| Unreadable {
                path: path.normal(),
                reason: reason.to_string(),
            })?;
            // An input is a directory, whose own name is left out, or a single file.
            let below = path.parts().get(input.parts().len()..).unwrap_or_default();
            let below = match below {
                [] => path.parts().last().cloned().unwrap_or_default(),
                below => below.join("/"),
            };
            if let Some(directory) = directory {
                workspace.add_file(&format!("/files/{directory}/{below}"), beginning);
            }
        }
    }
    Ok(workspace)
}

/// The beginning of a file, which is read to its end.
async fn read(files: &UserFiles, path: &UserPath) -> io::Result<Vec<u8>> {
    let mut file = files.open(path).await?.ok_or_else(missing)?;
    let name = path.parts().last().map_or("", String::as_str);
    let is_yaml = Path::new(name).extension().is_some_and(|is| is == "yaml");
    let kept = if is_yaml { KEPT + 1 } else { BEGINNING };
    let mut beginning = Vec::new();
    (&mut file).take(kept).read_to_end(&mut beginning).await?;
    tokio::io::copy(&mut file, &mut sink()).await?;
    Ok(beginning)
}

fn missing() -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, "404 Not Found")
}
