//! The reports of a run: completes the run's model with the browser's requests, and writes the files
//! that `opencloud-reports` makes of it.

mod archive;
mod requests;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;

use std::{
    fs,
    io::IsTerminal,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context;
use opencloud_contract::coverage::{Calls, Coverage, Document};
use opencloud_reports::{
    GithubActions, PAGE,
    model::{Operation, Run},
};

pub(crate) use archive::name;
pub(crate) use opencloud_reports::ARCHIVE;
pub(crate) use requests::complete;

use crate::run::step_summary;
use opencloud_browser::{
    process::{Failure, print},
    window::has_display,
};

/// Makes `directory` for the reports.
pub(crate) fn prepare(directory: &Path) -> Result<(), Failure> {
    fs::create_dir_all(directory).map_err(|error| {
        let directory = directory.display();
        Failure::Input(format!("--report: cannot make {directory}: {error}"))
    })
}

/// Makes the directory of the run `id`, or `wanted`. Returns its path as seen from here.
pub(crate) fn directory(id: &str, wanted: Option<&Path>) -> anyhow::Result<PathBuf> {
    Ok(archive::from_here(&archive::directory(id, wanted)?))
}

/// Adds the operations to `run`, and writes all reports of it into `directory`, or into one of its own.
/// Returns the path of the report for people.
pub(crate) fn write(run: &mut Run, directory: Option<&Path>) -> anyhow::Result<PathBuf> {
    let directory = archive::directory(&run.id, directory)?;
    run.operations = operations(run)?;
    for (name, text) in opencloud_reports::files(run)? {
        let path = directory.join(name);
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(archive::from_here(&directory.join(PAGE)))
}

/// Writes the reports of several runs side by side into `directory`, whose directories of the `engines`'
/// names hold those of each. Returns the path of the report for people, and the runs.
pub(crate) fn compare(directory: &Path, engines: &[&str]) -> anyhow::Result<(PathBuf, Vec<Run>)> {
    let mut runs = Vec::new();
    for engine in engines {
        let path = directory.join(engine).join(opencloud_reports::RESULTS);
        let text = fs::read_to_string(&path);
        let text = text.with_context(|| format!("cannot read {}", path.display()))?;
        runs.push(opencloud_reports::read(&text)?);
    }
    for (name, text) in opencloud_reports::comparison(&runs)? {
        let path = directory.join(name);
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok((archive::from_here(&directory.join(PAGE)), runs))
}

/// Which operations of the UserAPI the tests of `run` called; empty if they sent nothing.
fn operations(run: &Run) -> anyhow::Result<Vec<Operation>> {
    let document = Document::recorded()?;
    let calls = Calls::of(opencloud_reports::archive(run), &document)?;
    if calls.is_empty() {
        return Ok(Vec::new());
    }
    let operations = Coverage::of(&document, &calls, &[]).operations.into_iter();
    let operations = operations.map(|operation| Operation {
        name: operation.name,
        calls: operation.calls,
        not_for_pages: operation.not_for_pages.map(str::to_owned),
    });
    Ok(operations.collect())
}

/// Reports `run` to GitHub Actions, where this runs there.
pub(crate) fn report_to_github(run: &Run) -> anyhow::Result<()> {
    if !print::in_github_actions() {
        return Ok(());
    }
    let GithubActions {
        annotations,
        summary,
    } = opencloud_reports::github_actions(run)?;
    print::raw(annotations);
    step_summary::append(&summary)
}

/// The directory with the reports of a run: `directory`, or that of the last run.
pub(crate) fn find_directory(directory: Option<&Path>) -> Result<PathBuf, Failure> {
    let report = archive::find(directory)?;
    Ok(report.parent().map(Path::to_owned).unwrap_or_default())
}

/// `cargo e2e report`: says where the report is, and opens it where somebody can see it.
pub(crate) fn show(directory: Option<&Path>) -> Result<ExitCode, Failure> {
    let report = archive::find(directory)?;
    print::out(archive::from_here(&report).display());
    if has_display() && std::io::stdout().is_terminal() {
        opener::open(&report).context("cannot open it")?;
    }
    Ok(ExitCode::SUCCESS)
}
