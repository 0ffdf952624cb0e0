//! What answers show of a job, and requests for jobs that must be refused.

use opencloud_stack::{Fault, JobStatus::Running};
use serde_json::{Value, json};

use crate::{
    faults::{
        bench::{Bench, Checks},
        jobs::waiting,
    },
    support::session::{Session, job, states, wait_for},
};

/// A job with every kind of input that no worker takes, and its user.
async fn created(b: &Bench) -> (Session, Value) {
    let user = b.user().await;
    user.upload_inputs().await;
    user.upload("artifact/exp", "model_0.pt", b"model").await;
    let mut new = waiting("run");
    new["priority"] = Value::Null;
    new["attributes"]["files_down"]["artifact_ids"] = json!(["exp"]);
    let job = user.json("POST", "/jobs", &new).await.json();
    (user, job)
}

/// The members that faults change, of the job as it was created, as it is shown and as it is listed.
async fn views(b: &Bench) -> String {
    let (user, created) = created(b).await;
    let shown = user.job(created["id"].as_i64().unwrap()).await;
    let listed = user.get("/jobs").await.json()[0].clone();
    let look = |job: &Value| {
        let files = &job["attributes"]["files_down"];
        let members = [
            &job["priority"],
            &files["data_ids"],
            &files["artifact_ids"],
            &job["hardware"]["memory"],
            &job["application"]["version"],
            &job["environment"],
        ];
        let members = members.map(|member| member.to_string().replace('"', ""));
        members.join(" ")
    };
    [&created, &shown, &listed].map(look).join(", ")
}

pub(crate) async fn members(checks: &mut Checks) {
    let job = "0 [exp] [exp] 1000000000 v0_10_1 local";
    let sound = [job; 3].join(", ");
    // The list is as the job is stored.
    let told = |from: &str, to: &str| {
        let bent = job.replacen(from, to, 1);
        [&bent, &bent, job].join(", ")
    };
    let stored = |from: &str, to: &str| [job.replace(from, to).as_str(); 3].join(", ");
    for (fault, faulty) in [
        (Fault::JobDefaultPriority, stored("0 [exp] ", "1 [exp] ")),
        (Fault::JobPriorityNotPassedOn, told("0 [exp] ", "2 [exp] ")),
        (
            Fault::JobArtifactsNotPassedOn,
            stored("[exp] 1000000000", "[] 1000000000"),
        ),
        (Fault::JobDataNotPassedOn, told("0 [exp] ", "0 [] ")),
        (Fault::JobHardwareNotPassedOn, told("1000000000", "null")),
        (Fault::JobLacksApplication, told("v0_10_1", "null")),
        (
            Fault::ShownJobOfAnotherVersion,
            [job, &job.replace("v0_10_1", "latest"), job].join(", "),
        ),
        (
            Fault::ListedJobElsewhere,
            [job, job, &job.replace("local", "cloud")].join(", "),
        ),
    ] {
        checks.check(fault, views, &sound, &faulty).await;
    }
}

pub(crate) async fn several_inputs(checks: &mut Checks) {
    let told = async |b: &Bench| {
        let user = b.user().await;
        user.upload_inputs().await;
        user.upload("artifact/exp", "model_0.pt", b"model").await;
        let mut new = waiting("run");
        let inputs = &mut new["attributes"]["files_down"];
        inputs["data_ids"] = json!(["exp", "exp/"]);
        inputs["artifact_ids"] = json!(["exp", "exp/"]);
        let job = user.json("POST", "/jobs", &new).await.json();
        let inputs = &job["attributes"]["files_down"];
        let count = |member: &str| inputs[member].as_array().unwrap().len();
        format!("{} {}", count("data_ids"), count("artifact_ids"))
    };
    for (fault, faulty) in [
        (Fault::JobKeepsFirstData, "1 2"),
        (Fault::JobKeepsFirstArtifact, "2 1"),
    ] {
        checks.check(fault, told, "2 2", faulty).await;
    }
    let missing = async |b: &Bench| {
        let user = b.user().await;
        user.upload_inputs().await;
        let mut new = waiting("run");
        new["attributes"]["files_down"]["data_ids"] = json!(["exp", "nope"]);
        user.json("POST", "/jobs", &new).await.status.to_string()
    };
    checks
        .check(Fault::JobChecksFirstInput, missing, "400", "201")
        .await;
}

