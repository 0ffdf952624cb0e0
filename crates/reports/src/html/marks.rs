//! Signs and classes of results.

use maud::{Markup, html};

use super::super::{
    model::{Outcome, TestResult},
    words,
};

/// The sign of a result, with its name for screen readers: colour alone is never enough.
pub(super) fn sign(result: TestResult) -> Markup {
    let sign = match result {
        TestResult::Passed => "✓",
        TestResult::Flaky => "↻",
        TestResult::Skipped => "–",
        TestResult::Failed => "✗",
        TestResult::Error => "⚠",
    };
    let name = words::result(result);
    html! { span.sign.(name) aria-hidden="true" { (sign) } span.spoken { (name) ": " } }
}

/// The class of a run's outcome.
pub(super) fn class(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "passed",
        Outcome::Failed => "failed",
        Outcome::Error => "error",
        Outcome::Interrupted => "skipped",
    }
}
