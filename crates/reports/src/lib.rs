//! What is left of a run for people and machines to look at. Every report is a function of the
//! run's [`model`] alone.

mod github;
mod har;
mod html;
mod junit;
pub mod model;
mod problems;
mod words;

use anyhow::Context;
use opencloud_model::redact::{self, Secrets};

use self::model::Run;

/// The files with their names, the report for people first.
pub fn files(run: &Run) -> anyhow::Result<[(&'static str, String); 4]> {
    files_without(redact::known(), run)
}

/// The files with their names, without any of `secrets`.
pub fn files_without(secrets: &Secrets, run: &Run) -> anyhow::Result<[(&'static str, String); 4]> {
    let run = &clean(secrets, run)?;
    let results = serde_json::to_string(run).context("cannot write the results as JSON")?;
    Ok([
        (PAGE, html::html(run)),
        ("junit.xml", junit::junit(run)?),
        (
            "trace.har",
            har::har(run).context("cannot write the requests as JSON")?,
        ),
        ("results.json", results),
    ])
}

/// The file that holds the report for people.
pub const PAGE: &str = "report.html";

/// What GitHub Actions shall show.
#[derive(Debug)]
pub struct OnGithub {
    /// Lines for the standard output: an annotation a failed step.
    pub annotations: String,
    /// Markdown for the step's summary.
    pub summary: String,
}

/// What GitHub Actions shall show of `run`.
pub fn on_github(run: &Run) -> anyhow::Result<OnGithub> {
    let run = clean(redact::known(), run)?;
    Ok(OnGithub {
        annotations: github::annotations(&run),
        summary: github::summary(&run),
    })
}

/// `run` without any secret: whatever may have got into it by way of the browser or of our own
/// failures goes the way of all that is written.
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
