//! However a run ends, the services end with it.

use std::fs;

use rustix::process::Signal;

use crate::local::{DOWN, UP, changes, engine::Engine, in_the_middle, job_directory};

#[test]
fn signals_while_the_suite_runs() {
    let engine = Engine::new("--seconds-per-state 600");
    let job = job_directory();
    engine.write("all-containers", &format!("c1\t/elsewhere\nc2\t{job}\n"));
    for (signal, code) in [
        (Signal::INT, Some(130)),
        (Signal::TERM, Some(143)),
        (Signal::KILL, None),
    ] {
        let _ = fs::remove_file(engine.path("calls"));
        let running = in_the_middle(&engine);
        running.signal(signal);
        let ended = running.wait();
        assert_eq!(ended.code, code, "{}", ended.stderr);
        ended.assert_nothing_left();
        // After a kill, it is the guard that calls.
        assert_eq!(changes(&engine), [UP, DOWN, "rm --force c2"]);
    }
}

#[test]
fn a_signal_while_the_services_are_built() {
    let engine = Engine::new("");
    engine.write("up", "sleep 600\n");
    let child = engine.run(&[], "");
    let running = child.start();
    engine.wait_for_up();
    running.signal(Signal::TERM);
    let ended = running.wait();
    ended.assert_code(143);
    assert_eq!(changes(&engine), [UP, DOWN]);
    ended.assert_nothing_left();
}

#[test]
fn an_end_that_fails_is_our_failure() {
    let engine = Engine::new("");
    let down = fs::read_to_string(engine.path("down")).unwrap();
    engine.write("down", &format!("{down}echo 'no permission' >&2; exit 1\n"));
    engine.write("all-containers", &format!("c2\t{}\n", job_directory()));
    let ended = engine.run(&["--filter", "access_info"], "").run();
    ended.assert_code(3);
    for part in [
        "docker compose down fails: run it by hand",
        "    no permission",
    ] {
        ended.tells(part);
    }
    // The containers of jobs can still be removed.
    assert!(engine.was_called("rm --force c2"));
}
