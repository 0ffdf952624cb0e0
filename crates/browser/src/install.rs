//! Installs the programs that a run needs, where they are missing.

mod apt;
mod build;
mod package;
mod programs;
mod target;

use crate::process::print;
use std::{
    env,
    fs::{File, TryLockError},
    path::{Path, PathBuf},
};

use anyhow::Context;

pub use package::{Package, Programs};

use crate::process::Failure;

/// Finds the programs of `package`, and the compiler's target for `project`. With `install`, what is
/// missing is installed; without, it is bad input.
pub fn ensure(package: &Package, project: &Path, install: bool) -> Result<Programs, Failure> {
    if let (true, Ok(found)) = (target::is_installed(project), programs::find(package)?) {
        return Ok(found);
    }
    if !install {
        return Err(Failure::Input(missing(package, project)?));
    }
    // Another run may be installing the same. What it has installed is found afterwards.
    let _lock = lock()?;
    if !target::is_installed(project) {
        target::install(project)?;
    }
    let mut found = programs::find(package)?;
    if let Err(missing) = &found
        && missing.is_packaged(package)
    {
        apt::install(package, missing)?;
        found = programs::find(package)?;
    }
    if let (Err(_), Some(name)) = (&found, package.driver_crate) {
        build::install(name)?;
        found = programs::find(package)?;
    }
    found.map_err(|missing| {
        Failure::ours_with(format!("{} is missing", missing.describe(package)), "")
    })
}

/// Makes sure that the compiler's target for `project` is there, for a run whose browsers are elsewhere.
pub fn ensure_target(project: &Path, install: bool) -> Result<(), Failure> {
    if target::is_installed(project) {
        return Ok(());
    }
    if !install {
        return Err(Failure::Input(missing_text(&[missing_target()])));
    }
    let _lock = lock()?;
    target::install(project)
}

/// Finds the browser of `package` alone, without its driver.
pub fn browser(package: &Package) -> Result<PathBuf, Failure> {
    programs::browser(package)?.ok_or_else(|| {
        let advice = apt::advice(package);
        Failure::Input(format!("{} is missing: {advice}", package.browser))
    })
}

fn missing(package: &Package, project: &Path) -> Result<String, Failure> {
    let mut parts = Vec::new();
    if !target::is_installed(project) {
        parts.push(missing_target());
    }
    if let Err(missing) = programs::find(package)? {
        let packaged = missing.is_packaged(package);
        let built = package.driver_crate.filter(|_| missing.driver);
        let built = built.map(|name| format!("run {}", build::command(name)));
        let apt = packaged.then(|| apt::advice(package));
        let advice: Vec<_> = built.into_iter().chain(apt).collect();
        let advice = advice.join(", and ");
        parts.push(format!("{} ({advice})", missing.describe(package)));
    }
    Ok(missing_text(&parts))
}

fn missing_target() -> String {
    format!("the {} target (run {})", target::NAME, target::COMMAND)
}

fn missing_text(parts: &[String]) -> String {
    format!(
        "missing: {}; without --no-install it is installed where possible",
        parts.join(" and ")
    )
}

/// Held until it is dropped. The system releases it if this process is killed.
fn lock() -> anyhow::Result<File> {
    let path = env::current_exe()?.with_extension("set-up.lock");
    let file = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            print::err("set-up: waiting for another run's set-up");
            file.lock()?;
        }
        Err(TryLockError::Error(error)) => return Err(error.into()),
    }
    Ok(file)
}
