//! Disturbances are awkward, and still right: a whole job goes well under each.

use std::time::{Duration, Instant};

use opencloud_stack::{Disturbance, config::FileMode};

use crate::{
    bench::{Bench, header},
    support::session::{PARAMETERS, job, states, wait_for},
};

/// These answer a request once with an error, which a client has to repeat.
fn is_a_single_failure(disturbance: Disturbance) -> bool {
    disturbance.name().starts_with("one-")
}

/// Of these, the failure is that of a request which is no GET.
const OF_OTHER_METHODS: [Disturbance; 2] = [
    Disturbance::One503OnDeletingAJob,
    Disturbance::OneThrottledSignIn,
];

/// These lose answers all the time.
const LOSSES: [Disturbance; 2] = [Disturbance::DroppedConnections, Disturbance::BusyServices];

#[tokio::test(flavor = "multi_thread")]
async fn a_job_goes_well_under_each() {
    for disturbance in Disturbance::ALL
        .iter()
        .filter(|d| !(is_a_single_failure(**d) || LOSSES.contains(d)))
    {
        let b = Bench::start(FileMode::S3, &[], &[*disturbance]).await;
        let user = b.user().await;
        for (directory, name, content) in [
            ("config/exp", "param_run_in.yaml", PARAMETERS),
            ("data/exp", "spline_calibration_3dcal.mat", b"MATLAB 5.0"),
        ] {
            let status = user.upload(directory, name, content).await.status;
            assert_eq!(status / 100, 2, "{disturbance}");
        }
        let id = user.submit(&job("run")).await;
        wait_for(&b.stack, |c| states(c, "run").last() == Some(&"finished")).await;
        assert_eq!(user.job(id).await["status"], "finished", "{disturbance}");
        let written = user.download("artifact/run/model/param_run_in.yaml").await;
        assert_eq!(written.body, PARAMETERS, "{disturbance}");
        assert_eq!(user.delete(&format!("/jobs/{id}")).await.status, 204);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn single_failures_happen_once() {
    for disturbance in Disturbance::ALL
        .iter()
        .filter(|d| is_a_single_failure(**d) && !OF_OTHER_METHODS.contains(d))
    {
        let b = Bench::start(FileMode::S3, &[], &[*disturbance]).await;
        let user = b.user().await;
        user.upload("data/d", "f", b"contents").await;
        user.upload_inputs().await;
        let id = user.submit(&job("run")).await;
        let file = user.get("/files/data/d/f/url").await.json();
        let urls = [
            format!("{}/access_info", user.url),
            format!("{}/files/", user.url),
            format!("{}/jobs/{id}", user.url),
            file["url"].as_str().unwrap().to_owned(),
        ];
        let mut failures = 0;
        for url in urls.iter().cycle().take(8) {
            let mut request = reqwest::Client::new().get(url);
            if url.starts_with(&user.url) {
                request = request.bearer_auth(&user.token);
            }
            let good = match request.send().await {
                Ok(answer) if answer.status() == 200 => answer.bytes().await.is_ok(),
                _ => false,
            };
            failures += u32::from(!good);
        }
        assert_eq!(failures, 1, "{disturbance}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_gone_although_its_deletion_answers_503() {
    let b = Bench::start(FileMode::S3, &[], &[Disturbance::One503OnDeletingAJob]).await;
    let user = b.user().await;
    user.upload_inputs().await;
    for (name, expected) in [("first", 503), ("second", 204)] {
        let path = format!("/jobs/{}", user.submit(&job(name)).await);
        assert_eq!(user.delete(&path).await.status, expected);
        assert_eq!(user.get(&path).await.status, 404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_first_sign_in_is_throttled() {
    let b = Bench::start(FileMode::S3, &[], &[Disturbance::OneThrottledSignIn]).await;
    let account = &b.stack.accounts()[0];
    let body = serde_json::json!({
        "AuthFlow": "USER_PASSWORD_AUTH",
        "ClientId": b.stack.ids().client,
        "AuthParameters": { "USERNAME": account.email, "PASSWORD": account.password },
    });
    let first = b.cognito("InitiateAuth", &body).await;
    assert_eq!(first.status, 400);
    assert_eq!(first.json()["__type"], "TooManyRequestsException");
    assert_eq!(b.cognito("InitiateAuth", &body).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_answer_in_twenty_is_lost() {
    for disturbance in LOSSES {
        let b = Bench::start(FileMode::S3, &[], &[disturbance]).await;
        let mut failures = 0;
        for _ in 0..200 {
            // A client that keeps its connections repeats by itself what is dropped.
            let answer = reqwest::get(format!("{}/access_info", b.stack.urls().user_api)).await;
            let good = answer.is_ok_and(|answer| answer.status() == 200);
            failures += u32::from(!good);
        }
        assert_eq!(failures, 10, "{disturbance}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn they_are_what_they_are_called() {
    let on = async |d: Disturbance| Bench::start(FileMode::S3, &[], &[d]).await;

    let b = on(Disturbance::Latency).await;
    let begin = Instant::now();
    b.get("/access_info").await;
    assert!(begin.elapsed() >= Duration::from_millis(300));

    let b = on(Disturbance::ChunkedBodies).await;
    let answer = b.get("/access_info").await;
    assert_eq!(header(&answer, "transfer-encoding"), "chunked");

    let b = on(Disturbance::UnknownJsonFields).await;
    assert!(b.get("/access_info").await.json()["added_later"].is_object());

    let b = on(Disturbance::UploadAnswers201).await;
    assert_eq!(b.user().await.upload("data/d", "f", b"x").await.status, 201);

    let b = on(Disturbance::GroupsInAnotherOrder).await;
    let user = b.user().await.get("/user").await.json();
    assert_eq!(user["groups"], serde_json::json!(["workers", "users"]));

    for (disturbance, minutes) in [(Disturbance::ClockFast, 5), (Disturbance::ClockSlow, -5)] {
        let b = on(disturbance).await;
        let user = b.user().await;
        user.upload_inputs().await;
        let id = user.submit(&job("run")).await;
        let created = user.job(id).await["date_created"]
            .as_str()
            .unwrap()
            .to_owned();
        let created: jiff::civil::DateTime = created.parse().unwrap();
        let now = jiff::tz::Offset::UTC.to_datetime(jiff::Timestamp::now());
        let off = created.duration_since(now).as_secs_f64() - 60.0 * f64::from(minutes);
        assert!(off.abs() < 20.0, "{disturbance} {off}");
    }

    let b = on(Disturbance::QueuedAgain).await;
    let user = b.user().await;
    user.upload_inputs().await;
    user.submit(&job("run")).await;
    let changes = wait_for(&b.stack, |c| states(c, "run").last() == Some(&"finished")).await;
    let seen = states(&changes, "run");
    assert_eq!(seen[3..6], ["running", "queued", "pulled"], "{seen:?}");

    let b = on(Disturbance::CrowdedAccount).await;
    let user = b.user().await;
    let jobs = user.get("/jobs?limit=1000").await.json();
    assert_eq!(jobs.as_array().unwrap().len(), 120);
    assert_eq!(user.paths("").await.len(), 1000);

    let b = on(Disturbance::Leftovers).await;
    assert_eq!(b.user().await.paths("").await.len(), 4);
}
