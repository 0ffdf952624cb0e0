//! Disturbances of jobs, tokens and accounts.

use std::time::{Duration, Instant};

use opencloud_stack::{Disturbance, JobStatus};
use serde_json::json;

use crate::{
    faults::{
        bench::{Bench, STATE},
        disturbed_answers::Checks,
    },
    support::{
        accounts::{NEW, PASSWORD, Pool},
        session::{Session, job, names, states, success, wait_for},
    },
};

async fn finished(b: &Bench, name: &str) -> (Session, i64) {
    let user = b.user().await;
    user.upload_inputs().await;
    let id = user.submit(&job(name)).await;
    wait_for(&b.stack, |c| {
        states(c, name).last() == Some(&JobStatus::Finished)
    })
    .await;
    (user, id)
}

/// For how long the job of five that was quickest about it had a status.
async fn shortest(b: &Bench, status: JobStatus) -> Duration {
    let mut all = Vec::new();
    for name in ["a", "b", "c", "d", "e"] {
        finished(b, name).await;
        let changes = b.stack.state_changes();
        let of_job: Vec<_> = changes.iter().filter(|c| c.job_name == name).collect();
        let at = of_job.iter().position(|c| c.status == status).unwrap();
        let lasted = of_job[at + 1].at.duration_since(of_job[at].at);
        all.push(lasted.unwrap_or_default());
    }
    all.into_iter().min().unwrap()
}

pub(crate) async fn jobs(checks: &mut Checks) {
    let pulled = async |b: &Bench| {
        let lasted = shortest(b, JobStatus::Pulled).await;
        (lasted >= Duration::from_millis(5)).to_string()
    };
    checks
        .check(Disturbance::PulledInvisible, pulled, "true", "false")
        .await;
    let short = async |b: &Bench| {
        let lasted = shortest(b, JobStatus::Preprocessing).await;
        (lasted >= Duration::from_secs_f64(STATE)).to_string()
    };
    checks
        .check(Disturbance::ShortStates, short, "true", "false")
        .await;
    let queued = async |b: &Bench| {
        let begin = Instant::now();
        finished(b, "run").await;
        (begin.elapsed() >= Duration::from_secs(3)).to_string()
    };
    checks
        .check(Disturbance::LongQueue, queued, "false", "true")
        .await;
    let life = async |b: &Bench| {
        finished(b, "run").await;
        names(&states(&b.stack.state_changes(), "run"))
    };
    let until_running = success()
        .into_iter()
        .take_while(|state| *state != JobStatus::Postprocessing);
    let twice: Vec<_> = until_running.chain(success()).collect();
    checks
        .check(
            Disturbance::QueuedAgain,
            life,
            &names(&success()),
            &names(&twice),
        )
        .await;
    let told = async |b: &Bench| {
        let (user, id) = finished(b, "run").await;
        let job = user.job(id).await;
        let created = job["date_created"].as_str().unwrap();
        let date: jiff::civil::DateTime = created.parse().unwrap();
        let now = jiff::tz::Offset::UTC.to_datetime(jiff::Timestamp::now());
        let minutes = date.duration_since(now).as_secs_f64() / 60.0;
        let said = job["runtime_details"].as_str().unwrap_or("nothing");
        format!("{} {minutes:+.0} {}", created.contains('.'), said.trim())
    };
    for (disturbance, disturbed) in [
        (Disturbance::DatesWithoutFraction, "false -0 nothing"),
        (
            Disturbance::TalkativeWorker,
            "true -0 worker w: all is well",
        ),
        (Disturbance::ClockFast, "true +5 nothing"),
        (Disturbance::ClockSlow, "true -5 nothing"),
    ] {
        checks
            .check(disturbance, told, "true -0 nothing", disturbed)
            .await;
    }
}

pub(crate) async fn tokens(checks: &mut Checks) {
    let groups = async |b: &Bench| b.user().await.get("/user").await.json()["groups"].to_string();
    checks
        .check(
            Disturbance::GroupsInAnotherOrder,
            groups,
            r#"["users","workers"]"#,
            r#"["workers","users"]"#,
        )
        .await;
    let life = async |b: &Bench| {
        let account = &b.stack.accounts()[0];
        let body = json!({
            "AuthFlow": "USER_PASSWORD_AUTH",
            "ClientId": b.stack.ids().client,
            "AuthParameters": {"USERNAME": account.email, "PASSWORD": account.password},
        });
        let answer = b.cognito("InitiateAuth", &body).await;
        answer.json()["AuthenticationResult"]["ExpiresIn"].to_string()
    };
    for (disturbance, disturbed) in [
        (Disturbance::TokensOf5Seconds, "5"),
        (Disturbance::TokensOf3Seconds, "3"),
    ] {
        checks.check(disturbance, life, "3600", disturbed).await;
    }
}

pub(crate) async fn pool(checks: &mut Checks) {
    let kind = |(_, body): (u16, serde_json::Value)| body["__type"].to_string();
    let unknown = async |b: &Bench| kind(Pool(&b.stack).sign_in(NEW, PASSWORD).await);
    checks
        .check(
            Disturbance::AccountsHidden,
            unknown,
            "\"UserNotFoundException\"",
            "\"NotAuthorizedException\"",
        )
        .await;
    let registered = async |b: &Bench| kind(Pool(&b.stack).sign_up(NEW, PASSWORD).await);
    checks
        .check(
            Disturbance::RegistrationClosed,
            registered,
            "null",
            "\"NotAuthorizedException\"",
        )
        .await;
}

pub(crate) async fn accounts(checks: &mut Checks) {
    let there = async |b: &Bench| {
        let user = b.user().await;
        let jobs = user.get("/jobs?limit=1000").await.json();
        let files = user.paths("").await.len();
        format!("{} jobs, {files} files", jobs.as_array().unwrap().len())
    };
    for (disturbance, disturbed) in [
        (Disturbance::CrowdedAccount, "120 jobs, 1000 files"),
        (Disturbance::Leftovers, "1 jobs, 4 files"),
    ] {
        checks
            .check(disturbance, there, "0 jobs, 0 files", disturbed)
            .await;
    }
}
