//! Disturbances that drop or replace answers.

use opencloud_stack::{Config, Disturbance, config::FileMode};

use crate::{
    faults::{
        bench::{Bench, STATE},
        disturbed_answers::Checks,
    },
    support::{self, config, session::job},
};

/// The status of an answer, or that no whole one came.
async fn outcome(request: reqwest::RequestBuilder) -> String {
    let Ok(answer) = request.send().await else {
        return "dropped".into();
    };
    let status = answer.status().as_u16().to_string();
    match answer.bytes().await {
        Ok(_) => status,
        Err(_) => "cut".into(),
    }
}

/// A client that has no connection yet: one that keeps its connections repeats by itself what is
/// dropped.
fn fresh() -> reqwest::Client {
    let client = reqwest::Client::builder().pool_max_idle_per_host(0);
    client.build().unwrap()
}

/// Answers that are dropped or replaced once, or now and then.
pub(crate) async fn each(checks: &mut Checks) {
    let file = async |b: &Bench| {
        let user = b.user().await;
        user.upload("data/d", "f", b"contents").await;
        user.upload_inputs().await;
        user.submit(&job("run")).await;
        user
    };
    let asked = async |b: &Bench, what: &str| {
        let user = file(b).await;
        let spec = user.get("/files/data/d/f/url").await.json();
        let own = |path: &str| format!("{}{path}", user.url);
        let url = match what {
            "a listing" => own("/files/"),
            "a job" => own("/jobs/1"),
            "the access info" => own("/access_info"),
            _ => spec["url"].as_str().unwrap().to_owned(),
        };
        let mut seen = Vec::new();
        for _ in 0..3 {
            let mut request = fresh().get(&url);
            if url.starts_with(&user.url) {
                request = request.bearer_auth(&user.token);
            }
            seen.push(outcome(request).await);
        }
        seen.join(" ")
    };
    for (disturbance, what, disturbed) in [
        (Disturbance::One503OnAListing, "a listing", "503 200 200"),
        (Disturbance::One502FromAGateway, "a listing", "502 200 200"),
        (Disturbance::OneSlowDownOfS3, "a download", "503 200 200"),
        (Disturbance::One503OnAJob, "a job", "503 200 200"),
        (
            Disturbance::One503OnAccessInfo,
            "the access info",
            "503 200 200",
        ),
        (Disturbance::One503OnADownload, "a download", "503 200 200"),
        (Disturbance::One401OnAJob, "a job", "401 200 200"),
        (Disturbance::OneCutDownload, "a download", "cut 200 200"),
        (
            Disturbance::OneDropOnAListing,
            "a listing",
            "dropped 200 200",
        ),
        (Disturbance::OneDropOnAJob, "a job", "dropped 200 200"),
        (
            Disturbance::OneDropOnADownload,
            "a download",
            "dropped 200 200",
        ),
    ] {
        let look = async |b: &Bench| asked(b, what).await;
        checks
            .check(disturbance, look, "200 200 200", disturbed)
            .await;
    }
    that_had_an_effect(checks).await;
    now_and_then(checks).await;
}

/// Requests that take effect although they are answered with an error, and a sign-in that is
/// refused once.
async fn that_had_an_effect(checks: &mut Checks) {
    let deleted = async |b: &Bench| {
        let user = b.user().await;
        user.upload_inputs().await;
        let mut seen = Vec::new();
        for name in ["first", "second"] {
            let path = format!("/jobs/{}", user.submit(&job(name)).await);
            seen.push(user.delete(&path).await.status);
            seen.push(user.get(&path).await.status);
        }
        format!("{seen:?}")
    };
    checks
        .check(
            Disturbance::One503OnDeletingAJob,
            deleted,
            "[204, 404, 204, 404]",
            "[503, 404, 204, 404]",
        )
        .await;
    let signed_in = async |b: &Bench| {
        let account = &b.stack.accounts()[0];
        let body = serde_json::json!({
            "AuthFlow": "USER_PASSWORD_AUTH",
            "ClientId": b.stack.ids().client,
            "AuthParameters": {"USERNAME": account.email, "PASSWORD": account.password},
        });
        let first = b.cognito("InitiateAuth", &body).await;
        let again = b.cognito("InitiateAuth", &body).await.status;
        format!("{} {} {again}", first.status, first.json()["__type"])
    };
    checks
        .check(
            Disturbance::OneThrottledSignIn,
            signed_in,
            "200 null 200",
            r#"400 "TooManyRequestsException" 200"#,
        )
        .await;
}

async fn now_and_then(checks: &mut Checks) {
    let many = async |b: &Bench| {
        let url = format!("{}/access_info", b.stack.urls().user_api);
        let mut bad = 0;
        for _ in 0..200 {
            bad += u32::from(outcome(fresh().get(&url)).await != "200");
        }
        bad.to_string()
    };
    for disturbance in [Disturbance::DroppedConnections, Disturbance::BusyServices] {
        checks.check(disturbance, many, "0", "10").await;
    }
}

/// Which of 100 answers are dropped.
async fn dropped(seed: u16) -> Vec<usize> {
    let stack = support::start(Config {
        disturbances: vec![Disturbance::BusyServices],
        seed,
        ..config(FileMode::S3, STATE)
    })
    .await;
    let url = format!("{}/access_info", stack.urls().user_api);
    let mut dropped = Vec::new();
    for at in 0..100 {
        if outcome(reqwest::Client::new().get(&url)).await != "200" {
            dropped.push(at);
        }
    }
    dropped
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seed_decides_which_answers_are_dropped() {
    let first = dropped(7).await;
    assert_eq!(first.len(), 5);
    assert_eq!(dropped(7).await, first);
    assert_ne!(dropped(8).await, first);
}
