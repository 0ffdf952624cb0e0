use opencloud_model::event::{EngineReason, Failure};
use opencloud_reports::model::{Repeat, Step, Test};

use super::*;
use crate::run::watch::Ending;

const FAULT: Fault = Fault::CorsPreflightLacksDelete;
const SAID: &str = "DELETE /files: refused (allow_methods)";

fn expectation(hangs: bool) -> Expectation {
    Expectation {
        test: Some("files::delete".into()),
        start: None,
        says: vec!["DELETE".into(), "allow_methods".into()],
        frontend: None,
        hangs,
        not_tried: None,
        may_repeat: false,
    }
}

/// A test that failed in one step, which `change` changes.
fn test(name: &str, said: &str, change: impl FnOnce(&mut Step)) -> Test {
    let mut step = Step {
        name: "delete one file".into(),
        failure: Some(Failure::stack(said)),
        ..Step::default()
    };
    change(&mut step);
    Test {
        name: name.into(),
        failure: step.failure.clone(),
        steps: vec![step],
        ..Test::default()
    }
}

fn run(tests: impl Into<Vec<Test>>) -> Observed {
    Observed::new(tests.into(), Ending::Complete)
}

fn failed(name: &str, said: &str) -> Observed {
    run([test(name, said, |_| {})])
}

/// A run in which the meant test failed with the meant words, after a change of its step.
fn changed(change: impl FnOnce(&mut Step)) -> Observed {
    run([test("files::delete", SAID, change)])
}

/// The same after a change of its failure.
fn with_failure(change: impl FnOnce(&mut Failure)) -> Observed {
    changed(|step| change(step.failure.as_mut().unwrap()))
}

fn alone(run: &Observed) -> Option<Judgement> {
    Judgement::of_meant_test(FAULT, &expectation(false), run)
}

fn whole(run: &Observed) -> Judgement {
    Judgement::of_whole_suite(FAULT, &expectation(false), run)
}

fn detected() -> Judgement {
    Judgement::Detected {
        step: "delete one file".into(),
    }
}

#[track_caller]
fn assert_misattributed(judged: Option<Judgement>, because: &str) {
    let Some(Judgement::Misattributed { said }) = judged else {
        panic!("{judged:?}");
    };
    assert!(said.contains(because), "{said}");
}

#[test]
fn a_fault_is_detected_by_the_meant_test_with_the_meant_words() {
    let run = failed("files::delete", SAID);
    assert_eq!(alone(&run), Some(detected()));
    assert_eq!(whole(&run), detected());
}

#[test]
fn other_words_or_another_test_misattribute_it() {
    let vague = failed("files::delete", "DELETE failed");
    assert_misattributed(alone(&vague), "DELETE failed");

    let other = failed("jobs::refusals", SAID);
    assert_eq!(alone(&other), None);
    assert_misattributed(Some(whole(&other)), "jobs::refusals: ");
}

#[test]
fn whom_it_blames_and_whether_the_engine_agrees_is_judged_too() {
    let input = with_failure(|failure| failure.blame = Blame::Input);
    assert_misattributed(alone(&input), "files::delete blames the user's input");

    let contradicted = with_failure(|failure| {
        failure.engine = Some(EngineReason {
            engine: "Gecko".into(),
            reason: "CORSMissingAllowOrigin".into(),
            agrees: false,
        });
    });
    assert_misattributed(alone(&contradicted), "Gecko does not agree");

    // In a run of the whole suite, the other tests must not lead astray either.
    let both = |blame| {
        let other = test("files::names", "404", |step| {
            step.failure.as_mut().unwrap().blame = blame;
        });
        run([test("files::delete", SAID, |_| {}), other])
    };
    assert_eq!(whole(&both(Blame::Stack)), detected());
    assert_misattributed(
        Some(whole(&both(Blame::Ourselves))),
        "files::names blames this project",
    );
}

#[test]
fn what_is_refused_is_not_sent_again() {
    let again = changed(|step| {
        step.repeated.push(Repeat {
            name: "delete a file".into(),
            attempt: 2,
            why: "no answer came".into(),
            delay: 0.1,
        });
    });
    assert_misattributed(alone(&again), "sent once more: delete a file");
    let jobs = Judgement::of_meant_test(Fault::JobStartsRunning, &expectation(false), &again);
    assert_eq!(jobs, Some(detected()));
    let guessing = Expectation {
        may_repeat: true,
        ..expectation(false)
    };
    let guessed = Judgement::of_meant_test(FAULT, &guessing, &again);
    assert_eq!(guessed, Some(detected()));
}

#[test]
fn the_start_is_no_test() {
    let in_step = |name: &str| changed(|step| step.name = name.into());
    let start = in_step("sign in");
    assert_misattributed(alone(&start), "did not get past its start: sign in");

    let mut expected = expectation(false);
    (expected.test, expected.start) = (None, Some("sign in".into()));
    let judged = |run: &Observed| Judgement::of_meant_test(FAULT, &expected, run);
    assert_eq!(
        judged(&start),
        Some(Judgement::Detected {
            step: "sign in".into()
        })
    );
    assert_misattributed(
        judged(&in_step("find OpenCloud")),
        "another step than sign in: find OpenCloud",
    );
}

#[test]
fn where_nothing_fails_it_is_missed() {
    let passed = Observed::default();
    assert_eq!(alone(&passed), None);
    assert_eq!(whole(&passed), Judgement::Missed);
    assert!(!whole(&passed).is_good());
}

#[test]
fn a_time_limit_detects_only_what_never_ends() {
    let late = with_failure(|failure| failure.out_of_time = true);
    assert_eq!(alone(&late), Some(Judgement::Hung { said: SAID.into() }));
    let endless = |run| Judgement::of_meant_test(FAULT, &expectation(true), run);
    assert_eq!(endless(&late), Some(detected()));

    let mut stuck = Observed::default();
    stuck.hung = Some("in files::delete".into());
    let hung = Judgement::Hung {
        said: "in files::delete".into(),
    };
    assert_eq!(endless(&stuck), Some(hung));
}

#[test]
fn a_panic_notices_nothing() {
    let mut panicked = failed("files::delete", SAID);
    panicked.panicked = Some("the suite panicked in files::names".into());
    assert_misattributed(alone(&panicked), "the suite panicked in files::names");
    assert!(!Judgement::of_sound_run(&panicked).is_good());
}

#[test]
fn under_a_disturbance_nothing_may_fail() {
    assert!(Judgement::of_sound_run(&Observed::default()).is_good());
    let alarm = Judgement::of_sound_run(&failed("files::names", "404"));
    assert_eq!(alarm.said(), Some("files::names: 404"));
    assert!(!alarm.is_good());
}
