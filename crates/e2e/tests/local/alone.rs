//! One run at a time on one engine: the services have one name and one set of ports.

use std::{fs, thread, time::Duration};

use rustix::process::Signal;

use crate::{
    common::E2e,
    local::{DOWN, UP, changes, engine::Engine, in_the_middle},
};

#[test]
fn a_second_run_says_who_uses_the_services_and_leaves_them_alone() {
    let engine = Engine::new("--seconds-per-state 600");
    let running = in_the_middle(&engine);
    let user = format!("(process {} in ", running.child.id());
    for second in [
        engine.run(&["--filter", "access_info"], ""),
        engine.run(&["--filter", "access_info", "--keep-up"], ""),
        engine.on_this_machine(E2e::bare(&["docker-cleanup"])),
    ] {
        let ended = second.run();
        ended
            .refused(&["another run uses the services", &user])
            .assert_nothing_left();
    }
    // The guard of a run that was killed before this one began.
    let guards = engine.on_this_machine(E2e::bare(&["docker-down"])).run();
    guards.assert_code(0);
    assert_eq!(changes(&engine), [UP]);
    running.signal(Signal::INT);
    let ended = running.wait();
    ended.assert_code(130);
    assert_eq!(changes(&engine), [UP, DOWN]);

    // And then it is free.
    let ended = engine.run(&["--filter", "access_info"], "").run();
    ended.assert_code(0);
}

/// The run uses them until it has taken them down.
#[test]
fn the_services_are_in_use_until_they_are_down() {
    let engine = Engine::new("");
    let down = fs::read_to_string(engine.path("down")).unwrap();
    let wait = "until [ -e \"$STAND_IN/go\" ]; do sleep 0.05; done\n";
    engine.write("down", &format!("{wait}{down}"));
    let first = engine.run(&["--filter", "access_info"], "").start();
    while !engine.was_called(DOWN) {
        thread::sleep(Duration::from_millis(20));
    }
    let second = engine.run(&["--filter", "access_info"], "").run();
    second.assert_code(2);
    engine.write("go", "");
    first.wait().assert_code(0);
}
