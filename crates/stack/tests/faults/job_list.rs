//! The list of jobs, and deletions of jobs.

use opencloud_stack::{Fault, JobStatus};
use serde_json::Value;

use crate::faults::{
    bench::{Bench, Checks},
    jobs::{ended, submitted, waiting},
};

pub(crate) async fn lists_and_deletions(checks: &mut Checks) {
    let list = async |b: &Bench| {
        for (user, names) in [(b.second().await, ["x", "y"]), (b.user().await, ["a", "b"])] {
            user.upload_inputs().await;
            for name in names {
                user.submit(&waiting(name)).await;
            }
        }
        let user = b.user().await;
        let listed = user.get("/jobs?offset=0&limit=20").await.json();
        let none = user.get("/jobs?limit=0").await.json();
        let names = listed.as_array().unwrap().iter();
        let names = names.chain(none.as_array().unwrap());
        let names = names.map(|job| job["job_name"].as_str().unwrap().to_owned());
        names.collect::<Vec<_>>().join(" ")
    };
    for (fault, faulty) in [
        (Fault::JobListOfEveryone, "b a y x"),
        (Fault::JobListUnordered, "a b"),
        (Fault::JobPagesOldestFirst, "a b"),
        (Fault::JobListMissesTheNewest, "a"),
        (Fault::JobListIgnoresLimit, "b a b a"),
    ] {
        checks.check(fault, list, "b a", faulty).await;
    }
    let pages = async |b: &Bench| {
        let user = b.user().await;
        user.upload_inputs().await;
        for name in ["a", "b", "c"] {
            user.submit(&waiting(name)).await;
        }
        let listed = user.get("/jobs?offset=1&limit=2").await;
        let jobs: Option<Vec<Value>> = serde_json::from_slice(&listed.body).ok();
        format!("{} {:?}", listed.status, jobs.map(|jobs| jobs.len()))
    };
    for (fault, faulty) in [
        (Fault::JobOffsetCountsPages, "200 Some(1)"),
        (Fault::JobListIsAPage, "200 None"),
    ] {
        checks.check(fault, pages, "200 Some(2)", faulty).await;
    }
    let large = async |b: &Bench| {
        let user = b.user().await;
        user.upload_inputs().await;
        user.json("POST", "/jobs", &waiting("run")).await;
        let listed = user.get("/jobs").await.json();
        (listed[0]["id"].as_u64().unwrap() > 1 << 53).to_string()
    };
    checks
        .check(Fault::JobIdsTooLarge, large, "false", "true")
        .await;
    let started = async |b: &Bench| {
        let (user, job) = submitted(b).await;
        let path = format!("/jobs/{}", job["id"]);
        let started = async || user.get(&path).await.json()["date_started"].clone();
        // Until a worker has it.
        while started().await.is_null() {}
        (started().await == started().await).to_string()
    };
    checks
        .check(Fault::JobStartMoves, started, "true", "false")
        .await;
    of_others(checks).await;
    let delete = async |b: &Bench| {
        let (user, job) = submitted(b).await;
        ended(b, JobStatus::Finished).await;
        let path = format!("/jobs/{}", job["id"]);
        let deleted = user.delete(&path).await.status;
        let job = user.get(&path).await.status;
        let (inputs, outputs) = (user.paths("config").await, user.paths("artifact").await);
        format!("{deleted} {job} {} {}", inputs.len(), outputs.len())
    };
    for (fault, faulty) in [
        (Fault::JobDeletedOutputsKept, "204 404 1 2"),
        (Fault::JobDeleteRemovesInputs, "204 404 0 0"),
        (Fault::JobDeleteDeletesNothing, "204 200 1 2"),
    ] {
        checks.check(fault, delete, "204 404 1 0", faulty).await;
    }
}

/// What another user may do.
async fn of_others(checks: &mut Checks) {
    for (fault, method, sound, faulty) in [
        (Fault::JobReadableByOthers, "GET", "404", "200"),
        (Fault::JobDeletableByOthers, "DELETE", "404", "204"),
    ] {
        let look = async |b: &Bench| {
            let user = b.user().await;
            user.upload_inputs().await;
            let id = user.submit(&waiting("run")).await;
            let request = b.second().await.request(method, &format!("/jobs/{id}"));
            request.send().await.status.to_string()
        };
        checks.check(fault, look, sound, faulty).await;
    }
}
