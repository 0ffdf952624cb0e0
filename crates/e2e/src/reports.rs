//! What is left of a run for people and machines to look at. A run becomes a model
//! ([`model::Run`]); every report is a function of that model alone.

mod archive;
mod build;
mod github;
mod har;
mod html;
mod junit;
mod model;
mod requests;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;
mod words;

use std::{
    fs,
    io::IsTerminal,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context;
use opencloud_suite::redact;

pub(crate) use archive::name;
pub(crate) use build::Frame;
pub(crate) use model::{Environment, Failure, Run, Setting, Versions};

use crate::failure;

/// Makes `directory` for the reports, or says why it is not to be had.
pub(crate) fn prepare(directory: &Path) -> Result<(), failure::Failure> {
    fs::create_dir_all(directory).map_err(|error| {
        let directory = directory.display();
        failure::Failure::Input(format!("--report: cannot make {directory}: {error}"))
    })
}

/// Writes all reports of `run` into `directory`, or into one of its own, and tells GitHub Actions.
/// Returns the path of the report for people.
pub(crate) fn write(run: &Run, directory: Option<&Path>) -> anyhow::Result<PathBuf> {
    let directory = archive::directory(&run.id, directory)?;
    let (run, files) = all(run)?;
    for (name, text) in files {
        let path = directory.join(name);
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    github::tell(&run)?;
    Ok(archive::from_here(&directory.join("report.html")))
}

/// The files with their contents, and the run as they tell it: without any secret. Whatever may
/// have got into `run` by way of the browser or of our own failures goes the way of all that is
/// written.
fn all(run: &Run) -> anyhow::Result<(Run, [(&'static str, String); 4])> {
    let results = serde_json::to_string(run).context("cannot write the results as JSON")?;
    let results = redact::clean(&results);
    let run: Run = serde_json::from_str(&results).context("cannot read our own results")?;
    let files = [
        ("report.html", html::html(&run)),
        ("junit.xml", junit::junit(&run)?),
        (
            "trace.har",
            har::har(&run).context("cannot write the requests as JSON")?,
        ),
        ("results.json", results),
    ];
    Ok((run, files))
}

/// `cargo e2e report`: says where the report is, and opens it where somebody can see it.
pub(crate) fn show(directory: Option<&Path>) -> Result<ExitCode, failure::Failure> {
    let report = archive::find(directory)?;
    println!("{}", archive::from_here(&report).display());
    let has_desktop = cfg!(target_os = "macos")
        || ["DISPLAY", "WAYLAND_DISPLAY"]
            .iter()
            .any(|name| std::env::var_os(name).is_some());
    if has_desktop && std::io::stdout().is_terminal() {
        opener::open(&report).context("cannot open it")?;
    }
    Ok(ExitCode::SUCCESS)
}
