//! What several reports say in the same words.

use opencloud_suite::{
    leftovers,
    report::{Blame, TEARDOWN},
};

use super::model::{Exchange, Failure, Outcome, Run, Step, Test, TestResult};

/// A run's outcome in a few words.
pub(super) fn headline(run: &Run) -> &'static str {
    match (run.outcome, blame(run)) {
        (Outcome::Passed, _) => "Passed",
        (Outcome::Failed, _) => "Failed: OpenCloud is wrong",
        (Outcome::Error, Some(Blame::Input)) => "No verdict: the input is wrong",
        (Outcome::Error, _) => "No verdict: the suite itself failed",
        (Outcome::Interrupted, _) => "No verdict: ended early",
    }
}

/// Whose fault it is that a run has no verdict.
pub(super) fn blame(run: &Run) -> Option<Blame> {
    let tests = run
        .tests
        .iter()
        .filter(|test| test.result == TestResult::Error);
    let failures = tests.filter_map(|test| test.failure.as_ref());
    let blames = failures.chain(&run.failure).map(|failure| failure.blame);
    blames.max_by_key(|blame| *blame == Blame::Ourselves)
}

/// The name of a result.
pub(super) fn result(result: TestResult) -> &'static str {
    match result {
        TestResult::Passed => "passed",
        TestResult::Flaky => "flaky",
        TestResult::Skipped => "skipped",
        TestResult::Failed => "failed",
        TestResult::Error => "error",
    }
}

/// A duration in seconds, as precise as its size makes sense.
pub(super) fn seconds(seconds: f64) -> String {
    if seconds < 0.0995 {
        format!("{:.0} ms", seconds * 1000.0)
    } else if seconds < 10.0 {
        format!("{seconds:.2} s")
    } else if seconds < 120.0 {
        format!("{seconds:.1} s")
    } else {
        format!(
            "{:.0} min {:02.0} s",
            (seconds / 60.0).floor(),
            seconds % 60.0
        )
    }
}

/// An instant (milliseconds since 1970) for a person.
pub(super) fn instant(milliseconds: f64) -> String {
    timestamp(milliseconds)
        .strftime("%Y-%m-%d %H:%M:%S UTC")
        .to_string()
}

/// An instant (milliseconds since 1970) as a point in time.
pub(super) fn timestamp(milliseconds: f64) -> jiff::Timestamp {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "milliseconds since 1970 fit"
    )]
    let milliseconds = milliseconds as i64;
    jiff::Timestamp::from_millisecond(milliseconds).unwrap_or_default()
}

/// A number with its noun.
pub(super) fn count(number: usize, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{number} {noun}s"),
    }
}

/// A failure that one or more steps share.
pub(super) struct Problem<'a> {
    /// What is wrong, in a sentence.
    pub(super) sentence: &'a str,
    /// The failure that told it first.
    pub(super) failure: &'a Failure,
    /// Where it showed: the test and, unless it failed between two, the step.
    pub(super) places: Vec<(&'a Test, Option<&'a Step>)>,
}

/// What is wrong, each thing once. A teardown that fails after its test has failed is told with the
/// test alone: most often it is the same thing again.
pub(super) fn problems(run: &Run) -> Vec<Problem<'_>> {
    let mut problems: Vec<Problem<'_>> = Vec::new();
    for test in &run.tests {
        let steps = test.steps.iter();
        let mut failed: Vec<_> = steps
            .filter_map(|step| Some((Some(step), step.failure.as_ref()?)))
            .collect();
        if failed.len() > 1 {
            failed.retain(|(step, _)| step.is_none_or(|step| step.name != TEARDOWN));
        }
        if failed.is_empty() {
            failed.extend(test.failure.as_ref().map(|failure| (None, failure)));
        }
        for (step, failure) in failed {
            let sentence = sentence(&failure.message);
            let same = |known: &&mut Problem<'_>| cause(known.sentence) == cause(sentence);
            match problems.iter_mut().find(same) {
                Some(known) => known.places.push((test, step)),
                None => problems.push(Problem {
                    sentence,
                    failure,
                    places: vec![(test, step)],
                }),
            }
        }
    }
    // The gravest first, then what shows in most places.
    let gravity =
        |problem: &Problem<'_>| (problem.failure.blame != Blame::Stack, problem.places.len());
    problems.sort_by_key(|problem| std::cmp::Reverse(gravity(problem)));
    problems
}

