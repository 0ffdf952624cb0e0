//! What is left of a run for people and machines to look at. What was told while it ran, and what
//! the browser knows of its requests, become one model; `opencloud-reports` makes every report of
//! that alone.

mod archive;
mod build;
mod requests;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;

use std::{
    env, fs,
    io::IsTerminal,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context;
use opencloud_reports::{GithubActions, PAGE, model::Run};

pub(crate) use archive::name;
pub(crate) use build::{Frame, run};

use crate::run::step_summary;
use opencloud_browser::process::Failure;

/// Makes `directory` for the reports, or says why it is not to be had.
pub(crate) fn prepare(directory: &Path) -> Result<(), Failure> {
    fs::create_dir_all(directory).map_err(|error| {
        let directory = directory.display();
        Failure::Input(format!("--report: cannot make {directory}: {error}"))
    })
}

/// Writes all reports of `run` into `directory`, or into one of its own. Returns the path of the
/// report for people.
pub(crate) fn write(run: &Run, directory: Option<&Path>) -> anyhow::Result<PathBuf> {
    let directory = archive::directory(&run.id, directory)?;
    for (name, text) in opencloud_reports::files(run)? {
        let path = directory.join(name);
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(archive::from_here(&directory.join(PAGE)))
}

/// Tells GitHub Actions of `run`, where it is part of it.
pub(crate) fn tell(run: &Run) -> anyhow::Result<()> {
    if env::var_os("GITHUB_ACTIONS").is_none() {
        return Ok(());
    }
    let GithubActions {
        annotations,
        summary,
    } = opencloud_reports::github_actions(run)?;
    print!("{annotations}");
    step_summary::append(&summary)
}

/// `cargo e2e report`: says where the report is, and opens it where somebody can see it.
pub(crate) fn show(directory: Option<&Path>) -> Result<ExitCode, Failure> {
    let report = archive::find(directory)?;
    println!("{}", archive::from_here(&report).display());
    let has_desktop = cfg!(target_os = "macos")
        || ["DISPLAY", "WAYLAND_DISPLAY"]
            .iter()
            .any(|name| env::var_os(name).is_some());
    if has_desktop && std::io::stdout().is_terminal() {
        opener::open(&report).context("cannot open it")?;
    }
    Ok(ExitCode::SUCCESS)
}
