//! What GitHub Actions shows of a run: a summary in Markdown, and an annotation a failed step.

use std::fmt::Write as _;

use super::{
    model::{Run, TestResult},
    problems, words,
};
use crate::step_summary;

/// How many places of a problem are named.
const PLACES: usize = 5;

/// Prints the annotations, and adds to the step's summary.
pub(super) fn tell(run: &Run) -> anyhow::Result<()> {
    print!("{}", annotations(run));
    step_summary::append(&summary(run))
}

/// The run in Markdown.
fn summary(run: &Run) -> String {
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
        let chrome = problem
            .failure
            .message
            .lines()
            .find(|line| line.starts_with("Chrome"));
        if let Some(chrome) = chrome {
            let _ = writeln!(text, "{}\n", escaped(chrome));
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
fn annotations(run: &Run) -> String {
    let mut text = String::new();
    let mut error = |title: &str, message: &str| {
        let _ = writeln!(text, "::error title={}::{}", property(title), data(message));
    };
    for test in &run.tests {
        for step in &test.steps {
            if let Some(failure) = &step.failure {
                error(&format!("{}: {}", test.name, step.name), &failure.message);
            }
        }
        if let Some(failure) = words::between_steps(test) {
            error(&test.name, &failure.message);
        }
    }
    if let Some(failure) = &run.failure {
        error("cargo e2e", &failure.message);
    }
    text
}

/// As workflow commands want their data.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

fn code(text: &str) -> String {
    format!("`{}`", text.replace('`', "'"))
}

/// Text that Markdown shall show as it is.
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

#[cfg(test)]
mod tests {
    use super::{super::samples, *};

    #[test]
    fn a_failed_step_is_annotated_in_one_line() {
        let run = samples::failing();
        let annotations = annotations(&run);
        let steps = run.tests.iter().flat_map(|test| &test.steps);
        let failed = steps.filter(|step| step.failure.is_some()).count();
        assert_eq!(annotations.lines().count(), failed);
        assert!(
            annotations.starts_with("::error title=files%3A%3Arename"),
            "{annotations}"
        );
        assert!(annotations.contains("%0AChrome: "), "{annotations}");
    }

    #[test]
    fn a_test_that_failed_between_two_steps_is_annotated_too() {
        let mut run = samples::failing();
        for step in &mut run.tests[2].steps {
            step.failure = None;
        }
        let annotations = annotations(&run);
        assert!(
            annotations.starts_with("::error title=files%3A%3Arename_and_move::rename"),
            "{annotations}"
        );
    }

    #[test]
    fn the_summary_tells_what_is_wrong_and_where() {
        let summary = summary(&samples::failing());
        for part in [
            "## Failed: OpenCloud is wrong",
            "the preflight is refused: method PUT is not in access-control-allow-methods",
            "- `files::rename_and_move`, step `rename`",
            "<details><summary>Advice (1)</summary>",
        ] {
            assert!(summary.contains(part), "{part}:\n{summary}");
        }
    }
}
