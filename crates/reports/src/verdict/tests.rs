//! Runs of a few events.

use opencloud_model::event::{Event, SET_UP, TEARDOWN, Timed};

use super::*;

fn progress(events: impl IntoIterator<Item = Event>) -> Progress {
    let mut progress = Progress::default();
    for event in events {
        progress.record(Timed { at: 0.0, event });
    }
    progress
}

fn begin(test: &str) -> Event {
    Event::TestStarted {
        test: test.into(),
        about: String::new(),
    }
}

fn end(test: &str, failure: Option<Failure>) -> Event {
    Event::TestFinished {
        test: test.into(),
        seconds: 0.1,
        failure,
    }
}

fn step(step: &str, failure: Option<Failure>) -> [Event; 2] {
    let (step, seconds) = (String::from(step), 0.1);
    [
        Event::StepStarted { step: step.clone() },
        Event::StepFinished {
            step,
            seconds,
            failure,
        },
    ]
}

fn not_checked(what: &str, why: &str) -> Event {
    Event::NotChecked {
        what: what.into(),
        why: why.into(),
    }
}

/// A test of one step.
fn test(name: &str, failure: Option<Failure>) -> [Event; 4] {
    let [start, finish] = step("start a job", failure.clone());
    [begin(name), start, finish, end(name, failure)]
}

fn failure(blame: Blame) -> Failure {
    Failure {
        blame,
        message: format!("{blame:?}"),
        out_of_time: false,
        engine: None,
    }
}

#[test]
fn a_run_without_a_failure_passes() {
    let progress = progress(test("one", None));
    assert_eq!(progress.exit_code(), 0);
    assert!(progress.panicked_test().is_none());
    assert_eq!(
        progress.verdict(2.345, "embedded, files in s3"),
        "passed: 1 test, 1 step in 2.3 s (embedded, files in s3)"
    );
}

#[test]
fn a_test_that_passes_only_by_a_repeat_is_flaky() {
    let repeat = || Event::Repeated {
        name: "list jobs".into(),
        attempt: 2,
        why: "answered 503".into(),
        delay: 0.1,
    };
    let without_steps = [("one", None), ("two", Some(failure(Blame::Stack)))];
    let without_steps =
        without_steps.map(|(name, failure)| [begin(name), repeat(), end(name, failure)]);
    let progress = progress(
        without_steps
            .into_iter()
            .flatten()
            .chain(test("three", None)),
    );
    assert!(progress.is_flaky());
    assert_eq!(
        progress.verdict(1.0, "dev"),
        "failed: two, of 3 tests (1 flaky) in 1.0 s (dev)"
    );
}

#[test]
fn many_repeats_are_told_with_the_usual_reason() {
    let repeated = |reasons: &[&str]| {
        let repeats = reasons.iter().map(|why| Event::Repeated {
            name: "list jobs".into(),
            attempt: 2,
            why: (*why).into(),
            delay: 0.1,
        });
        let mut events: Vec<_> = test("one", None).into_iter().collect();
        let end = events.len() - 2;
        events.splice(end..end, repeats);
        progress(events).many_repeats()
    };
    assert_eq!(repeated(&["lost"; 4]), None);
    let remark = repeated(&["lost", "busy", "lost", "lost", "busy"]).unwrap();
    assert!(
        remark.starts_with("5 of 0 requests were repeated"),
        "{remark}"
    );
    assert!(remark.ends_with("3 of them because: lost"), "{remark}");
}

#[test]
fn a_repeat_between_two_steps_belongs_to_one_of_them() {
    let repeat = || Event::Repeated {
        name: "list jobs".into(),
        attempt: 2,
        why: "answered 503".into(),
        delay: 0.1,
    };
    let before = [begin("one"), repeat()].into_iter().chain(step("a", None));
    let after = before.chain(step("b", None)).chain([repeat()]);
    let after = after.chain(step("c", None)).chain([end("one", None)]);
    let progress = progress(after);
    let results: Vec<_> = progress.tests[0]
        .steps
        .iter()
        .map(|step| step.result)
        .collect();
    assert_eq!(
        results,
        [TestResult::Flaky, TestResult::Flaky, TestResult::Passed]
    );
    assert_eq!(progress.tests[0].result, TestResult::Flaky);
}