/// A failure's first line, without the request that it names at its start.
pub(super) fn sentence(message: &str) -> &str {
    let line = message.lines().next().unwrap_or_default();
    match line.split_once("): ") {
        Some((request, rest)) if request.contains(" http") => rest,
        _ => line,
    }
}

/// What a sentence says of the cause: whatever else was expected, the same answer is the same, and so
/// is what is said of another file of the run's.
fn cause(sentence: &str) -> String {
    let parts = sentence.split_once(" instead of ");
    let answered = parts.filter(|(answer, _)| answer.starts_with("answered "));
    match answered.and_then(|(answer, rest)| Some((answer, rest.split_once(": ")?.1))) {
        Some((answer, body)) => format!("{answer}: {body}"),
        None => sentence
            .split(' ')
            .filter(|word| !is_of_one_file(word))
            .collect::<Vec<_>>()
            .join(" "),
    }
}

/// Whether a word is the name or the size of one of the run's files.
fn is_of_one_file(word: &str) -> bool {
    word.contains(leftovers::PREFIX)
        || word.parse::<f64>().is_ok()
        || ["Byte", "Bytes", "kB", "MB"].contains(&word.trim_end_matches(','))
}

/// The setting that a failure's message tells to look at: its service and its name.
pub(super) fn setting(message: &str) -> Option<(&str, &str)> {
    ["UserAPI", "S3", "Cognito"]
        .into_iter()
        .find_map(|service| {
            let mark = format!("({service}, ");
            let start = message.find(&mark)? + mark.len();
            let inside = &message[start..];
            let mut depth = 0_i32;
            let end = inside.find(|c| {
                depth += i32::from(c == '(') - i32::from(c == ')');
                depth < 0
            })?;
            Some((service, &inside[..end]))
        })
}

/// The command that runs a test again.
pub(super) fn again(run: &Run, test: &str) -> String {
    let environment = match &*run.environment.name {
        "embedded" => String::new(),
        name => format!("--{name} "),
    };
    format!("cargo e2e {environment}--filter {test}")
}

/// What came of a request, in a few words.
pub(super) fn outcome(exchange: &Exchange) -> String {
    match (exchange.status, exchange.readable, &exchange.browser) {
        (Some(status), Some(false), _) => format!("{status}, kept from the page"),
        (Some(status), ..) => status.to_string(),
        (None, _, Some(browser)) => browser.clone(),
        (None, ..) => "no answer".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_the_setting_to_look_at() {
        assert_eq!(
            setting("the preflight is refused (UserAPI, CORSMiddleware allow_methods)"),
            Some(("UserAPI", "CORSMiddleware allow_methods"))
        );
        assert_eq!(setting("a (S3, b (c) d) e"), Some(("S3", "b (c) d")));
        assert_eq!(setting("the job ended in error"), None);
    }

    #[test]
    fn a_sentence_leaves_the_request_out() {
        assert_eq!(
            sentence("list (GET http://a/b): no answer\nChrome: x"),
            "no answer"
        );
        assert_eq!(sentence("job 1 (n): it vanished"), "job 1 (n): it vanished");
    }

    #[test]
    fn an_answer_is_the_same_whatever_was_expected() {
        let same = |a, b| cause(a) == cause(b);
        assert!(same(
            "answered 401 instead of 200: no",
            "answered 401 instead of 200 or 404: no"
        ));
        assert!(!same(
            "answered 401 instead of 200: no",
            "answered 500 instead of 200: no"
        ));
        assert!(!same(
            "answered 401 instead of 200: no",
            "answered 401 instead of 200: yes"
        ));
    }

    #[test]
    fn a_cause_is_the_same_for_all_files() {
        let same = |a, b| cause(a) == cause(b);
        assert!(same(
            "data/integration_test_1/a was uploaded with 1 Byte, but the listing shows None",
            "data/integration_test_2/b was uploaded with 1.5 MB, but the listing shows None"
        ));
        assert!(!same(
            "data/integration_test_1/a was uploaded with 1 Byte, but the listing shows None",
            "data/integration_test_1/a was uploaded with 1 Byte, but another one was stored"
        ));
    }

    #[test]
    fn durations_are_as_precise_as_makes_sense() {
        let words: Vec<_> = [0.0123, 0.5, 12.34, 3725.0].map(seconds).into();
        assert_eq!(words, ["12 ms", "0.50 s", "12.3 s", "62 min 05 s"]);
    }
}
