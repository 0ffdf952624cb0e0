//! What becomes of events.

use opencloud_model::event::Blame;
use opencloud_reports::model::{Outcome, Sender, TestResult};

use super::super::samples;

#[test]
fn a_step_that_needed_a_repeat_is_flaky_and_so_is_its_test() {
    let run = samples::passing();
    assert_eq!(run.outcome, Outcome::Passed);
    let browse = &run.tests[2];
    assert_eq!(
        (browse.result, browse.steps[0].result),
        (TestResult::Flaky, TestResult::Flaky)
    );
    assert_eq!(run.tests[0].result, TestResult::Passed);
}

#[test]
fn a_failure_rests_on_the_request_that_it_names_and_that_one_on_its_preflight() {
    let run = samples::failing();
    let step = &run.tests[2].steps[1];
    let culprit = &run.exchanges[step.culprit.unwrap()];
    assert_eq!((&*culprit.method, culprit.sender), ("PUT", Sender::Step));
    assert_eq!(culprit.cause.as_deref(), Some("preflight_method"));
    assert_eq!(
        culprit.browser.as_deref(),
        Some("MethodDisallowedByPreflightResponse (PUT)")
    );
    let preflight = &run.exchanges[culprit.preflight.unwrap()];
    assert_eq!(
        (&*preflight.method, preflight.sender),
        ("OPTIONS", Sender::Preflight)
    );
    assert_eq!(preflight.status, Some(200));
}

#[test]
fn what_was_running_when_the_run_ended_is_in_error_and_not_the_stacks_fault() {
    let run = samples::interrupted();
    assert_eq!(run.outcome, Outcome::Interrupted);
    let test = &run.tests[0];
    assert_eq!(
        (test.result, test.steps[0].result),
        (TestResult::Error, TestResult::Error)
    );
    assert_eq!(test.steps[0].failure, run.failure);

    assert_eq!(samples::empty().outcome, Outcome::Error);
    let skipped = &samples::failing().tests[3];
    assert_eq!(skipped.result, TestResult::Skipped);
    assert_eq!(skipped.skipped.as_deref(), Some("nobody is signed in"));
}

#[test]
fn a_jobs_states_follow_one_another_until_its_test_ends() {
    let run = samples::passing();
    let states: Vec<_> = run.jobs[0]
        .states
        .iter()
        .map(|state| &*state.name)
        .collect();
    assert_eq!(states, ["queued", "preprocessing", "running", "finished"]);
    assert!(run.jobs[0].until > run.jobs[0].states[3].seen_at);
}

#[test]
fn a_test_that_panicked_is_in_error_though_others_ran_after_it() {
    let run = samples::panicked();
    let results: Vec<_> = run.tests.iter().map(|test| test.result).collect();
    assert_eq!(
        results,
        [TestResult::Error, TestResult::Passed, TestResult::Skipped]
    );
    assert_eq!(run.tests[0].steps[0].result, TestResult::Error);
    let failure = run.tests[0].failure.as_ref().unwrap();
    assert_eq!(failure.blame, Blame::Ourselves);
}

#[test]
fn what_could_not_be_checked_is_skipped_with_the_reason() {
    let test = &samples::panicked().tests[2];
    assert_eq!(
        test.skipped.as_deref(),
        Some("another user's files: SECOND_EMAIL and SECOND_PASSWORD are not set")
    );
}
