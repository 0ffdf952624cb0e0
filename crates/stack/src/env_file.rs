//! An `.env` file that lets a client use a stack.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use crate::{
    cognito::{Account, Ids},
    urls::Urls,
};

/// The first line of every file that is written here. A file without it is not overwritten.
const MARK: &str = "# Written by opencloud-stack; it may be overwritten.";

/// Why a file was not written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// It was not written by this program, and may hold secrets.
    #[error(
        "{} was not written by the embedded OpenCloud: it is left as it is; move it away, or give \
         --write-env another path",
        .0.display()
    )]
    NotOurs(PathBuf),
    /// The disk failed.
    #[error("cannot write {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
}

/// Names and values.
pub(crate) fn settings(
    urls: &Urls,
    frontend_origin: &str,
    ids: &Ids,
    accounts: &[Account],
) -> Vec<(String, String)> {
    let mut settings: Vec<(String, String)> = [
        ("ENVIRONMENT", "embedded"),
        ("USERFACING_API_URL", &urls.user_api),
        ("FRONTEND_URL", frontend_origin),
        ("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", &urls.cognito),
        ("MAILBOX_URL", &urls.mailbox),
        ("COGNITO_USER_POOL_ID", &ids.user_pool),
        ("COGNITO_REGION", &ids.region),
        ("COGNITO_CLIENT_ID", &ids.client),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    for (prefix, name) in [
        ("", "user"),
        ("SECOND_", "second"),
        ("WORKER_", "worker"),
        ("NOGROUP_", "nogroup"),
        ("SCRATCH_", "scratch"),
    ] {
        let is_it = |account: &&Account| account.email.split('@').next() == Some(name);
        if let Some(account) = accounts.iter().find(is_it) {
            settings.push((format!("{prefix}EMAIL"), account.email.clone()));
            settings.push((format!("{prefix}PASSWORD"), account.password.clone()));
        }
    }
    settings
}

/// Whether the path may be written to: nothing is there, or a file that was written here.
pub(crate) fn check(path: &Path) -> Result<(), WriteError> {
    match fs::read(path) {
        Ok(content) if content.split(|&byte| byte == b'\n').next() == Some(MARK.as_bytes()) => {
            Ok(())
        }
        Ok(_) => Err(WriteError::NotOurs(path.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(failed(path, source)),
    }
}

/// Writes the settings to a file that only its owner can read.
pub(crate) fn write(path: &Path, settings: &[(String, String)]) -> Result<(), WriteError> {
    check(path)?;
    let text = format!("{MARK}\n{}", text(settings));
    write_private(path, &text).map_err(|source| failed(path, source))
}

fn failed(path: &Path, source: io::Error) -> WriteError {
    let path = path.to_owned();
    WriteError::Io { path, source }
}

fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut file = options.open(path)?;
    // The mode above is for a new file only.
    file.set_permissions(fs::Permissions::from_mode(0o600))?;
    file.write_all(text.as_bytes())
}

/// The lines of an `.env` file. A value is in single quotes if anything in it has a meaning of its
/// own; inside them, only the quote and the backslash have one.
pub(crate) fn text(settings: &[(String, String)]) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "@._-:/+".contains(c);
    let lines = settings.iter().map(|(name, value)| {
        if value.chars().all(is_plain) {
            return format!("{name}={value}\n");
        }
        let value = value.replace('\\', r"\\").replace('\'', r"\'");
        format!("{name}='{value}'\n")
    });
    lines.collect()
}
