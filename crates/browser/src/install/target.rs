//! The compiler's target for WebAssembly.

use crate::process::print;
use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use crate::process::Failure;

/// The target.
pub(super) const NAME: &str = "wasm32-unknown-unknown";
/// The command that installs it.
pub(super) const COMMAND: &str = "rustup target add wasm32-unknown-unknown";

/// Whether the toolchain that compiles `project` has the target.
pub(super) fn is_installed(project: &Path) -> bool {
    // Cargo names its own path, and the targets lie beside it: no program has to be started.
    let by_cargo = env::var_os("CARGO")
        .and_then(|cargo| Some(PathBuf::from(cargo).parent()?.parent()?.to_owned()));
    by_cargo.is_some_and(|root| has_target(&root))
        || sysroot(project).is_some_and(|root| has_target(&root))
}

fn has_target(sysroot: &Path) -> bool {
    sysroot.join("lib/rustlib").join(NAME).join("lib").is_dir()
}

fn sysroot(project: &Path) -> Option<PathBuf> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc)
        .args(["--print", "sysroot"])
        .current_dir(project)
        .output()
        .ok()?;
    Some(String::from_utf8(output.stdout).ok()?.trim().into())
}

/// Installs it.
pub(super) fn install(project: &Path) -> Result<(), Failure> {
    let Ok(rustup) = which::which("rustup") else {
        return Err(Failure::Input(format!(
            "the {NAME} target is missing, and there is no rustup to install it: install it with \
             what installed Rust (with rustup it is {COMMAND})"
        )));
    };
    print::err(format_args!("set-up: {COMMAND}"));
    let output = Command::new(rustup)
        .args(["target", "add", NAME])
        .current_dir(project)
        .output()
        .map_err(Failure::ours)?;
    if output.status.success() && is_installed(project) {
        return Ok(());
    }
    Err(Failure::ours_with(
        format!("{COMMAND} did not install the target"),
        String::from_utf8_lossy(&output.stderr),
    ))
}
