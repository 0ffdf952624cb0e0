//! What is left of a run for people and machines to look at. A run becomes a model
//! ([`model::Run`]); every report is a function of that model alone.

mod archive;
mod build;
mod github;
mod har;
mod html;
mod junit;
mod model;
mod problems;
mod requests;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;
mod words;

use std::{
    env, fs,
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

/// Writes all reports of `run` into `directory`, or into one of its own. Returns the path of the
/// report for people.
pub(crate) fn write(run: &Run, directory: Option<&Path>) -> anyhow::Result<PathBuf> {
    let directory = archive::directory(&run.id, directory)?;
    for (name, text) in all(run)? {
        let path = directory.join(name);
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(archive::from_here(&directory.join("report.html")))
}

/// Tells GitHub Actions of `run`, where it is part of it.
pub(crate) fn tell(run: &Run) -> anyhow::Result<()> {
    if env::var_os("GITHUB_ACTIONS").is_none() {
        return Ok(());
    }
    github::tell(&clean(run)?)
}

/// `run` without any secret: whatever may have got into it by way of the browser or of our own
/// failures goes the way of all that is written.
fn clean(run: &Run) -> anyhow::Result<Run> {
    let mut run = serde_json::to_value(run).context("cannot write the results as JSON")?;
    redact::clean_json(&mut run, &Run::FIXED);
    serde_json::from_value(run).context("cannot read our own results")
}

/// The files with their contents.
fn all(run: &Run) -> anyhow::Result<[(&'static str, String); 4]> {
    let run = &clean(run)?;
    let results = serde_json::to_string(run).context("cannot write the results as JSON")?;
    Ok([
        ("report.html", html::html(run)),
        ("junit.xml", junit::junit(run)?),
        (
            "trace.har",
            har::har(run).context("cannot write the requests as JSON")?,
        ),
        ("results.json", results),
    ])
}

/// `cargo e2e report`: says where the report is, and opens it where somebody can see it.
pub(crate) fn show(directory: Option<&Path>) -> Result<ExitCode, failure::Failure> {
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
