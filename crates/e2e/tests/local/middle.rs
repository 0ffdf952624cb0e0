//! A service that fails in the middle of a test: one failure, the same in every report.

use rustix::process::Signal;
use serde_json::Value;

use crate::{
    common::Ended,
    local::{DOWN, UP, changes, engine::Engine, in_the_middle},
};

/// The run has one failure, of the stack, which begins with `sentence`, and tells where it was.
#[track_caller]
fn one_failure(engine: &Engine, ended: &Ended, sentence: &str, line: &str) {
    ended.assert_code(1);
    let told = format!("error: {sentence}");
    ended.tells(&told);
    ended.tells(&format!("    {line}"));
    assert_eq!(changes(engine), [UP, DOWN]);

    let results = ended.results();
    let place = results["verdict"].as_str().unwrap();
    assert!(place.contains("in lifecycle::"), "{place}");
    assert!(
        ended.verdict().contains("in lifecycle::"),
        "{}",
        ended.verdict()
    );
    assert_eq!(results["outcome"], "failed");
    let is_told = |failure: &Value| {
        let message = failure["message"].as_str().unwrap();
        assert!(message.starts_with(sentence), "{message}");
        assert!(message.contains(line), "{message}");
        assert_eq!(failure["blame"], "stack");
    };
    is_told(&results["failure"]);
    let test = &results["tests"][0];
    is_told(&test["failure"]);
    let steps = test["steps"].as_array().unwrap().iter();
    let failed: Vec<_> = steps.filter(|step| !step["failure"].is_null()).collect();
    assert_eq!(failed.len(), 1, "{failed:?}");
    is_told(&failed[0]["failure"]);
    assert_eq!(failed[0]["result"], "failed");

    let junit = ended.report("junit.xml");
    assert_eq!(junit.matches("<failure ").count(), 1, "{junit}");
    assert!(!junit.contains("<error "), "{junit}");
    assert!(
        junit.contains("type=\"stack\"") && junit.contains(sentence),
        "{junit}"
    );
    assert!(junit.contains(line), "{junit}");
    let html = ended.report("report.html");
    assert!(html.contains(sentence) && html.contains(line));
    for text in [&ended.stdout, &ended.stderr, &junit, &html] {
        assert!(!text.contains("somebody has ended the run"), "{text}");
    }
    ended.assert_nothing_left();
}

/// Its requests fail before the engine has told that it has ended.
#[test]
fn the_user_api_is_killed() {
    let engine = Engine::new("--seconds-per-state 600");
    engine.write("log-userfacing-api", "out of memory\n");
    let running = in_the_middle(&engine);
    engine.signal("userfacing-api", Signal::KILL);
    engine.write(
        "containers",
        &Engine::containers_but("userfacing-api", "exited", 137),
    );
    let ended = running.wait();
    let sentence = "userfacing-api has ended (exit code 137)";
    one_failure(&engine, &ended, sentence, "out of memory");
}

#[test]
fn the_worker_is_paused() {
    let engine = Engine::new("--seconds-per-state 600");
    engine.write(
        "log-job-fetcher",
        "No job found. Sleeping for 10 seconds.\n",
    );
    let running = in_the_middle(&engine);
    engine.write("containers", &Engine::containers("paused"));
    let ended = running.wait();
    let sentence = "job-fetcher runs no more: its container is paused";
    one_failure(&engine, &ended, sentence, "No job found");
}

/// Its container is up, because another of its threads goes on.
#[test]
fn the_worker_dies_in_a_container_that_stays_up() {
    let engine = Engine::new("--seconds-per-state 600");
    let running = in_the_middle(&engine);
    let frame = "  File \"/app/main.py\", line 7, in auto_run\n";
    engine.write(
        "log-job-fetcher",
        &format!(
            "2026-11-28 12:00:00.123 | INFO     | __main__:run:30 - a job\n\
             Traceback (most recent call last):\n{frame}\
             requests.exceptions.HTTPError: 404 Client Error: Not Found\n\n\
             During handling of the above exception, another exception occurred:\n\n\
             Traceback (most recent call last):\n{frame}\
             docker.errors.ImageNotFound: 404 Client Error: pull access denied\n"
        ),
    );
    let ended = running.wait();
    let sentence = "job-fetcher has died, though its container is up: \
                    docker.errors.ImageNotFound: 404 Client Error: pull access denied";
    one_failure(
        &engine,
        &ended,
        sentence,
        "requests.exceptions.HTTPError: 404",
    );
}

/// It neither asks for jobs nor reports on one.
#[test]
fn the_worker_falls_silent() {
    let engine = Engine::new("--seconds-per-state 600");
    engine.write(
        "log-job-fetcher",
        "No job found. Sleeping for 10 seconds.\n",
    );
    engine.write(
        "log-workerfacing-api",
        "INFO:     127.0.0.1:5 - \"GET / HTTP/1.1\" 200 OK\n\
         INFO:     127.0.0.1:6 - \"GET /jobs?limit=1 HTTP/1.1\" 200 OK\n",
    );
    let running = engine
        .run(&["--filter", "lifecycle::"], "TIME_LIMIT_ANSWER=5s\n")
        .start_until("is queued");
    let ended = running.wait();
    let sentence = "job-fetcher has asked the WorkerAPI for nothing for 10 s";
    one_failure(&engine, &ended, sentence, "No job found");
}
