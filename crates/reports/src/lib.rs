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

use self::model::Run;
pub use self::{progress::Progress, words::count};

/// The file that holds the report for people.
pub const PAGE: &str = "report.html";

/// The file that holds the run's requests.
pub const ARCHIVE: &str = "trace.har";

/// A report of a run, as the text of a file.
type Format = fn(&Run) -> anyhow::Result<String>;

/// The formats: the name of each one's file, and how it is made.
const FORMATS: &[(&str, Format)] = &[
    (PAGE, |run| Ok(html::html(run))),
    ("junit.xml", junit::junit),
    (ARCHIVE, har::har),
    ("results.json", results::results),
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

/// The requests of `run` as an HTTP Archive, with whatever secrets `run` holds.
pub fn archive(run: &Run) -> anyhow::Result<String> {
    har::har(run)
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
