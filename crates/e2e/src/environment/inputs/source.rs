//! A zip or a directory that holds folders of inputs.

use std::{
    fmt,
    fs::{self, File},
    path::{Path, PathBuf},
};

use opencloud_browser::process::{Failure, Interrupt};

use super::{download, unpack};
use crate::project;

/// A zip or a directory that holds folders of inputs.
#[derive(Debug)]
pub(super) enum Source {
    Zip(File),
    Directory(PathBuf),
}

impl Source {
    /// The source that `named` leads to, which the setting `key` can replace: an address or a file for a zip,
    /// or a directory. What is fetched is on the disk of `directory`.
    pub(super) fn open(
        (key, named): (&str, &str),
        directory: &Path,
        interrupt: &Interrupt,
    ) -> Result<Self, Failure> {
        let path = project::root().join(named);
        if path.is_dir() {
            return Ok(Self::Directory(path));
        }
        download::fetch((key, named), directory, interrupt).map(Self::Zip)
    }

    /// Writes the file of that folder to `to`. An error is the end of a sentence that begins with the
    /// source.
    pub(super) fn take(&self, folder: &str, file: &str, to: &Path) -> Result<(), String> {
        let member = format!("{folder}/{file}");
        match self {
            Self::Zip(zip) => unpack::unpack(zip, &member, to),
            Self::Directory(path) => match fs::copy(path.join(&member), to) {
                Ok(_) => Ok(()),
                Err(error) => Err(format!("cannot be read at {member}: {error}")),
            },
        }
    }
}

/// The beginning of a sentence that goes on with the source's name.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Zip(_) => "the zip of",
            Self::Directory(_) => "the directory",
        })
    }
}
