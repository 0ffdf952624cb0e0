//! Words that several reports share.

use opencloud_model::event::{Blame, Failure};

use super::model::{Exchange, Outcome, Run, Test, TestResult};

/// A run's outcome in a few words.
pub(super) fn headline(run: &Run) -> String {
    let text = match (run.outcome, blame(run)) {
        (Outcome::Passed, _) if has_checked_nothing(run) => "No verdict: nothing could be checked",
        (Outcome::Passed, _) => "Passed",
        (Outcome::Failed, _) => "Failed: OpenCloud is wrong",
        (Outcome::Error, _) if tests_with(run, TestResult::Failed) > 0 => {
            let (wrong, error) = (
                tests_with(run, TestResult::Failed),
                tests_with(run, TestResult::Error),
            );
            return format!(
                "OpenCloud is wrong in {}, and {} for another reason",
                count(wrong, "test"),
                match error {
                    0 => String::from("the run ended"),
                    error => format!("{error} failed"),
                }
            );
        }
        (Outcome::Error, Some(Blame::Input)) => "No verdict: the input is wrong",
        (Outcome::Error, _) => "No verdict: the suite itself failed",
        (Outcome::Interrupted, _) => "No verdict: ended early",
    };
    text.into()
}

/// How many tests have this result.
pub(super) fn tests_with(run: &Run, result: TestResult) -> usize {
    let tests = run.tests.iter();
    tests.filter(|test| test.result == result).count()
}

/// Whether all tests were skipped.
pub(super) fn has_checked_nothing(run: &Run) -> bool {
    let mut tests = run.tests.iter();
    tests.all(|test| test.result == TestResult::Skipped)
}

/// Whose fault a run without a verdict is.
pub(super) fn blame(run: &Run) -> Option<Blame> {
    let tests = run
        .tests
        .iter()
        .filter(|test| test.result == TestResult::Error);
    let failures = tests.filter_map(|test| test.failure.as_ref());
    let blames = failures.chain(&run.failure).map(|failure| failure.blame);
    blames.max()
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

/// A duration in seconds. The longer it is, the fewer digits it has.
pub(super) fn seconds(seconds: f64) -> String {
    if seconds < 0.0995 {
        format!("{:.0} ms", seconds * 1000.0)
    } else if seconds < 9.995 {
        format!("{seconds:.2} s")
    } else if seconds < 119.95 {
        format!("{seconds:.1} s")
    } else {
        let seconds = seconds.round();
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
#[must_use]
pub fn count(number: usize, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{number} {noun}s"),
    }
}

/// The failure of a test that failed in none of its steps.
pub(super) fn between_steps(test: &Test) -> Option<&Failure> {
    let in_step = test.steps.iter().any(|step| step.failure.is_some());
    test.failure.as_ref().filter(|_| !in_step)
}

/// The command that runs a test again.
pub(super) fn again(run: &Run, test: &str) -> String {
    let environment = &run.environment;
    let flag = format!("--{}", environment.name);
    let mut words = vec!["cargo", "e2e"];
    // The settings of another machine may say otherwise.
    if flag != "--embedded" && !environment.options.contains(&flag) {
        words.push(&flag);
    }
    words.extend(environment.options.iter().map(String::as_str));
    words.extend(["--filter", test]);
    // No shell takes a zero byte, and no option has one.
    shlex::try_join(words.iter().copied()).unwrap_or_else(|_| words.join(" "))
}

/// The outcome of a request in a few words.
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
    fn durations_are_as_precise_as_makes_sense() {
        let words = [0.0123, 0.5, 12.34, 3725.0].map(seconds);
        assert_eq!(words, ["12 ms", "0.50 s", "12.3 s", "62 min 05 s"]);
    }

    #[test]
    fn a_test_is_run_again_as_it_was_run() {
        let again = |name: &str, options: &[&str]| {
            let mut run = Run::default();
            name.clone_into(&mut run.environment.name);
            run.environment.options = options.iter().map(ToString::to_string).collect();
            super::again(&run, "jobs::create")
        };
        for (name, options, command) in [
            ("embedded", &[][..], "cargo e2e --filter jobs::create"),
            ("dev", &[], "cargo e2e --dev --filter jobs::create"),
            (
                "local",
                &["--local", "--headed", "--env-file", "my settings"],
                "cargo e2e --local --headed --env-file 'my settings' --filter jobs::create",
            ),
        ] {
            assert_eq!(again(name, options), command);
        }
    }

    #[test]
    fn a_duration_is_rounded_before_it_is_split_into_minutes() {
        let words = [9.996, 119.96, 179.4, 179.6, 3599.5].map(seconds);
        let rounded = [
            "10.0 s",
            "2 min 00 s",
            "2 min 59 s",
            "3 min 00 s",
            "60 min 00 s",
        ];
        assert_eq!(words, rounded);
    }
}
