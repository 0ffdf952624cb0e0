//! Set-up: what a run needs on this machine, installed only when it is missing.

mod browser;
mod target;

use std::{
    env,
    fs::{File, TryLockError},
};

use anyhow::Context;

pub(crate) use browser::Browser;

use crate::failure::Failure;

/// Finds all that a run needs. With `install`, what is missing is installed; without, it is told.
pub(crate) fn ensure(install: bool) -> Result<Browser, Failure> {
    if let (true, Ok(browser)) = (target::is_installed(), browser::find()?) {
        return Ok(browser);
    }
    if !install {
        return Err(Failure::Input(missing()?));
    }
    // Another run may be installing the same. What it has installed is found afterwards.
    let _lock = lock()?;
    if !target::is_installed() {
        target::install()?;
    }
    match browser::find()? {
        Ok(browser) => Ok(browser),
        Err(missing) => browser::install(missing),
    }
}

fn missing() -> Result<String, Failure> {
    let mut parts = Vec::new();
    if !target::is_installed() {
        parts.push(format!("the {} target ({})", target::NAME, target::COMMAND));
    }
    if let Err(missing) = browser::find()? {
        parts.push(format!("{missing} ({})", browser::command()));
    }
    Ok(format!(
        "missing: {}; without --no-install it is installed where possible",
        parts.join(" and ")
    ))
}

/// Held until it is dropped; the system lets go of it if this process is killed.
fn lock() -> anyhow::Result<File> {
    let path = env::current_exe()?.with_extension("set-up.lock");
    let file = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            announce("waiting for another run's set-up");
            file.lock()?;
        }
        Err(TryLockError::Error(error)) => return Err(error.into()),
    }
    Ok(file)
}

fn announce(step: &str) {
    eprintln!("set-up: {step}");
}
