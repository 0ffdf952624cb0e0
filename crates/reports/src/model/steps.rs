//! The tests of a run with their steps.

use opencloud_model::event::{Failure, TEARDOWN};
#[cfg(test)]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[cfg(test)]
use super::schema;

/// The result of a test or a step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TestResult {
    /// All checks passed.
    #[default]
    Passed,
    /// It did not run, or it could check nothing.
    Skipped,
    /// All checks passed, but only after a repeated request.
    Flaky,
    /// The `OpenCloud` under test is wrong.
    Failed,
    /// The failure is not the fault of the `OpenCloud` under test: see `blame`.
    Error,
}

/// A test.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Test {
    /// Its name.
    pub name: String,
    /// Its subject, for a person.
    pub about: String,
    /// Its result.
    pub result: TestResult,
    /// When it began.
    pub started_at: f64,
    /// How long it took.
    pub seconds: f64,
    /// Why it failed.
    #[cfg_attr(test, schemars(with = "Option<schema::Failure>"))]
    pub failure: Option<Failure>,
    /// Why it did not run or checked nothing.
    pub skipped: Option<String>,
    /// Its steps.
    pub steps: Vec<Step>,
    /// Checks that could not be made.
    pub not_checked: Vec<NotChecked>,
    /// Flaws that the frontend copes with.
    pub advice: Vec<Advice>,
    /// Measured figures.
    pub measured: Vec<Measured>,
}

impl Test {
    /// Its failures, each with the step that failed. The teardown's is left out after another: most
    /// often it is the same problem again. A test that failed between two steps has one of its own.
    #[must_use]
    pub fn failures(&self) -> Vec<(Option<&Step>, &Failure)> {
        let steps = self.steps.iter();
        let failed = steps.filter_map(|step| Some((Some(step), step.failure.as_ref()?)));
        let mut failed: Vec<_> = failed.collect();
        if failed.len() > 1 {
            failed.retain(|(step, _)| step.is_none_or(|step| step.name != TEARDOWN));
        }
        if failed.is_empty() {
            failed.extend(self.failure.as_ref().map(|failure| (None, failure)));
        }
        failed
    }
}

/// A step.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Step {
    /// Its name.
    pub name: String,
    /// Its result.
    pub result: TestResult,
    /// When it began.
    pub started_at: f64,
    /// How long it took.
    pub seconds: f64,
    /// Why it failed.
    #[cfg_attr(test, schemars(with = "Option<schema::Failure>"))]
    pub failure: Option<Failure>,
    /// Its last long wait.
    pub waited_for: Option<Wait>,
    /// Requests that were sent more than once.
    pub repeated: Vec<Repeat>,
    /// Its requests, by their index in the run's `exchanges`.
    pub exchanges: Vec<usize>,
    /// The one of them that made it fail.
    pub culprit: Option<usize>,
}

/// A wait that may take long.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Wait {
    /// The awaited event.
    pub what: String,
    /// How long it may take.
    pub limit: Option<f64>,
}

/// A request that was sent once more.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Repeat {
    /// The purpose of the request.
    pub name: String,
    /// The number of the attempt: 2 is the first repetition.
    pub attempt: u32,
    /// Why the previous attempt did not count.
    pub why: String,
    /// The pause before it.
    pub delay: f64,
}

/// A check that could not be made.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct NotChecked {
    /// The check.
    pub what: String,
    /// Why it could not be made, and what it needs.
    pub why: String,
}

/// A flaw that the frontend copes with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Advice {
    /// The flaw, and its effect on a user.
    pub what: String,
    /// How to fix it.
    pub fix: String,
}

/// A measured fact.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Measured {
    /// The quantity, with its unit.
    pub what: String,
    /// The figure.
    pub value: f64,
}
