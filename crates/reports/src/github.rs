//! The report for GitHub Actions: a summary in Markdown, and an annotation for each failed step.

use std::fmt::Write as _;

use super::{
    model::{Run, TestResult},
    problems, words,
};

/// How many places of a problem are named.
const PLACES: usize = 5;

/// The run in Markdown.
pub(super) fn summary(run: &Run) -> String {
    let mut text = format!("## {}\n\n{}\n", words::headline(run), escaped(&run.verdict));
    if let Some(failure) = &run.failure {
        let _ = writeln!(
            text,
            "\n> {}",
            escaped(&failure.message).replace('\n', "\n> ")
        );
    }
    for problem in problems::problems(run) {
        let _ = writeln!(text, "\n### {}\n", escaped(problem.sentence));
        if let Some(reason) = &problem.failure.engine {
            let _ = writeln!(text, "{}\n", escaped(&reason.to_string()));
        }
        for (test, step) in problem.places.iter().take(PLACES) {
            let step = step.map_or(String::new(), |step| format!(", step {}", code(&step.name)));
            let _ = writeln!(text, "- {}{step}", code(&test.name));
        }
        let more = problem.places.len().saturating_sub(PLACES);
        if more > 0 {
            let _ = writeln!(text, "- and {more} more");
        }
    }
    let flaky = run
        .tests
        .iter()
        .filter(|test| test.result == TestResult::Flaky);
    let flaky: Vec<_> = flaky.map(|test| code(&test.name)).collect();
    if !flaky.is_empty() {
        let _ = writeln!(
            text,
            "\nPassed only after a repeated request: {}",
            flaky.join(", ")
        );
    }
    let advice = run.tests.iter().flat_map(|test| &test.advice);
    let advice: Vec<_> = advice
        .map(|advice| {
            format!(
                "- {}  \n  {}\n",
                escaped(&advice.what),
                escaped(&advice.mend)
            )
        })
        .collect();
    if !advice.is_empty() {
        let _ = write!(
            text,
            "\n<details><summary>Advice ({})</summary>\n\n{}\n</details>\n",
            advice.len(),
            advice.concat()
        );
    }
    text
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
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(
            c,
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '&'
        ) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}
