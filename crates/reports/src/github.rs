//! The report for GitHub Actions: a summary in Markdown, and an annotation for each failed step.

use std::fmt::Write as _;

use super::{
    model::{Advice, Run, TestResult},
    problems::{self, Problem},
    words,
};

/// How many places of a problem are named.
const PLACES: usize = 5;

/// The run in Markdown.
pub(super) fn summary(run: &Run) -> String {
    let headline = words::headline(run);
    let mut parts = vec![format!("## {headline}\n\n{}", escaped(&run.verdict))];
    if let Some(failure) = &run.failure {
        let message = escaped(&failure.message).replace('\n', "\n> ");
        parts.push(format!("> {message}"));
    }
    for problem in problems::problems(run) {
        parts.push(format!("### {}", escaped(problem.sentence)));
        let reason = problem.failure.engine.as_ref();
        parts.extend(reason.map(|reason| escaped(&reason.to_string())));
        parts.push(places(&problem));
    }
    let tests = run.tests.iter();
    let flaky = tests.filter(|test| test.result == TestResult::Flaky);
    let flaky: Vec<_> = flaky.map(|test| code(&test.name)).collect();
    if !flaky.is_empty() {
        let flaky = flaky.join(", ");
        parts.push(format!("Passed only after a repeated request: {flaky}"));
    }
    let advice = run.tests.iter().flat_map(|test| &test.advice);
    let advice = advice.map(|Advice { what, fix }| {
        let (what, fix) = (escaped(what), escaped(fix));
        format!("- {what}  \n  {fix}\n")
    });
    let advice: Vec<_> = advice.collect();
    if !advice.is_empty() {
        let (number, advice) = (advice.len(), advice.concat());
        parts.push(format!(
            "<details><summary>Advice ({number})</summary>\n\n{advice}\n</details>"
        ));
    }
    parts.join("\n\n") + "\n"
}

/// The places of a problem as a list.
fn places(problem: &Problem<'_>) -> String {
    let shown = problem.places.iter().take(PLACES).map(|(test, step)| {
        let step = step.map_or(String::new(), |step| format!(", step {}", code(&step.name)));
        format!("- {}{step}", code(&test.name))
    });
    let more = problem.places.len().saturating_sub(PLACES);
    let more = (more > 0).then(|| format!("- and {more} more"));
    shown.chain(more).collect::<Vec<_>>().join("\n")
}

/// A workflow command for each failed step, and for each test that failed between two.
pub(super) fn annotations(run: &Run) -> String {
    let mut text = String::new();
    let mut error = |title: &str, message: &str| {
        let _ = writeln!(text, "::error title={}::{}", property(title), data(message));
    };
    for test in &run.tests {
        for step in &test.steps {
            if let Some(failure) = &step.failure {
                error(&format!("{}: {}", test.name, step.name), &failure.text());
            }
        }
        if let Some(failure) = words::between_steps(test) {
            error(&test.name, &failure.text());
        }
    }
    if let Some(failure) = &run.failure {
        error("cargo e2e", &failure.message);
    }
    text
}

/// `text` escaped as the data of a workflow command.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// `text` escaped as a property of a workflow command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

fn code(text: &str) -> String {
    format!("`{}`", text.replace('`', "'"))
}

/// `text` escaped, so that Markdown shows it literally.
fn escaped(text: &str) -> String {
    let is_special = |c| r"\`*_[]<>#|&".contains(c);
    let escape = |c| is_special(c).then_some('\\').into_iter().chain([c]);
    text.chars().flat_map(escape).collect()
}
