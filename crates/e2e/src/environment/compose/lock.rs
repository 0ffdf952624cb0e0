//! One run at a time on one engine: the services have one name in it, and one set of ports.

use std::{
    fs::{File, TryLockError},
    io::{Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
    process,
};

use opencloud_browser::process::Failure;
use rustix::fs::OFlags;

use crate::project;

/// Held while a run uses the services. The system releases it when the process ends, however it does.
#[derive(Debug)]
pub(super) struct Lock(#[expect(dead_code, reason = "it is locked as long as it is open")] File);

impl Lock {
    /// Takes the lock of the engine that has this ID. Fails if another run holds it.
    pub(super) fn take(engine: &str) -> Result<Self, Failure> {
        Self::attempt(engine)?.map_err(|holder| {
            Failure::Input(format!(
                "another run uses the services of --local{holder}: wait until it has ended"
            ))
        })
    }

    /// Takes the lock unless another run holds it, in whichever checkout and of whichever user.
    pub(super) fn attempt(engine: &str) -> Result<Result<Self, String>, Failure> {
        let name = format!(
            "opencloud-integration-tests-{}.lock",
            engine.replace('/', "-")
        );
        let path = Path::new("/tmp").join(name);
        let mut options = File::options();
        // Any user can put a link into this directory.
        options.custom_flags(OFlags::NOFOLLOW.bits().cast_signed());
        options.read(true);
        let mut own = options.clone();
        own.write(true).create(true).truncate(false);
        // That of another user can be read and locked, but not written.
        let opened = own.open(&path).or_else(|_| options.open(&path));
        let mut file = opened.map_err(Failure::ours)?;
        match file.try_lock() {
            Ok(()) => {
                let (number, project) = (process::id(), project::root());
                let _ = file.set_len(0);
                let _ = write!(file, " (process {number} in {})", project.display());
                Ok(Ok(Self(file)))
            }
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                let _ = file.read_to_string(&mut holder);
                Ok(Err(holder))
            }
            Err(TryLockError::Error(error)) => Err(Failure::ours(error)),
        }
    }
}