/// Which of the parameters, data and artifacts of another user a job may read, and which by two dots.
pub(crate) async fn inputs_of_another(checks: &mut Checks) {
    let read = async |b: &Bench| {
        let (user, second) = (b.user().await, b.second().await);
        user.upload_inputs().await;
        user.upload("artifact/exp", "model_0.pt", b"model").await;
        for kind in ["config", "data"] {
            second.upload(&format!("{kind}/own"), "f", b"own").await;
        }
        let owner = &b.stack.accounts()[0].sub;
        let mut seen = String::new();
        for kind in ["config", "data", "artifact"] {
            for id in ["exp".to_owned(), format!("../../{owner}/{kind}/exp")] {
                let mut new = waiting(&format!("{kind}{}", id.len()));
                let inputs = &mut new["attributes"]["files_down"];
                *inputs = json!({"config_id": "own", "data_ids": ["own"], "artifact_ids": []});
                match kind {
                    "config" => inputs["config_id"] = json!(id),
                    kind => inputs[format!("{kind}_ids")] = json!([id]),
                }
                let is_read = second.json("POST", "/jobs", &new).await.status == 201;
                seen.push(if is_read { '+' } else { '-' });
            }
        }
        seen
    };
    for (fault, faulty) in [
        (Fault::JobInputsOfOthers, "+-+-+-"),
        (Fault::JobDataOfOthers, "--+---"),
        (Fault::JobArtifactsOfOthers, "----+-"),
        (Fault::JobInputsEscapeByDots, "-+-+-+"),
    ] {
        checks.check(fault, read, "------", faulty).await;
    }
}

pub(crate) async fn dates_and_details(checks: &mut Checks) {
    let early = async |b: &Bench| {
        let (user, job) = created(b).await;
        let shown = user.job(job["id"].as_i64().unwrap()).await;
        shown["date_started"].is_string().to_string()
    };
    checks
        .check(Fault::JobStartedWhileQueued, early, "false", "true")
        .await;
    let running = async |b: &Bench| {
        let user = b.user().await;
        user.upload_inputs().await;
        let id = user.submit(&job("run")).await;
        // A state lasts too short to be sure to see it, but one of them is seen.
        loop {
            let shown = user.job(id).await;
            match shown["status"].as_str().unwrap() {
                "queued" => {}
                "finished" => return "finished".to_owned(),
                _ => return shown["date_finished"].is_string().to_string(),
            }
        }
    };
    checks
        .check(Fault::JobFinishedWhileRunning, running, "false", "true")
        .await;
    let ended = async |b: &Bench| {
        let user = b.user().await;
        user.upload_inputs().await;
        user.upload("config/exp", "param_run_in.yaml", b"[").await;
        let id = user.submit(&job("run")).await;
        wait_for(&b.stack, |changes| {
            let seen = states(changes, "run");
            seen.iter().filter(|state| state.name() == "error").count() == 2
        })
        .await;
        let job = user.job(id).await;
        let members = ["runtime_details", "date_finished", "user_email"];
        members
            .map(|member| job[member].is_string().to_string())
            .join(" ")
    };
    let sound = "true true true";
    for (fault, faulty) in [
        (Fault::JobDetailsLost, "false true true"),
        (Fault::JobFailsWithoutDate, "true false true"),
        (Fault::JobNullUserEmail, "true true false"),
    ] {
        checks.check(fault, ended, sound, faulty).await;
    }
    let finished = async |b: &Bench| {
        let user = b.user().await;
        user.upload_inputs().await;
        let id = user.submit(&job("run")).await;
        wait_for(&b.stack, |changes| {
            let seen = states(changes, "run");
            seen.contains(&Running) && seen.last().is_some_and(|state| state.name() == "finished")
        })
        .await;
        let (shown, listed) = (user.job(id).await, user.get("/jobs").await.json());
        let same = shown["date_finished"] == listed[0]["date_finished"];
        let output = user.download("artifact/run/model/model_0.pt").await;
        format!("{same} {}", output.body.is_empty())
    };
    for (fault, faulty) in [
        (Fault::ListedJobEndsEarlier, "false false"),
        (Fault::JobOutputDownloadsEmpty, "true true"),
    ] {
        checks.check(fault, finished, "true false", faulty).await;
    }
}

pub(crate) async fn refusals(checks: &mut Checks) {
    let unknown = async |b: &Bench| {
        let user = b.user().await;
        user.upload_inputs().await;
        let mut statuses = Vec::new();
        for member in ["version", "entrypoint"] {
            let mut new = waiting(member);
            new["application"][member] = json!("nope");
            let answer = user.json("POST", "/jobs", &new).await;
            statuses.push(answer.status.to_string());
        }
        statuses.join(" ")
    };
    for (fault, faulty) in [
        (Fault::JobVersionNotChecked, "201 201"),
        (Fault::JobEntrypointNotChecked, "422 201"),
    ] {
        checks.check(fault, unknown, "422 422", faulty).await;
    }
    let folder = async |b: &Bench| {
        let user = b.user().await;
        user.upload_inputs().await;
        let mut new = waiting("run");
        new["attributes"]["files_down"]["data_ids"] = json!(["exp/"]);
        let answer = user.json("POST", "/jobs", &new).await;
        answer.status.to_string()
    };
    checks
        .check(Fault::JobFolderRefused, folder, "201", "400")
        .await;
    let status = async |b: &Bench| {
        let body = json!({"job_id": 1, "status": "running"}).to_string();
        let request = b
            .plain("PUT", "/_job_status")
            .header("x-api-key", "made-up");
        let request = request.header("Content-Type", "application/json");
        request.body(body).send().await.status.to_string()
    };
    for (fault, faulty) in [
        (Fault::JobStatusTakesAnyKey, "200"),
        (Fault::JobStatusRefused403, "403"),
    ] {
        checks.check(fault, status, "401", faulty).await;
    }
}
