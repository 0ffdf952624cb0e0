//! A job's inputs, read from where the user put them.

use std::{fmt, io, path::Path};

use tokio::io::{AsyncReadExt as _, sink};

use crate::{
    files::{UserFiles, UserPath},
    jobs::FilesDown,
};

/// How many bytes a parameter file may have; it is held in memory.
const LARGEST: u64 = 256 * 1024;

/// The files that a container finds below `/files`.
#[derive(Debug, Default)]
pub(super) struct Inputs {
    /// The first parameter file: its name and its bytes as they were read.
    pub(super) parameters: Option<(String, Vec<u8>)>,
    /// The names of all data files.
    pub(super) data: Vec<String>,
}

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

impl Inputs {
    /// Reads every file that the job names, to its end.
    pub(super) async fn fetch(files: &UserFiles, wanted: &FilesDown) -> Result<Self, Unreadable> {
        let mut inputs = Self::default();
        for raw in wanted.paths() {
            let unreadable = |reason: io::Error| Unreadable {
                path: raw.clone(),
                reason: reason.to_string(),
            };
            let path = UserPath::parse(&raw).ok_or_else(|| unreadable(missing()))?;
            for path in files.files_below(&path).map_err(unreadable)? {
                let read = inputs.read(files, &path).await;
                read.map_err(|reason| Unreadable {
                    path: path.normal(),
                    reason: reason.to_string(),
                })?;
            }
        }
        Ok(inputs)
    }

    async fn read(&mut self, files: &UserFiles, path: &UserPath) -> io::Result<()> {
        let mut file = files.open(path).await?.ok_or_else(missing)?;
        let name = path.parts().last().cloned().unwrap_or_default();
        let kind = path.parts().first().map(String::as_str);
        if kind == Some("config") && self.parameters.is_none() && has_extension(&name, "yaml") {
            let mut content = Vec::new();
            let read = file.take(LARGEST + 1).read_to_end(&mut content).await?;
            if read as u64 > LARGEST {
                return Err(io::Error::other("too large for a parameter file"));
            }
            self.parameters = Some((name, content));
            return Ok(());
        }
        tokio::io::copy(&mut file, &mut sink()).await?;
        if kind == Some("data") {
            self.data.push(name);
        }
        Ok(())
    }
}

/// The case counts, as in `find -name '*.yaml'`.
pub(super) fn has_extension(name: &str, extension: &str) -> bool {
    let found = Path::new(name).extension();
    found.is_some_and(|found| found == extension)
}

fn missing() -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, "404 Not Found")
}
