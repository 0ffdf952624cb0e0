//! `cargo e2e contract --local`.

use crate::{
    common::E2e,
    local::{DOWN, UP, changes, engine::Engine},
};

fn contract(engine: &Engine, args: &[&str], settings: &str) -> E2e {
    let worker_api = format!("http://localhost:{}", engine.ports[1]);
    let args = [&["--local", "--worker-api", &worker_api], args].concat();
    let e2e = E2e::subcommand("contract", &args, settings);
    let report = e2e.temporary.path().join("report");
    let mut e2e = engine.on_this_machine(e2e);
    e2e.command.arg("--report").arg(report);
    e2e
}

#[test]
fn the_services_are_compared_without_the_job_fetcher_and_taken_down() {
    // Nothing runs jobs.
    let engine = Engine::new("--seconds-per-state 3600");
    for group in ["jobs", "frontend"] {
        let ended = contract(&engine, &["--group", group], engine.settings()).run();
        ended.assert_code(0);
        let verdict = ended.verdict();
        assert!(
            verdict.contains(" 0 drifted") && verdict.ends_with("(local)"),
            "{verdict}"
        );
        ended.assert_nothing_left();
    }
    let up = format!("{UP} userfacing-api workerfacing-api frontend");
    assert_eq!(changes(&engine), [&*up, DOWN, &*up, DOWN]);
}

#[test]
fn services_that_have_drifted_are_taken_down_as_well() {
    let engine = Engine::new("--seconds-per-state 3600 --fault job-default-priority");
    let ended = contract(&engine, &["--group", "jobs"], engine.settings()).run();
    ended.assert_code(1);
    ended.says("/priority: 0 is now 1");
    assert_eq!(changes(&engine).len(), 2);
    ended.assert_nothing_left();
}

#[test]
fn what_the_services_lack_is_bad_input() {
    let engine = Engine::new("");
    let settings = engine
        .settings()
        .replace("COGNITO_REGION=", "SOMETHING_ELSE=");
    let ended = contract(&engine, &[], &settings).run();
    ended.refused(&["COGNITO_REGION is missing"]);
    assert!(changes(&engine).is_empty());
}
