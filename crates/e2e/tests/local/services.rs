//! A service that dies, however it does: the run says so at once and shows the last lines of its log.

use std::{fs, net::TcpListener};

use rustix::process::Signal;

use crate::{
    common::Ended,
    local::{
        DOWN, UP, changes,
        engine::{ANSWERING, Engine},
        in_the_middle,
    },
};

/// A run whose services cannot all be had: the failure names the service and shows its log.
#[track_caller]
fn wrong(engine: &Engine, parts: &[&str]) -> Ended {
    let ended = engine.run(&["--filter", "access_info"], "").run();
    ended.assert_code(1);
    for part in parts {
        ended.tells(part);
    }
    assert_eq!(changes(engine), [UP, DOWN]);
    ended.assert_nothing_left();
    ended
}

#[test]
fn a_service_that_dies_in_a_container_that_stays_up() {
    let engine = Engine::new("");
    engine.up(&["userfacing-api", "frontend"], "");
    let log =
        "Traceback (most recent call last):\n  File \"main.py\"\nModuleNotFoundError: No module\n";
    engine.write("log-workerfacing-api", log);
    wrong(
        &engine,
        &[
            "error: workerfacing-api has died",
            "    ModuleNotFoundError: No module",
        ],
    );
}

/// GitHub Actions would take such lines of the log for commands.
#[test]
fn a_services_log_holds_no_workflow_command() {
    let engine = Engine::new("");
    engine.up(&["userfacing-api", "frontend"], "");
    let log = "Traceback (most recent call last):\n::error::forged\n  ::add-mask::a\n##[error]forged\n\
               ModuleNotFoundError: No module\n";
    engine.write("log-workerfacing-api", log);
    let run = engine.run(&["--filter", "access_info"], "");
    let ended = run.env("GITHUB_ACTIONS", "true").run();
    ended.assert_code(1);
    let forged = ["error::forged", "add-mask::a", "[error]forged"];
    for text in forged {
        ended.tells(text);
    }
    let is_command = |line: &&str| line.trim_start().starts_with("::") || line.contains("##[");
    let command = ended.stderr.lines().find(is_command);
    assert_eq!(command, None, "{}", ended.stderr);
    let own = ended.stdout.lines().filter(is_command);
    assert_eq!(own.count(), 1, "{}", ended.stdout);
    ended.assert_nothing_left();
}

/// A reloader goes on listening when the service behind it has died, and it puts many lines between
/// the traceback's first and the error.
#[test]
fn a_service_that_dies_behind_its_reloader() {
    let engine = Engine::new("");
    engine.up(&["userfacing-api", "frontend"], "");
    let up = fs::read_to_string(engine.path("up")).unwrap();
    let wait = "until [ -e \"$STAND_IN/reloader\" ]; do sleep 0.05; done\n";
    engine.write("up", &format!("{wait}{up}"));
    let frames = "  File \"importlib\", line 1\n".repeat(45);
    let log = format!("Traceback (most recent call last):\n{frames}ImportError: no name\n");
    engine.write("log-workerfacing-api", &log);
    let running = engine.run(&["--filter", "access_info"], "").start();
    engine.wait_for_up();
    let _reloader = TcpListener::bind(("127.0.0.1", engine.ports[1])).unwrap();
    engine.write("reloader", "");
    let ended = running.wait();
    ended.assert_code(1);
    let error = "error: workerfacing-api has died, though its container is up";
    ended.tells(error);
    ended.tells("    ImportError: no name\n");
    // No more of its log than a person reads.
    assert_eq!(ended.stderr.matches("importlib").count(), 29);
    assert_eq!(changes(&engine), [UP, DOWN]);
    ended.assert_nothing_left();
}

