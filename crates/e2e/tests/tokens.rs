//! Tokens are renewed in time, and sign-ins are few, since Cognito throttles them.

use std::thread;

use crate::common::{E2e, Ended};

/// The steps in which requests for tokens were sent, each as `TEST: STEP`, in their order.
fn asked_for_tokens(ended: &Ended) -> Vec<String> {
    let results = ended.results();
    let mut steps = Vec::new();
    for test in results["tests"].as_array().unwrap() {
        for step in test["steps"].as_array().unwrap() {
            for exchange in step["exchanges"].as_array().unwrap() {
                let place = usize::try_from(exchange.as_u64().unwrap()).unwrap();
                if results["exchanges"][place]["name"] == "InitiateAuth" {
                    let [test, step] = [test, step].map(|of| of["name"].as_str().unwrap());
                    steps.push(format!("{test}: {step}"));
                }
            }
        }
    }
    steps
}

/// A whole run signs in once for all of its tests.
pub(crate) fn assert_signs_in_once(ended: &Ended) {
    // These are about tokens, or about other accounts.
    let about_it = [
        "access::sign_in_and_out",
        "access::refresh: sign in a second time",
        "access::refresh: refresh the token",
        "access::refresh: a refresh token",
        "accounts::",
        "authorization::",
        "advice::",
        "files::emptied_account",
    ];
    let mut steps = asked_for_tokens(ended);
    assert!(steps.len() > 5, "{steps:?}");
    // Whichever test comes first signs in for all.
    let first = steps.remove(0);
    assert!(first.ends_with(": sign in"), "{first}");
    steps.retain(|step| !about_it.iter().any(|test| step.starts_with(test)));
    assert_eq!(steps, [""; 0]);
}

#[test]
fn tokens_that_live_for_3_seconds_last_through_a_lifecycle() {
    let modes = [
        (&["--files", "s3"][..], "s3"),
        (&["--files", "local"], "local"),
        // Then only another sign-in helps.
        (&["--fault", "refresh-refused"], "s3, no refresh"),
    ];
    // Most of the time, jobs take theirs.
    thread::scope(|scope| {
        for (more, files) in modes {
            scope.spawn(move || {
                let args: [&[&str]; 3] = [
                    &["--filter", "lifecycle::", "--seconds-per-state", "1"],
                    &["--disturbance", "tokens-of-3-seconds"],
                    more,
                ];
                let ended = E2e::new(&args.concat(), "").run();
                ended.assert_code(0);
                let steps = asked_for_tokens(&ended);
                let renewed = steps.iter().filter(|step| step.contains(": wait for "));
                assert!(renewed.count() > 1, "{files}: {steps:?}");
            });
        }
    });
}

#[test]
fn a_machine_that_slept_for_an_hour() {
    // A job that is created after the clock has jumped seems to come from the past.
    let args = [
        "--application",
        "decode_v0_10_1_train",
        "--filter",
        "lifecycle::decode_v0_10_1_train",
        "--seconds-per-state",
        "2",
    ];
    let running = E2e::new(&args, "").start_until("is queued");
    running.evaluate("{ const now = Date.now; Date.now = () => now() + 3600e3 }");
    let ended = running.wait();
    ended.assert_code(0);
    let steps = asked_for_tokens(&ended);
    assert_eq!(steps.len(), 2, "{steps:?}");
    assert!(steps[1].contains(": wait for pulled"), "{steps:?}");
}
