//! Jobs of the user.

use std::time::Duration;

use jiff::civil::DateTime;
use opencloud_stack::{
    Family, Fault,
    JobStatus::{self, Error, Finished, Postprocessing, Preprocessing, Pulled, Queued, Running},
};
use serde_json::{Value, json};

use crate::{
    faults::{
        bench::{Bench, Checks},
        edges, job_list, refusals, shown_jobs,
    },
    support::session::{PARAMETERS, Session, job, names, states, success, wait_for},
};

/// A user with a job that was just created, and the answer to that.
pub(crate) async fn submitted(b: &Bench) -> (Session, Value) {
    let user = b.user().await;
    user.upload_inputs().await;
    let job = user.json("POST", "/jobs", &job("run")).await.json();
    (user, job)
}

/// A job that no worker takes.
pub(crate) fn waiting(name: &str) -> Value {
    let mut waiting = job(name);
    waiting["hardware"]["memory"] = json!(1_000_000_000);
    waiting
}

/// Waits for the job's end. All jobs end but the stuck ones, which stay in `last`.
pub(crate) async fn ended(b: &Bench, last: JobStatus) -> String {
    let changes = wait_for(&b.stack, |changes| {
        let seen = states(changes, "run");
        seen.last()
            .is_some_and(|state| [last, Finished].contains(state))
    });
    names(&states(&changes.await, "run"))
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs() {
    let mut checks = Checks::of(Family::Jobs);
    lives(&mut checks).await;
    records(&mut checks).await;
    outputs(&mut checks).await;
    submissions(&mut checks).await;
    answers(&mut checks).await;
    job_list::lists_and_deletions(&mut checks).await;
    refusals::of_jobs(&mut checks).await;
    shown_jobs::members(&mut checks).await;
    shown_jobs::dates_and_details(&mut checks).await;
    shown_jobs::refusals(&mut checks).await;
    shown_jobs::several_inputs(&mut checks).await;
    shown_jobs::inputs_of_another(&mut checks).await;
    edges::jobs(&mut checks).await;
    checks.complete();
}

async fn lives(checks: &mut Checks) {
    let sound = names(&success());
    for (fault, last) in [
        (Fault::JobStuckInQueued, Queued),
        (Fault::JobStuckInPulled, Pulled),
        (Fault::JobStuckInPreprocessing, Preprocessing),
        (Fault::JobStuckInRunning, Running),
        (Fault::JobStuckInPostprocessing, Postprocessing),
    ] {
        let later = success()
            .into_iter()
            .skip_while(|state| *state != last)
            .count()
            - 1;
        let faulty = names(&success()[..success().len() - later]);
        let look = async |b: &Bench| {
            submitted(b).await;
            let is_faulty = b.faults().contains(&fault);
            let seen = ended(b, if is_faulty { last } else { Finished }).await;
            if is_faulty {
                // Long enough for a job that is not stuck to go on.
                tokio::time::sleep(Duration::from_millis(60)).await;
            }
            let still = names(&states(&b.stack.state_changes(), "run"));
            assert_eq!(seen, still);
            seen
        };
        checks.check(fault, look, &sound, &faulty).await;
    }
    let life = async |b: &Bench| {
        submitted(b).await;
        // A job that goes back does so once, from running; a job that fails does so twice.
        let changes = wait_for(&b.stack, |changes| {
            let seen = states(changes, "run");
            seen.contains(&Finished) || seen.len() == 7 || seen.ends_with(&[Running, Preprocessing])
        });
        names(&states(&changes.await, "run"))
    };
    for (fault, faulty) in [
        (Fault::JobSkipsToFinished, &[Queued, Pulled, Finished][..]),
        (
            Fault::JobGoesBack,
            &[Queued, Pulled, Preprocessing, Running, Preprocessing],
        ),
        (
            Fault::JobEndsInError,
            &[
                Queued,
                Pulled,
                Preprocessing,
                Running,
                Error,
                Postprocessing,
                Error,
            ],
        ),
    ] {
        checks.check(fault, life, &sound, &names(faulty)).await;
    }
    let there = async |b: &Bench| {
        let (user, job) = submitted(b).await;
        let path = format!("/jobs/{}", job["id"]);
        loop {
            let answer = user.get(&path).await;
            if answer.status == 404 || answer.json()["status"] == Finished.name() {
                return answer.status.to_string();
            }
        }
    };
    checks.check(Fault::JobVanishes, there, "200", "404").await;
}

/// The finished job, as the API shows it.
async fn finished(b: &Bench) -> Value {
    let (user, job) = submitted(b).await;
    ended(b, Finished).await;
    user.job(job["id"].as_i64().unwrap()).await
}

async fn records(checks: &mut Checks) {
    let created = async |b: &Bench| {
        let (_, job) = submitted(b).await;
        format!(
            "{} {} {}",
            job["id"],
            job["status"].as_str().unwrap(),
            job["environment"]
        )
    };
    let sound = format!("1 {Queued} \"local\"");
    for (fault, faulty) in [
        (Fault::JobStartsRunning, format!("1 {Running} \"local\"")),
        (Fault::JobEnvironmentNotPassedOn, format!("1 {Queued} null")),
    ] {
        checks.check(fault, created, &sound, &faulty).await;
    }
    let followed = async |b: &Bench| {
        let (user, job) = submitted(b).await;
        let followed = user.job(job["id"].as_i64().unwrap()).await;
        followed["job_name"].to_string()
    };
    checks
        .check(Fault::JobIdOfAnother, followed, "\"run\"", "\"another\"")
        .await;
    let statuses = async |b: &Bench| {
        let (user, job) = submitted(b).await;
        let mut unheard_of = false;
        loop {
            let job = user.job(job["id"].as_i64().unwrap()).await;
            unheard_of |= job["status"] == "processing";
            if job["status"] == Finished.name() {
                return unheard_of.to_string();
            }
        }
    };
    checks
        .check(Fault::JobUnknownStatus, statuses, "false", "true")
        .await;
    let dates = async |b: &Bench| {
        let job = finished(b).await;
        let date = |name: &str| job[name].as_str().unwrap_or("null").to_owned();
        let created = date("date_created");
        let now = jiff::Timestamp::now()
            .strftime("%Y-%m-%dT%H:%M:%S")
            .to_string();
        // A test takes no hour.
        let is_now = created[..13] == now[..13] || created[..19] < now[..19];
        let kind = |date: &str| match date {
            "null" => "null",
            zoned if zoned.ends_with('Z') => "zoned",
            _ => "naive",
        };
        let (started, finished) = (date("date_started"), date("date_finished"));
        let ordered = created < started && started < finished;
        format!("{is_now} {} {} {ordered}", kind(&started), kind(&finished))
    };
    let sound = "true naive naive true";
    for (fault, faulty) in [
        (Fault::JobDatesReversed, "true naive naive false"),
        (Fault::JobDatesInLocalTime, "false naive naive true"),
        (Fault::JobDatesWithZone, "true zoned zoned true"),
        (Fault::JobNoDateFinished, "true naive null true"),
        (Fault::JobNoDateStarted, "true null naive false"),
    ] {
        checks.check(fault, dates, sound, faulty).await;
    }
    let shown = async |b: &Bench| finished(b).await["status"].to_string();
    let lost = Fault::JobReportsLost;
    checks
        .check(lost, shown, "\"finished\"", "\"queued\"")
        .await;
    let hours = async |b: &Bench| {
        let job = finished(b).await;
        let date = |name: &str| job[name].as_str().unwrap().parse::<DateTime>().unwrap();
        let took = date("date_finished").duration_since(date("date_created"));
        took.as_hours().to_string()
    };
    let ends = Fault::JobEndsInLocalTime;
    checks.check(ends, hours, "0", "2").await;
    let artifact = async |b: &Bench| finished(b).await["paths_out"]["artifact"].to_string();
    let (ours, theirs) = ("\"artifact/run\"", "\"artifact/another\"");
    checks
        .check(Fault::JobPathsOutOfAnother, artifact, ours, theirs)
        .await;
}

async fn outputs(checks: &mut Checks) {
    let outputs = async |b: &Bench| {
        let (user, _) = submitted(b).await;
        ended(b, Finished).await;
        let paths = user.paths("artifact").await;
        paths
            .join(" ")
            .replace("artifact/", "")
            .replace("/model/", ":")
    };
    let sound = "run:model_0.pt run:param_run_in.yaml";
    for (fault, faulty) in [
        (Fault::JobFinishesWithoutOutputs, ""),
        (Fault::JobOutputWithoutModel, "run:param_run_in.yaml"),
        (
            Fault::JobOutputsOfAnother,
            "run_another:model_0.pt run_another:param_run_in.yaml",
        ),
    ] {
        checks.check(fault, outputs, sound, faulty).await;
    }
    let written = async |b: &Bench| {
        let (user, _) = submitted(b).await;
        ended(b, Finished).await;
        let body = user
            .download("artifact/run/model/param_run_in.yaml")
            .await
            .body;
        match serde_yaml::from_slice::<serde_yaml::Value>(&body) {
            Err(_) => "no YAML".into(),
            Ok(_) if body == PARAMETERS => "as it was".to_owned(),
            Ok(parameters) => format!("{:?}", parameters["Camera"]["baseline"].as_f64()),
        }
    };
    for (fault, faulty) in [
        (Fault::JobParametersAltered, "Some(1398.6)"),
        (Fault::JobParametersOfAnotherRun, "Some(100.0)"),
        (Fault::JobParametersInvalid, "no YAML"),
    ] {
        checks.check(fault, written, "as it was", faulty).await;
    }
}

/// What the answers to a submission tell, and what becomes of the job.
async fn answers(checks: &mut Checks) {
    let named = async |b: &Bench| {
        let user = b.user().await;
        user.upload_inputs().await;
        let answer = user.json("POST", "/jobs", &waiting("für später")).await;
        answer.status.to_string()
    };
    checks
        .check(Fault::JobNameWithSpacesAnswers500, named, "201", "500")
        .await;
    let created = async |b: &Bench| {
        let user = b.user().await;
        user.upload_inputs().await;
        let mut job = waiting("run");
        job["priority"] = json!(5);
        job["environment"] = Value::Null;
        let answer = user.json("POST", "/jobs", &job).await;
        let id = answer.json()["id"].clone();
        let listed = user.get("/jobs").await.json();
        format!(
            "{} {id} {}",
            answer.status,
            listed.as_array().unwrap().len()
        )
    };
    for (fault, faulty) in [
        (Fault::JobInputsNotFound, "400 null 0"),
        (Fault::HighPriorityRefused, "422 null 0"),
        (Fault::JobIdOfNone, "201 987654 1"),
        (Fault::ListLacksJobsForAny, "201 1 0"),
    ] {
        checks.check(fault, created, "201 1 1", faulty).await;
    }
    let shown = async |b: &Bench| {
        let user = b.user().await;
        user.upload_inputs().await;
        user.submit(&waiting("run")).await;
        let shown = user.get("/jobs/1").await.json().is_array();
        let deleted = user.delete("/jobs/1").await.status;
        let after = user.get("/jobs/1").await.status;
        format!("{shown} {deleted} {after}")
    };
    for (fault, faulty) in [
        (Fault::JobInAList, "true 204 404"),
        (Fault::JobDeletionFailsAtItsEnd, "false 500 404"),
    ] {
        checks.check(fault, shown, "false 204 404", faulty).await;
    }
    let running = async |b: &Bench| {
        let (user, job) = submitted(b).await;
        let path = format!("/jobs/{}", job["id"]);
        loop {
            if user.get(&path).await.json()["status"] != Queued.name() {
                return user.delete(&path).await.status.to_string();
            }
        }
    };
    checks
        .check(Fault::RunningJobNotDeleted, running, "204", "409")
        .await;
    let inputs = async |b: &Bench| {
        let known = b.user().await.get("/jobs/applications").await.json();
        known["decode"]["latest"]["train"]["handler"]["files_down"]
            .is_object()
            .to_string()
    };
    checks
        .check(Fault::EntryPointWithoutInputs, inputs, "true", "false")
        .await;
    let versions = async |b: &Bench| {
        let known = b.user().await.get("/jobs/applications").await.json();
        known["decode"].as_object().unwrap().len().to_string()
    };
    checks
        .check(Fault::OfferedApplicationRefused, versions, "2", "3")
        .await;
    let variables = async |b: &Bench| {
        let known = b.user().await.get("/jobs/applications").await.json();
        known["decode"]["v0_10_1"]["train"]["app"]["env"].to_string()
    };
    checks
        .check(Fault::JobVariableRefused, variables, "[]", r#"["DEBUG"]"#)
        .await;
}

async fn submissions(checks: &mut Checks) {
    let again = async |b: &Bench| {
        let user = b.user().await;
        user.upload_inputs().await;
        user.submit(&waiting("run")).await;
        user.json("POST", "/jobs", &waiting("run"))
            .await
            .status
            .to_string()
    };
    checks
        .check(Fault::JobDuplicateNameAccepted, again, "409", "201")
        .await;
    let after_the_end = async |b: &Bench| {
        finished(b).await;
        let user = b.user().await;
        let again = user.json("POST", "/jobs", &waiting("run")).await;
        again.status.to_string()
    };
    checks
        .check(Fault::JobNameFreeAfterEnd, after_the_end, "409", "201")
        .await;
    let without_inputs = async |b: &Bench| {
        let user = b.user().await;
        user.json("POST", "/jobs", &waiting("run"))
            .await
            .status
            .to_string()
    };
    checks
        .check(Fault::JobMissingInputAccepted, without_inputs, "400", "201")
        .await;
    let without_data = async |b: &Bench| {
        let user = b.user().await;
        user.upload("config/run", "param_run_in.yaml", b"{}").await;
        let mut job = waiting("run");
        job["attributes"]["files_down"] =
            json!({"config_id": "run", "data_ids": ["run"], "artifact_ids": []});
        let status = user.json("POST", "/jobs", &job).await.status;
        let jobs = user.get("/jobs").await.json();
        format!("{status} {}", jobs.as_array().unwrap().len())
    };
    for (fault, faulty) in [
        (Fault::JobMissingDataAccepted, "201 1"),
        (Fault::JobRefusedIsKept, "400 1"),
    ] {
        checks.check(fault, without_data, "400 0", faulty).await;
    }
    let nothing = async |b: &Bench| {
        let answer = b.user().await.get("/jobs/999").await;
        format!("{} {}", answer.status, answer.text().len() > 4)
    };
    checks
        .check(Fault::JobMissingIsNull, nothing, "404 true", "200 false")
        .await;
    for (fault, place, value) in [
        (Fault::JobPriorityNotChecked, "/priority", json!(6)),
        (
            Fault::JobEnvironmentNotChecked,
            "/environment",
            json!("moon"),
        ),
        (
            Fault::JobVariablesNotChecked,
            "/attributes/env_vars",
            json!({"NOT_LISTED": "1"}),
        ),
    ] {
        let look = async |b: &Bench| {
            let user = b.user().await;
            user.upload_inputs().await;
            let mut job = waiting("run");
            *job.pointer_mut(place).unwrap() = value.clone();
            user.json("POST", "/jobs", &job).await.status.to_string()
        };
        checks.check(fault, look, "422", "201").await;
    }
    let applications = async |b: &Bench| {
        let known = b.user().await.get("/jobs/applications").await.json();
        known["decode"].is_object().to_string()
    };
    checks
        .check(Fault::ApplicationsLackDecode, applications, "true", "false")
        .await;
}
