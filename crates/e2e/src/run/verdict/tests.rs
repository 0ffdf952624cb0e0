//! Runs of a few events.

use opencloud_model::event::{SET_UP, TEARDOWN};

use super::*;

fn test(tally: &mut Tally, name: &str, failure: Option<Failure>) {
    tally.record(&Event::TestStarted {
        test: name.into(),
        about: String::new(),
    });
    let step = String::from("start a job");
    tally.record(&Event::StepStarted { step: step.clone() });
    let seconds = 0.1;
    tally.record(&Event::StepFinished {
        step,
        seconds,
        failure: failure.clone(),
    });
    tally.record(&Event::TestFinished {
        test: name.into(),
        seconds,
        failure,
    });
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
    let mut tally = Tally::default();
    test(&mut tally, "one", None);
    tally.end();
    assert_eq!(tally.exit_code(), 0);
    assert!(tally.aborted().is_empty());
    assert_eq!(
        tally.verdict(2.345, "embedded, files in s3"),
        "passed: 1 test, 1 step in 2.3 s (embedded, files in s3)"
    );
}

#[test]
fn a_test_that_passes_only_by_a_repeat_is_flaky() {
    let mut tally = Tally::default();
    let repeat = Event::Repeated {
        name: "list jobs".into(),
        attempt: 2,
        why: "answered 503".into(),
        delay: 0.1,
    };
    for (name, failure) in [("one", None), ("two", Some(failure(Blame::Stack)))] {
        tally.record(&Event::TestStarted {
            test: name.into(),
            about: String::new(),
        });
        tally.record(&repeat);
        tally.record(&Event::TestFinished {
            test: name.into(),
            seconds: 0.1,
            failure,
        });
    }
    test(&mut tally, "three", None);
    assert_eq!(
        tally.verdict(1.0, "dev"),
        "failed: two, of 3 tests (1 flaky) in 1.0 s (dev)"
    );
}

#[test]
fn the_gravest_failure_decides_the_exit_code() {
    let mut tally = Tally::default();
    test(&mut tally, "one", Some(failure(Blame::Stack)));
    assert_eq!(tally.exit_code(), 1);
    assert_eq!(
        tally.verdict(1.0, "dev"),
        "failed: one, step \"start a job\", of 1 test in 1.0 s (dev)"
    );
    test(&mut tally, "two", Some(failure(Blame::Input)));
    assert_eq!(tally.exit_code(), 2);
    test(&mut tally, "three", Some(failure(Blame::Ourselves)));
    assert_eq!(tally.exit_code(), 3);
    tally.record(&Event::NotChecked {
        what: "an expired token".into(),
        why: "there is none".into(),
    });
    assert!(
        tally
            .verdict(1.0, "dev")
            .starts_with("failed: one, step \"start a job\" and 2 more (1 by OpenCloud, 2 by the")
    );
}

#[test]
fn what_did_not_run_or_checked_nothing_is_skipped_and_not_passed() {
    let mut tally = Tally::default();
    test(&mut tally, "one", None);
    tally.record(&Event::TestSkipped {
        test: "two".into(),
        why: "nobody is signed in".into(),
    });
    for (name, step) in [("three", SET_UP[2]), ("four", TEARDOWN), ("five", "list")] {
        tally.record(&Event::TestStarted {
            test: name.into(),
            about: String::new(),
        });
        tally.record(&Event::NotChecked {
            what: "another user".into(),
            why: "there is no other account".into(),
        });
        tally.record(&Event::StepFinished {
            step: step.into(),
            seconds: 0.1,
            failure: None,
        });
        tally.record(&Event::TestFinished {
            test: name.into(),
            seconds: 0.1,
            failure: None,
        });
    }
    assert_eq!(
        tally.verdict(1.0, "dev"),
        "passed: 2 tests, 3 skipped, 4 steps, 3 not checked, in 1.0 s (dev)"
    );
    assert_eq!(tally.exit_code(), 0);
}

#[test]
fn a_test_that_never_ends_is_told_with_its_place() {
    let mut tally = Tally::default();
    assert_eq!(tally.place(), "before the first test or between two");
    tally.record(&Event::TestStarted {
        test: "one".into(),
        about: String::new(),
    });
    tally.record(&Event::StepStarted {
        step: "wait".into(),
    });
    tally.record(&Event::StepWaiting {
        step: "wait".into(),
        seconds: 5.0,
        limit: None,
        waiting_for: "job 1 to be running".into(),
    });
    assert_eq!(
        tally.place(),
        "in one, step \"wait\", which was waiting for job 1 to be running"
    );
    test(&mut tally, "two", None);
    tally.end();
    assert_eq!(tally.aborted(), ["one"]);
}
