//! `--local`: the order of its calls, the wait for the services, and their end, whatever happens.
//! Docker is a script that writes down its calls, and whose `up` starts embedded stacks.

#![cfg(target_os = "linux")]

mod alone;
mod contract;
mod ending;
mod engine;
mod input;
mod logs;
mod middle;
mod services;

use std::{fs, net::TcpListener, path::Path};

use crate::common::Running;
use engine::Engine;

/// The calls that change something, in their order.
fn changes(engine: &Engine) -> Vec<String> {
    let is_change = |call: &String| {
        let words: Vec<_> = call.split(' ').collect();
        matches!(
            words[..],
            ["compose", "up" | "down", ..] | ["rm" | "image", "rm" | "--force", ..]
        )
    };
    engine.calls().into_iter().filter(is_change).collect()
}

const UP: &str = "compose up --detach --wait";
const DOWN: &str = "compose down --remove-orphans --timeout 10";

#[test]
fn the_suite_runs_on_the_services_which_are_taken_down_afterwards() {
    let engine = Engine::new("--seconds-per-state 0.1");
    let job = job_directory();
    engine.write("all-containers", &format!("c1\t/elsewhere\nc2\t{job}\n"));
    let ended = engine.run(&["--filter", "lifecycle::"], "").run();
    ended.assert_code(0);
    assert!(ended.verdict().ends_with("(local)"), "{}", ended.verdict());
    // The container of a job that the fetcher has started goes too, and no other.
    assert_eq!(changes(&engine), [UP, DOWN, "rm --force c2"]);
    ended.assert_nothing_left();

    // Values reach docker-compose.yaml as they stand, and every start has a key of its own.
    let environment = fs::read_to_string(engine.path("environment")).unwrap();
    let value = |key: &str| {
        let line = environment
            .lines()
            .find_map(|line| line.strip_prefix(&format!("{key}=")));
        line.unwrap_or_else(|| panic!("no {key}")).to_owned()
    };
    assert_eq!(value("COGNITO_SECRET"), "with $signs and spaces");
    assert!(
        engine
            .settings()
            .contains(&format!("PASSWORD={}", value("PASSWORD")))
    );
    assert_eq!(
        value("FRONTEND_PATH"),
        engine.path("FRONTEND").display().to_string()
    );
    let key = value("INTERNAL_API_KEY_SECRET");
    assert_eq!(key.len(), 64);
    engine
        .run(&["--filter", "access_info"], "")
        .run()
        .assert_code(0);
    let environment = fs::read_to_string(engine.path("environment")).unwrap();
    assert!(!environment.contains(&key));
}

/// The job fetcher would upload it as the outputs of a new job with the same number.
#[test]
fn what_an_earlier_job_has_left_is_removed_before_the_start() {
    let engine = Engine::new("");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../job_fetcher_data");
    fs::create_dir_all(&root).unwrap();
    let left = tempfile::tempdir_in(root).unwrap();
    let ended = engine.run(&["--filter", "access_info"], "").run();
    ended.assert_code(0);
    drop(left);
    let calls = engine.calls();
    let place = |start: &str| calls.iter().position(|call| call.starts_with(start));
    let removal = "compose run --rm --no-deps --no-TTY --user 0 --entrypoint find job-fetcher /data \
                   -mindepth 1 -delete";
    assert!(place(removal).is_some(), "{calls:?}");
    assert!(place(removal) < place(UP), "{calls:?}");
}

#[test]
fn a_suite_that_fails_takes_the_services_down_too() {
    let engine = Engine::new("--fail-jobs");
    let ended = engine.run(&["--filter", "lifecycle::"], "").run();
    ended.assert_code(1);
    assert!(
        ended.verdict().starts_with("failed: lifecycle::"),
        "{}",
        ended.verdict()
    );
    assert_eq!(changes(&engine), [UP, DOWN]);
    ended.assert_nothing_left();
}

#[test]
fn the_services_are_kept_on_demand_and_started_afresh() {
    let engine = Engine::new("");
    let args = ["--filter", "access_info", "--keep-up"];
    let ended = engine.run(&args, "").run();
    ended.assert_code(0);
    ended.tells("docker compose down ends them");
    assert_eq!(changes(&engine), [UP]);
    let port = "USERFACING_API_URL=http://localhost:";
    let port = engine
        .settings()
        .lines()
        .find_map(|line| line.strip_prefix(port))
        .unwrap();
    assert!(TcpListener::bind(format!("127.0.0.1:{port}")).is_err());

    // Their ports are in use now, by themselves.
    let ended = engine.run(&args[..2], "").run();
    ended.assert_code(0);
    assert_eq!(changes(&engine), [UP, DOWN, UP, DOWN]);
    ended.assert_nothing_left();
}

/// Where a job that the fetcher has started keeps its files.
fn job_directory() -> String {
    let root = fs::canonicalize(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).unwrap();
    format!("{}/job_fetcher_data/7", root.display())
}

/// A run whose job stays in its first state.
fn in_the_middle(engine: &Engine) -> Running {
    engine
        .run(&["--filter", "lifecycle::"], "")
        .start_until("is queued")
}