#[test]
fn the_gravest_failure_decides_the_exit_code() {
    let tests = [Blame::Stack, Blame::Input, Blame::Ourselves]
        .into_iter()
        .zip(["one", "two", "three"]);
    let mut events: Vec<Event> = Vec::new();
    for (blame, name) in tests {
        events.extend(test(name, Some(failure(blame))));
        assert_eq!(progress(events.clone()).exit_code(), blame.exit_code());
    }
    assert_eq!(
        progress(events[..4].to_vec()).verdict(1.0, "dev"),
        "failed: one, step \"start a job\", of 1 test in 1.0 s (dev)"
    );
    events.push(not_checked("an expired token", "there is none"));
    let progress = progress(events);
    assert_eq!(progress.exit_code(), 3);
    assert!(
        progress
            .verdict(1.0, "dev")
            .starts_with("failed: one, step \"start a job\" and 2 more (1 by OpenCloud, 2 by the")
    );
}

#[test]
fn what_did_not_run_or_checked_nothing_is_skipped_and_not_passed() {
    let skipped = Event::TestSkipped {
        test: "two".into(),
        why: "nobody is signed in".into(),
    };
    let mut events: Vec<_> = test("one", None).into_iter().chain([skipped]).collect();
    for (name, only) in [("three", SET_UP[2]), ("four", TEARDOWN), ("five", "list")] {
        events.extend([
            begin(name),
            not_checked("another user", "there is no other account"),
        ]);
        events.extend(step(only, None).into_iter().chain([end(name, None)]));
    }
    let progress = progress(events);
    assert_eq!(
        progress.verdict(1.0, "dev"),
        "passed: 2 tests, 3 skipped, 4 steps, 3 not checked, in 1.0 s (dev)"
    );
    assert_eq!(progress.exit_code(), 0);
}

#[test]
fn a_run_that_could_check_nothing_says_why() {
    let gap = not_checked("names in URLs", "files are in S3");
    let setup = step(SET_UP[2], None);
    let teardown = step(TEARDOWN, None);
    let events = [begin("one")]
        .into_iter()
        .chain(setup)
        .chain([gap])
        .chain(teardown);
    let progress = progress(events.chain([end("one", None)]));
    assert!(progress.has_started());
    assert_eq!(progress.exit_code(), 0);
    assert_eq!(
        progress.verdict(1.0, "dev"),
        "0 passed, 1 skipped (names in URLs: files are in S3) in 1.0 s (dev)"
    );
}

#[test]
fn a_test_that_never_ends_is_reported_with_its_place() {
    let place = |events: &[Event]| progress(events.to_vec()).place();
    assert_eq!(place(&[]), "before the first test or between two");
    let [start, finish] = step("wait", None);
    let mut events = vec![
        begin("one"),
        start,
        Event::StepWaiting {
            step: "wait".into(),
            seconds: 5.0,
            limit: None,
            waiting_for: "job 1 to be running".into(),
        },
    ];
    assert_eq!(place(&events[..1]), "in one, between two steps");
    assert_eq!(place(&events[..2]), "in one, step \"wait\"");
    assert_eq!(
        place(&events),
        "in one, step \"wait\", which was waiting for job 1 to be running"
    );
    events.push(finish);
    assert_eq!(place(&events), "in one, between two steps");
    assert_eq!(
        progress(events.clone()).panicked_test().unwrap().name,
        "one"
    );
    events.extend(test("two", None));
    assert_eq!(progress(events).panicked_test().unwrap().name, "one");
}
