//! However a run ends, nothing that it started is left, and nothing that it made where that can
//! still be reached.

#![cfg(target_os = "linux")]

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use crate::common::{Deployment, E2e, Ended, Running, processes_in};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// A run that has come to this moment; its job will stay in its first state for longer than any
/// test takes.
fn in_the_middle(moment: &str) -> Running {
    let args = ["--filter", "lifecycle::", "--seconds-per-state", "600"];
    let running = E2e::new(&args, "").start_until(moment);
    assert!(running.has_directory());
    running
}

/// Sends a signal to the process whose command line contains `part`, which the run has started.
fn send(signal: Signal, running: &Running, part: &str) {
    let processes = processes_in(running.temporary.path());
    let process = processes.iter().find(|process| process.line.contains(part));
    let process = process.unwrap_or_else(|| panic!("no {part} among {processes:?}"));
    kill_process(Pid::from_raw(process.number).unwrap(), signal).unwrap();
}

/// The line that tells why a run has no verdict.
fn error(ended: &Ended) -> &str {
    let mut lines = ended.stderr.lines();
    lines
        .find(|line| line.starts_with("error: "))
        .unwrap_or_default()
}

/// The command line of the test runner.
const RUNNER: &str = "serve-page ";

/// The directory of the pages that are kept beside the suite's wasm.
fn kept_pages() -> PathBuf {
    let target = Path::new(env!("CARGO_BIN_EXE_opencloud-e2e")).ancestors();
    let target = target.into_iter().nth(2).unwrap();
    target.join("wasm32-unknown-unknown/debug/deps/pages")
}

/// The command lines of what a run starts, in their order.
const STARTED: [&str; 4] = [
    "opencloud-e2e guard ",
    RUNNER,
    "chromedriver --port=",
    // A browser's main process has no type.
    "--user-data-dir=",
];

#[test]
fn signals_at_every_stage_of_the_start() {
    for part in STARTED {
        for (signal, code) in [(Signal::TERM, Some(143)), (Signal::KILL, None)] {
            let running = E2e::new(&["--filter", "lifecycle::"], "").start();
            let deadline = Instant::now() + Duration::from_secs(60);
            while !has(&running, part) {
                assert!(Instant::now() < deadline, "no {part} is started");
                if part == RUNNER {
                    // It is started for a page alone that is not kept, and other tests keep it.
                    // A page without its name is none, so none is found half deleted.
                    let kept = kept_pages();
                    let away = tempfile::tempdir_in(kept.parent().unwrap()).unwrap();
                    let _ = fs::rename(kept, away.path().join("pages"));
                }
                thread::sleep(Duration::from_millis(20));
            }
            running.signal(signal);
            let ended = running.wait();
            assert_eq!(ended.code, code, "{part}: {}", ended.stderr);
            ended.assert_nothing_left();
        }
    }
}

fn has(running: &Running, part: &str) -> bool {
    let processes = processes_in(running.temporary.path());
    processes.iter().any(|process| process.line.contains(part))
}

#[test]
fn a_run_that_is_ended_removes_what_it_has_made() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::INT, 130)] {
        let deployment = Deployment::start();
        let running = deployment.run("is queued");
        assert!(!deployment.left().is_empty(), "nothing was made");
        running.signal(signal);
        let ended = running.wait();
        ended.assert_code(code);
        ended.tells("info: the page removes what it has made");
        assert!(error(&ended).starts_with("error: ended by "));
        assert!(has_deleted(&ended), "the teardown is not in trace.har");
        ended.assert_nothing_left();
        assert_eq!(deployment.left(), [""; 0]);
    }
}

/// Whether the browser's log of the run holds an answer to a DELETE.
fn has_deleted(ended: &Ended) -> bool {
    let har: Value = serde_json::from_str(&ended.report("trace.har")).unwrap();
    let entries = har["log"]["entries"].as_array().unwrap();
    let mut deletions = entries
        .iter()
        .filter(|entry| entry["request"]["method"] == "DELETE");
    deletions.any(|entry| entry["response"]["httpVersion"] == "http/1.1")
}

