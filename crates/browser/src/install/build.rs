//! Builds a driver that no package manager has, with cargo.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::package::Package;
use crate::process::{Failure, print};

/// The driver that an earlier run has built, if it has.
pub(super) fn built(package: &Package) -> Option<PathBuf> {
    package.driver_crate?;
    which::which(root()?.join("bin").join(package.driver)).ok()
}

/// What cargo leaves in the root of a target directory.
const MARKS: [&str; 2] = ["CACHEDIR.TAG", ".rustc_info.json"];

/// Where drivers are installed: in cargo's target directory.
fn root() -> Option<PathBuf> {
    let program = env::current_exe().ok()?;
    let mut directories = program.ancestors().skip(1);
    let is_target = |directory: &&Path| MARKS.iter().any(|mark| directory.join(mark).is_file());
    let target = directories.find(is_target);
    Some(target.or(program.parent())?.join("drivers"))
}

/// The command that builds the driver from the crate `name`, with the dependencies that it was released with.
pub(super) fn command(name: &str) -> String {
    format!("cargo install --locked {name}")
}

/// Builds the driver from the crate `name`.
pub(super) fn install(name: &str) -> Result<(), Failure> {
    let root = root().ok_or_else(|| Failure::ours_with("cannot find this program", ""))?;
    print::err(format_args!(
        "set-up: {} --root {} (it takes a minute or a few)",
        command(name),
        root.display()
    ));
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["install", "--locked", name, "--root"])
        .arg(root)
        // Half of the time goes into an optimisation that nobody would notice: a driver waits for the browser.
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
        .stdin(Stdio::null())
        .output()
        .map_err(Failure::ours)?;
    if output.status.success() {
        return Ok(());
    }
    Err(Failure::ours_with(
        format!("{} did not succeed", command(name)),
        String::from_utf8_lossy(&output.stderr),
    ))
}
