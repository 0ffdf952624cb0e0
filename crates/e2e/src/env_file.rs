//! The file that holds the settings.

use std::{fs, io, path::Path};

use opencloud_browser::process::Failure;

use crate::project;

/// The text of the file that the user names, or of .env, where there may be none.
pub(crate) fn text(env_file: Option<&Path>) -> Result<Option<String>, Failure> {
    let Some(path) = env_file else {
        return read(&project::root().join(".env"));
    };
    match read(path)? {
        None => Err(Failure::Input(format!(
            "there is no file {}",
            path.display()
        ))),
        text => Ok(text),
    }
}

fn read(path: &Path) -> Result<Option<String>, Failure> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::Input(format!(
            "cannot read {}: {error}",
            path.display()
        ))),
    }
}
