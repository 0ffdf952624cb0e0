//! Reports of a finished run, for people and for machines. Every report is a function of the run's
//! [`model`] alone.

mod github;
mod har;
mod html;
mod junit;
pub mod model;
mod problems;
mod progress;
mod results;
mod verdict;
mod words;

use anyhow::Context;
use opencloud_model::redact::{self, Secrets};
use serde_json::Value;

use self::model::Run;
pub use self::{progress::Progress, words::count};

/// The file that holds the report for people.
pub const PAGE: &str = "report.html";

/// The file that holds the run's requests.
pub const ARCHIVE: &str = "trace.har";

/// The file that holds the model of a run.
pub const RESULTS: &str = "results.json";

/// The file for programs that show test results.
const TEST_RESULTS: &str = "junit.xml";

/// A report of a run, as the text of a file.
type Format = fn(&Run) -> anyhow::Result<String>;

/// The formats: the name of each one's file, and how it is made.
const FORMATS: &[(&str, Format)] = &[
    (PAGE, |run| Ok(html::html(run))),
    (TEST_RESULTS, junit::junit),
    (ARCHIVE, har::har),
    (RESULTS, results::results),
];

/// The files with their names, the report for people first.
pub fn files(run: &Run) -> anyhow::Result<Vec<(&'static str, String)>> {
    files_without(redact::known(), run)
}

/// The files with their names, without any of `secrets`.
pub fn files_without(secrets: &Secrets, run: &Run) -> anyhow::Result<Vec<(&'static str, String)>> {
    let run = clean(secrets, run)?;
    let files = FORMATS
        .iter()
        .map(|(name, format)| Ok((*name, format(&run)?)));
    files.collect()
}

/// The reports of several runs, each in a browser of its own, side by side; the one for people first. The
/// report of each run belongs into a directory beside them, named after its engine.
pub fn comparison(runs: &[Run]) -> anyhow::Result<Vec<(&'static str, String)>> {
    let runs = runs.iter().map(|run| clean(redact::known(), run));
    let runs: Vec<_> = runs.collect::<Result<_, _>>()?;
    Ok(vec![
        (PAGE, html::comparison(&runs)),
        (TEST_RESULTS, junit::comparison(&runs)?),
    ])
}

/// The model that was written as `text`, the content of [`RESULTS`].
pub fn read(text: &str) -> anyhow::Result<Run> {
    serde_json::from_str(text).context("cannot read our own results")
}

/// The requests of `run` as an HTTP Archive, with whatever secrets `run` holds.
#[must_use]
pub fn archive(run: &Run) -> Value {
    har::archive(run)
}

/// The report for GitHub Actions.
#[derive(Debug)]
pub struct GithubActions {
    /// Lines for the standard output: one annotation for each failed step.
    pub annotations: String,
    /// Markdown for the step's summary.
    pub summary: String,
}

/// The report of `run` for GitHub Actions.
pub fn github_actions(run: &Run) -> anyhow::Result<GithubActions> {
    let run = clean(redact::known(), run)?;
    Ok(GithubActions {
        annotations: github::annotations(&run),
        summary: github::summary(&run),
    })
}

/// `run` without any secret. Headers and our own failures may hold some.
fn clean(secrets: &Secrets, run: &Run) -> anyhow::Result<Run> {
    let mut run = serde_json::to_value(run).context("cannot write the results as JSON")?;
    secrets.clean_json(&mut run, &Run::FIXED);
    serde_json::from_value(run).context("cannot read our own results")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_in_docs_is_that_of_the_results() {
        let schema = schemars::schema_for!(Run);
        let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        // UPDATE_EXPECT=1 writes it anew.
        expect_test::expect_file!["../../../docs/results.schema.json"].assert_eq(&text);
    }
}