#[test]
fn a_service_that_ends() {
    let engine = Engine::new("");
    let containers = Engine::containers("exited");
    engine.up(
        &ANSWERING,
        &format!("cat > \"$STAND_IN/containers\" <<EOF\n{containers}EOF"),
    );
    let secret = engine
        .settings()
        .lines()
        .find_map(|line| line.strip_prefix("PASSWORD="))
        .unwrap();
    engine.write(
        "log-job-fetcher",
        &format!("cannot sign in with {secret}\n"),
    );
    engine.write("log---timestamps", &format!("job-fetcher | as {secret}\n"));
    let ended = wrong(
        &engine,
        &[
            "error: job-fetcher has ended (exit code 4)",
            "    cannot sign in with [redacted]",
        ],
    );
    assert!(!ended.stderr.contains(secret));
    assert_eq!(
        ended.report("services.log"),
        "job-fetcher | as [redacted]\n"
    );
}

#[test]
fn services_that_cannot_be_built() {
    let engine = Engine::new("");
    engine.write(
        "up",
        "echo \"failed to solve: npm run build, $COGNITO_SECRET\" >&2; exit 17\n",
    );
    let ended = wrong(
        &engine,
        &[
            "docker compose up fails (exit status: 17)",
            "    failed to solve: npm run build, [redacted]\n",
        ],
    );
    // Neither where it is told last nor where it was shown as it came.
    assert!(!ended.stderr.contains("$signs"), "{}", ended.stderr);
}

#[test]
fn a_service_that_ends_while_the_suite_runs() {
    let engine = Engine::new("--seconds-per-state 600");
    engine.write("log-frontend", "out of memory\n");
    let running = in_the_middle(&engine);
    engine.signal("frontend", Signal::KILL);
    let ended = running.wait();
    ended.assert_code(1);
    for part in [
        "error: frontend has stopped answering at http://localhost:",
        "    out of memory",
    ] {
        ended.tells(part);
    }
    assert_eq!(changes(&engine), [UP, DOWN]);
    ended.assert_nothing_left();
}

#[test]
fn a_service_that_hangs_while_the_suite_runs() {
    let engine = Engine::new("--seconds-per-state 600");
    let running = engine
        .run(&["--filter", "lifecycle::"], "TIME_LIMIT_ANSWER=5s\n")
        .start_until("is queued");
    // The system goes on taking connections for it.
    engine.signal("frontend", Signal::STOP);
    let ended = running.wait();
    ended.assert_code(1);
    let error = "error: frontend has stopped answering at http://localhost:";
    ended.tells(error);
    assert_eq!(changes(&engine), [UP, DOWN]);
    ended.assert_nothing_left();
}

#[test]
fn a_container_that_vanishes_while_the_suite_runs() {
    let engine = Engine::new("--seconds-per-state 600");
    let running = in_the_middle(&engine);
    let all = Engine::containers("running");
    let (others, _job_fetcher) = all.trim_end().rsplit_once('\n').unwrap();
    engine.write("containers", &format!("{others}\n"));
    let ended = running.wait();
    ended.assert_code(1);
    let error = "error: job-fetcher runs no more: its container is gone";
    ended.tells(error);
    ended.assert_nothing_left();
}

#[test]
fn docker_may_fail_to_tell_of_the_containers_but_not_for_ever() {
    // It is asked every two seconds.
    let engine = Engine::new("--seconds-per-state 2");
    engine.up(&ANSWERING, "echo 2 > \"$STAND_IN/failures\"");
    engine.write(
        "ps",
        "left=$(cat \"$STAND_IN/failures\" 2>/dev/null || echo 0)\n\
         [ \"$left\" -eq 0 ] || { echo $((left - 1)) > \"$STAND_IN/failures\"; exit 1; }\n",
    );
    let filter = ["--filter", "lifecycle::"];
    engine.run(&filter, "").run().assert_code(0);
    assert_eq!(fs::read_to_string(engine.path("failures")).unwrap(), "0\n");

    engine.up(&ANSWERING, "echo 1000 > \"$STAND_IN/failures\"");
    let ended = engine.run(&filter, "").run();
    ended.assert_code(3);
    ended.tells("ps --all --format json` fails");
    assert_eq!(changes(&engine), [UP, DOWN, UP, DOWN]);
    ended.assert_nothing_left();
}
