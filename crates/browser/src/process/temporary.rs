//! The temporary directory, which may be unfit for a run.

use std::{
    env, fs, io,
    os::unix::{ffi::OsStrExt as _, fs::PermissionsExt as _},
    path::{self, Path},
};

use tempfile::TempDir;

use super::failure::Failure;

/// The room that a run needs, in bytes: the profile of a browser and the data of a stack.
const NEEDED: u64 = 192 << 20;

/// The longest path of a Unix socket, in bytes: with the zero behind it, it has to fit into the member
/// `sun_path` of its address (unix(7)).
const LONGEST_SOCKET: usize = if cfg!(target_os = "linux") { 107 } else { 103 };

/// Makes a directory that only its owner can enter, with a short name.
pub(super) fn directory() -> Result<TempDir, Failure> {
    let parent = path::absolute(env::temp_dir())
        .map_err(|error| unfit(&env::temp_dir(), &error.to_string()))?;
    let made = tempfile::Builder::new()
        .prefix("e2e-")
        .permissions(fs::Permissions::from_mode(0o700))
        .tempdir_in(&parent)
        .map_err(|error| unfit(&parent, &reason(&error)))?;
    let disk = rustix::fs::statvfs(made.path())
        .map_err(|error| unfit(&parent, &io::Error::from(error).to_string()))?;
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    if free < NEEDED {
        return Err(unfit(
            &parent,
            &format!(
                "it has {} MiB left, but a run needs {} MiB",
                free >> 20,
                NEEDED >> 20
            ),
        ));
    }
    Ok(made)
}

/// Makes sure that the socket `name` can be in `directory`.
pub(super) fn check_room_for(directory: &Path, name: &str) -> Result<(), Failure> {
    let too_long = directory
        .join(name)
        .as_os_str()
        .len()
        .saturating_sub(LONGEST_SOCKET);
    if too_long == 0 {
        return Ok(());
    }
    let parent = directory.parent().unwrap_or(directory);
    let length = parent.as_os_str().as_bytes().len();
    Err(unfit(
        parent,
        &format!(
            "its path has {length} bytes, and the browser's sockets in it allow {} (a socket's path has \
             {LONGEST_SOCKET} at most)",
            length.saturating_sub(too_long)
        ),
    ))
}

/// The system's words, without the name of a directory that could not be made.
fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    let words = text.split(" at path ").next().unwrap_or_default();
    format!("no directory can be made in it: {words}")
}

fn unfit(parent: &Path, why: &str) -> Failure {
    let set = match env::var_os("TMPDIR").filter(|value| !value.is_empty()) {
        Some(_) => "TMPDIR names",
        None => "TMPDIR is not set, which stands for",
    };
    Failure::Input(format!(
        "{set} {}, which cannot be used: {why}; set TMPDIR to another directory",
        parent.display()
    ))
}
