//! However a run ends, nothing that it started is left.

#![cfg(target_os = "linux")]

mod common;

use common::{E2e, Running, processes_in};
use rustix::process::{Pid, Signal, kill_process};

/// A run whose job will stay in its first state for longer than any test takes.
fn in_the_middle() -> Running {
    let args = ["--filter", "lifecycle::", "--seconds-per-state", "600"];
    let running = E2e::new(&args, "").start_until("is queued");
    assert!(running.has_directory());
    running
}

/// Kills the process whose command line contains `part`, which the run has started.
fn kill(running: &Running, part: &str) {
    let processes = processes_in(running.temporary.path());
    let process = processes.iter().find(|process| process.line.contains(part));
    let process = process.unwrap_or_else(|| panic!("no {part} among {processes:?}"));
    kill_process(Pid::from_raw(process.number).unwrap(), Signal::KILL).unwrap();
}

#[test]
fn sigterm_and_ctrl_c() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::INT, 130)] {
        let running = in_the_middle();
        running.signal(signal);
        let ended = running.wait();
        ended.assert_code(code);
        assert!(ended.only_error().starts_with("error: ended by "));
        ended.assert_nothing_left();
    }
}

#[test]
fn sigkill() {
    let running = in_the_middle();
    running.signal(Signal::KILL);
    let ended = running.wait();
    assert_eq!(ended.code, None);
    ended.assert_nothing_left();
}

#[test]
fn a_browser_or_its_driver_that_dies() {
    // A browser's main process has no type.
    for part in ["--user-data-dir=", "chromedriver --port=0"] {
        let running = in_the_middle();
        kill(&running, part);
        let ended = running.wait();
        ended.assert_code(3);
        let error = ended
            .stderr
            .lines()
            .find(|line| line.starts_with("error: "));
        let error = error.unwrap_or_default();
        assert!(
            error.contains("the browser is gone in lifecycle::"),
            "{error}"
        );
        ended.assert_nothing_left();
    }
}

#[test]
fn a_guard_that_dies() {
    let running = in_the_middle();
    kill(&running, "opencloud-e2e guard ");
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
    assert!(ended.stderr.contains("does not start"), "{}", ended.stderr);
    ended.assert_nothing_left();
}