#[test]
fn a_second_signal_ends_a_run_at_once() {
    let deployment = Deployment::start();
    let mut running = deployment.run("is queued");
    // A driver that answers no more keeps the teardown waiting for two seconds.
    send(Signal::STOP, &running, "chromedriver --port=");
    running.signal(Signal::INT);
    running.wait_until_told("info: the page removes");
    // Of whichever kind.
    running.signal(Signal::TERM);
    let ended = running.wait();
    ended.assert_code(143);
    ended.tells("another signal ends at once");
    // So it says when it has waited for the page in vain.
    assert!(!ended.stderr.contains("may be left"), "{}", ended.stderr);
    ended.assert_nothing_left();
}

#[test]
fn a_driver_that_hangs_is_told_and_keeps_nobody_who_wants_an_end() {
    // The first waits for an answer for as long as a run does.
    thread::scope(|scope| {
        scope.spawn(a_driver_that_hangs_is_told);
        scope.spawn(a_driver_that_hangs_does_not_delay_an_end);
    });
}

fn a_driver_that_hangs_is_told() {
    let deployment = Deployment::start();
    let running = deployment.run("is queued");
    send(Signal::STOP, &running, "chromedriver --port=");
    let begin = Instant::now();
    let ended = running.wait();
    // One limit of an answer: nobody waits for the next.
    assert!(begin.elapsed() < Duration::from_secs(50));
    ended.assert_code(3);
    assert!(
        error(&ended).contains("the browser hangs in lifecycle::"),
        "{}",
        ended.stderr
    );
    ended.tells("what the run has made may be left");
    ended.assert_nothing_left();
}

fn a_driver_that_hangs_does_not_delay_an_end() {
    let deployment = Deployment::start();
    let running = deployment.run("is queued");
    send(Signal::STOP, &running, "chromedriver --port=");
    let begin = Instant::now();
    running.signal(Signal::TERM);
    let ended = running.wait();
    assert!(begin.elapsed() < Duration::from_secs(20));
    ended.assert_code(143);
    ended.tells("what the run has made may be left");
    ended.assert_nothing_left();
}

#[test]
fn what_a_dead_browser_leaves_is_told_with_what_removes_it() {
    let deployment = Deployment::start();
    let running = deployment.run("is queued");
    send(Signal::KILL, &running, "--user-data-dir=");
    let ended = running.wait();
    ended.assert_code(3).assert_nothing_left();
    assert!(!deployment.left().is_empty(), "nothing was left");
    let (_, command) = ended
        .stderr
        .split_once("cargo e2e clean-up --dev --only ")
        .unwrap_or_else(|| panic!("{}", ended.stderr));
    let names = command.lines().next().unwrap();

    let args = ["--dev", "--yes", "--only", names];
    let ended = E2e::subcommand("clean-up", &args, &deployment.as_dev()).run();
    ended.assert_code(0).assert_nothing_left();
    assert_eq!(deployment.left(), [""; 0]);
}

#[test]
fn a_page_that_is_stuck_still_removes_what_it_has_made() {
    let deployment = Deployment::start();
    let running = deployment.run("is queued");
    // What this project cannot read ends the run, but not the page.
    running.evaluate("globalThis.opencloud.events.push('nonsense')");
    let ended = running.wait();
    ended.assert_code(3).assert_nothing_left();
    assert!(
        error(&ended).contains("an event of the page cannot be read"),
        "{}",
        ended.stderr
    );
    ended.tells("the page removes what it has made");
    assert_eq!(deployment.left(), [""; 0]);
}

#[test]
fn a_deployment_that_dies() {
    let deployment = Deployment::start();
    let running = deployment.run("is queued");
    deployment.die();
    let ended = running.wait();
    ended.assert_code(1);
    assert!(
        ended.verdict().starts_with("failed: lifecycle::"),
        "{}",
        ended.stdout
    );
    ended.says("nothing answers");
    ended.says("not everything could be removed");
    ended.assert_nothing_left();
}

