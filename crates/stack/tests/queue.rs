//! In which order a worker takes jobs.

use crate::support::{
    self, config,
    session::{Session, job, states, wait_for},
};
use opencloud_stack::{
    Config, JobStatus, StateChange,
    config::{FileMode, WorkerEnvironment},
};
use serde_json::{Value, json};

/// Submits jobs while the worker of `local` is busy, and says in which order it takes them.
async fn order(jobs: &[Value]) -> Vec<String> {
    let stack = support::start(Config {
        workers: vec![WorkerEnvironment::Local, WorkerEnvironment::Cloud],
        ..config(FileMode::Local, 0.15)
    })
    .await;
    let user = Session::first(&stack).await;
    user.upload_inputs().await;
    user.submit(&job("first")).await;
    wait_for(&stack, |c| {
        c.iter().any(|c| c.status == JobStatus::Preprocessing)
    })
    .await;
    for job in jobs {
        user.submit(job).await;
    }
    let pulled = |changes: &[StateChange]| -> Vec<String> {
        let pulled = changes.iter().filter(|c| c.status == JobStatus::Pulled);
        pulled.map(|c| c.job_name.clone()).collect()
    };
    let changes = wait_for(&stack, |c| pulled(c).len() == jobs.len() + 1).await;
    stack.stop().await;
    pulled(&changes)[1..].to_vec()
}

fn with(name: &str, priority: i64, environment: Value) -> Value {
    let mut job = job(name);
    job["priority"] = json!(priority);
    job["environment"] = environment;
    job
}

#[tokio::test(flavor = "multi_thread")]
async fn higher_priorities_go_first_then_older_jobs() {
    let local = || json!("local");
    let order = order(&[
        with("old", 0, local()),
        with("new", 0, local()),
        with("urgent", 5, local()),
        with("soon", 3, local()),
        with("also soon", 3, local()),
    ])
    .await;
    assert_eq!(order, ["urgent", "soon", "also soon", "old", "new"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_environment_has_a_worker_of_its_own() {
    let order = order(&[
        with("local", 5, json!("local")),
        with("cloud", 0, json!("cloud")),
    ])
    .await;
    // The worker of `cloud` is free; that of `local` has the first job in hand.
    assert_eq!(order, ["cloud", "local"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_for_any_environment_goes_to_a_free_worker() {
    let order = order(&[
        with("local", 0, json!("local")),
        with("any", 0, json!(null)),
    ])
    .await;
    assert_eq!(order, ["any", "local"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_waits_for_a_worker_of_its_environment() {
    for (workers, waits, runs) in [
        (vec![WorkerEnvironment::Local], "cloud", "local"),
        (vec![WorkerEnvironment::Cloud], "local", "cloud"),
    ] {
        let stack = support::start(Config {
            workers,
            ..config(FileMode::Local, 0.01)
        })
        .await;
        let user = Session::first(&stack).await;
        user.upload_inputs().await;
        user.submit(&with("waits", 5, json!(waits))).await;
        user.submit(&with("runs", 0, json!(runs))).await;
        user.submit(&with("any", 0, json!(null))).await;
        let changes = wait_for(&stack, |changes| {
            let finished = changes.iter().filter(|c| c.status == JobStatus::Finished);
            finished.count() == 2
        })
        .await;
        assert_eq!(states(&changes, "waits"), [JobStatus::Queued], "{waits}");
        stack.stop().await;
    }
}