/// While files go up, while the job waits, while it runs, and while all is removed. Answers take
/// long enough for a signal to come in time, and states for each to be seen.
const MOMENTS: [&str; 4] = [
    "the input directories do not exist yet: 404",
    "is queued",
    "is running",
    "delete the job",
];

/// A kill at each moment. The signals that end a run in order do so in one way, so each has two moments.
#[test]
fn signals_at_several_moments_of_the_flow() {
    let in_order = [(Signal::TERM, Some(143)), (Signal::INT, Some(130))];
    for (moment, in_order) in MOMENTS.into_iter().zip(in_order.into_iter().cycle()) {
        thread::scope(|scope| {
            for (signal, code) in [in_order, (Signal::KILL, None)] {
                scope.spawn(move || signal_at(moment, signal, code));
            }
        });
    }
}

fn signal_at(moment: &str, signal: Signal, code: Option<i32>) {
    let args = [
        ["--filter", "lifecycle::decode_v0_10_1"],
        ["--disturbance", "latency"],
        ["--seconds-per-state", "1.5"],
    ];
    let running = E2e::new(args.as_flattened(), "").start_until(moment);
    running.signal(signal);
    let ended = running.wait();
    assert_eq!(ended.code, code, "{moment}: {}", ended.stderr);
    if code.is_some() {
        assert!(ended.only_error().starts_with("error: ended by "));
    }
    ended.assert_nothing_left();
}

#[test]
fn a_browser_or_its_driver_that_dies() {
    // A browser's main process has no type.
    for (part, moment) in [
        (
            "--user-data-dir=",
            "the input directories do not exist yet: 404",
        ),
        ("--user-data-dir=", "is queued"),
        ("chromedriver --port=", "is queued"),
    ] {
        let running = in_the_middle(moment);
        send(Signal::KILL, &running, part);
        let ended = running.wait();
        ended.assert_code(3);
        let error = error(&ended);
        assert!(
            error.contains("the browser is gone in lifecycle::"),
            "{error}"
        );
        ended.assert_nothing_left();
    }
}

#[test]
fn a_suite_that_hangs() {
    // A test may take as long as its five waits and ten answers: here 23.4 s. A busy machine needs more than a second
    // for an answer now and then.
    let limits = "TIME_LIMIT_PULLED=3s\nTIME_LIMIT_PREPROCESSING=100ms\nTIME_LIMIT_RUNNING=100ms\n\
                  TIME_LIMIT_POSTPROCESSING=100ms\nTIME_LIMIT_FINISHED=100ms\nTIME_LIMIT_ANSWER=2s";
    let args = ["--filter", "lifecycle::", "--seconds-per-state", "600"];
    let running = E2e::new(&args, limits).start_until("is queued");
    // A request that never ends, and whose deadline has no power over it.
    running.evaluate("window.fetch = () => new Promise(() => {})");
    let ended = running.wait();
    ended.assert_code(3);
    let error = ended.only_error();
    assert!(
        error.starts_with(
            "error: the suite hangs in lifecycle::decode_v0_10_1_train, step \"wait for pulled\""
        ),
        "{error}"
    );
    ended.assert_nothing_left();
}

#[test]
fn a_guard_that_dies() {
    let running = in_the_middle("is queued");
    send(Signal::KILL, &running, "opencloud-e2e guard ");
    running.signal(Signal::TERM);
    let ended = running.wait();
    ended.assert_code(143);
    ended.assert_nothing_left();
}

#[test]
fn a_driver_that_cannot_be_used() {
    let ended = E2e::new(&[], "").env("CHROMEDRIVER", "false").run();
    ended.assert_code(3);
    let error = ended.only_error();
    assert!(
        error.starts_with("error: chromedriver ended: exit status: 1"),
        "{error}"
    );
    ended.assert_nothing_left();
}

#[test]
fn a_browser_that_cannot_be_used() {
    let ended = E2e::new(&[], "").env("CHROME", "false").run();
    ended.assert_code(3);
    ended.tells("does not start");
    ended.assert_nothing_left();
}
