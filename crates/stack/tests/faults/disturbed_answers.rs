//! Every disturbance does what its line says, and the stack without it does not.

use std::time::{Duration, Instant};

use opencloud_stack::{Disturbance, config::FileMode};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::{
    faults::{
        bench::{Bench, header},
        disturbed_jobs, dropped_answers,
    },
    support::{MODES, http::Request},
};

/// Checks disturbances, and that none is left out.
#[derive(Default)]
pub(crate) struct Checks {
    done: Vec<Disturbance>,
}

impl Checks {
    /// `look` must return `sound` for a stack without it, and `disturbed` for one with it.
    pub(crate) async fn check(
        &mut self,
        disturbance: Disturbance,
        look: impl AsyncFn(&Bench) -> String,
        sound: &str,
        disturbed: &str,
    ) {
        for mode in MODES.into_iter().filter(|m| disturbance.exists_in(*m)) {
            for (disturbances, expected) in [(&[][..], sound), (&[disturbance], disturbed)] {
                let b = Bench::start(mode, &[], disturbances).await;
                let seen = look(&b).await;
                assert_eq!(
                    seen, expected,
                    "{disturbance} in {mode:?}, on: {disturbances:?}"
                );
            }
        }
        self.done.push(disturbance);
    }

    fn complete(self) {
        let mut left = Disturbance::ALL.to_vec();
        left.retain(|disturbance| !self.done.contains(disturbance));
        assert!(left.is_empty(), "not checked: {left:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_disturbance_does_what_it_says() {
    let mut checks = Checks::default();
    times(&mut checks).await;
    connections(&mut checks).await;
    json(&mut checks).await;
    statuses_and_headers(&mut checks).await;
    refusals(&mut checks).await;
    successes_and_races(&mut checks).await;
    dropped_answers::each(&mut checks).await;
    disturbed_jobs::jobs(&mut checks).await;
    disturbed_jobs::tokens(&mut checks).await;
    disturbed_jobs::pool(&mut checks).await;
    disturbed_jobs::accounts(&mut checks).await;
    checks.complete();
}

/// How long the quickest of some answers took.
async fn quickest(b: &Bench) -> Duration {
    let mut all = Vec::new();
    for _ in 0..5 {
        let begin = Instant::now();
        b.get("/access_info").await;
        all.push(begin.elapsed());
    }
    all.into_iter().min().unwrap()
}

async fn times(checks: &mut Checks) {
    for (disturbance, milliseconds) in [
        (Disturbance::Latency, 300),
        // Eight pieces with a pause before each.
        (Disturbance::SlowBodies, 240),
    ] {
        let look = async |b: &Bench| {
            let least = Duration::from_millis(milliseconds);
            (quickest(b).await >= least).to_string()
        };
        checks.check(disturbance, look, "false", "true").await;
    }
    let first = async |b: &Bench| {
        let begin = Instant::now();
        b.get("/access_info").await;
        let first = begin.elapsed();
        let woken = quickest(b).await;
        format!("{}", first >= Duration::from_secs(2) && woken < first)
    };
    checks
        .check(Disturbance::SlowStart, first, "false", "true")
        .await;
}

async fn connections(checks: &mut Checks) {
    let length = async |b: &Bench| header(&b.get("/access_info").await, "transfer-encoding");
    checks
        .check(Disturbance::ChunkedBodies, length, "-", "chunked")
        .await;
    let kept = async |b: &Bench| {
        let answer = reqwest::get(format!("{}/access_info", b.stack.urls().user_api)).await;
        let answer = answer.unwrap();
        let closes = answer.headers().get("connection");
        closes
            .map_or("-", |value| value.to_str().unwrap())
            .to_owned()
    };
    checks
        .check(Disturbance::ConnectionsNotKept, kept, "-", "close")
        .await;
    let names = async |b: &Bench| {
        let request = b.plain("GET", "/access_info");
        let mut stream = request.connect().await;
        stream.write_all(request.head().as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (head, _) = answer.split_once("\r\n\r\n").unwrap();
        let names = head
            .lines()
            .skip(1)
            .filter_map(|line| line.split(':').next());
        let capitalised = names.filter(|name| name.starts_with(|c: char| c.is_uppercase()));
        (capitalised.count() > 3).to_string()
    };
    checks
        .check(Disturbance::HeaderNamesCapitalised, names, "false", "true")
        .await;
}

async fn json(checks: &mut Checks) {
    let limit = async |b: &Bench| {
        let user = b.user().await;
        let jobs = [
            user.get("/jobs?limit=100").await,
            user.get("/jobs?limit=101").await,
        ];
        jobs.map(|answer| answer.status.to_string()).join(" ")
    };
    checks
        .check(
            Disturbance::ListOfJobsIsLimited,
            limit,
            "200 200",
            "200 422",
        )
        .await;
    let capitals = async |b: &Bench| {
        let user = b.user().await.get("/user").await.json();
        let email = user["email"].as_str().unwrap_or_default().to_owned();
        (email == email.to_uppercase()).to_string()
    };
    checks
        .check(Disturbance::EmailInCapitals, capitals, "false", "true")
        .await;
    let added = async |b: &Bench| {
        let info = b.get("/access_info").await.json();
        let both = info["added_later"].is_object() && info["cognito"]["added_later"].is_object();
        let form = b.user().await.request("POST", "/files/data/d/url");
        let form = form.send().await.json();
        let sent_back = form["data"]["added_later"].is_null();
        format!("{both} {sent_back}")
    };
    checks
        .check(
            Disturbance::UnknownJsonFields,
            added,
            "false true",
            "true true",
        )
        .await;
    let text = async |b: &Bench| {
        let body = b.get("/access_info").await.text();
        let pool = body.find("user_pool_id") < body.find("client_id");
        format!("{} lines, pool first: {pool}", body.lines().count())
    };
    for (disturbance, disturbed) in [
        (Disturbance::JsonForPeople, "7 lines, pool first: true"),
        (
            Disturbance::JsonInAnotherOrder,
            "1 lines, pool first: false",
        ),
    ] {
        checks
            .check(disturbance, text, "1 lines, pool first: true", disturbed)
            .await;
    }
    let umlaut = async |b: &Bench| {
        let user = b.user().await;
        user.upload("data/d", "Größe", b"x").await;
        let list = user.get("/files/data/d/").await;
        let (raw, read) = (list.body.is_ascii(), list.json());
        format!("{raw} {}", read[0]["path"] == "data/d/Größe")
    };
    checks
        .check(Disturbance::JsonInAscii, umlaut, "false true", "true true")
        .await;
}

async fn statuses_and_headers(checks: &mut Checks) {
    let up = async |b: &Bench| {
        let status = b.user().await.upload("data/d", "f", b"x").await.status;
        if status == usual(b) {
            "usual".into()
        } else {
            status.to_string()
        }
    };
    for (disturbance, disturbed) in [
        (Disturbance::UploadAnswers200, "200"),
        (Disturbance::UploadAnswers201, "201"),
        (Disturbance::UploadAnswers204, "204"),
    ] {
        checks.check(disturbance, up, "usual", disturbed).await;
    }
    let typed = async |b: &Bench| {
        let user = b.user().await;
        let request = user.request("POST", "/files/data/d/url");
        request.send().await.json()["headers"]["content-type"].to_string()
    };
    let (sound, disturbed) = ("null", "\"multipart/form-data\"");
    checks
        .check(Disturbance::UploadHeadersNameAType, typed, sound, disturbed)
        .await;
    let bare = async |b: &Bench| {
        let base = b.stack.urls().user_api.clone();
        let root = base.trim_end_matches("/api/v1");
        let at = async |base: &str| {
            let request = Request::new("GET", &format!("{base}/access_info"));
            request.send().await.status
        };
        format!("{} {}", at(&base).await, at(root).await)
    };
    checks
        .check(Disturbance::PathPrefix, bare, "200 200", "200 404")
        .await;
    let jobs = async |b: &Bench| b.user().await.get("/jobs").await.status.to_string();
    checks
        .check(Disturbance::JobsElsewhere, jobs, "200", "307")
        .await;
    let preflight = async |b: &Bench| b.preflight_jobs("POST").await;
    let status = async |b: &Bench| preflight(b).await.status.to_string();
    checks
        .check(Disturbance::PreflightsAnswer204, status, "200", "204")
        .await;
    for (disturbance, name, sound, disturbed) in [
        (
            Disturbance::PreflightsNotRemembered,
            "access-control-max-age",
            "600",
            "-",
        ),
        (
            Disturbance::PreflightsAllowMore,
            "access-control-allow-headers",
            "authorization,content-type",
            "x-requested-with, authorization,content-type, range",
        ),
    ] {
        let look = async |b: &Bench| header(&preflight(b).await, name);
        checks.check(disturbance, look, sound, disturbed).await;
    }
    for (disturbance, name, sound, disturbed) in [
        (
            Disturbance::ExtraHeaders,
            "x-cache",
            "-",
            "Miss from cloudfront",
        ),
        (
            Disturbance::MoreHeadersExposed,
            "access-control-expose-headers",
            "-",
            "x-amzn-RequestId, x-amzn-ErrorType, x-amzn-ErrorMessage, Date, ETag",
        ),
        (
            Disturbance::JsonWithCharset,
            "content-type",
            "application/json",
            "application/json; charset=utf-8",
        ),
    ] {
        let look = async |b: &Bench| header(&b.get("/access_info").await, name);
        checks.check(disturbance, look, sound, disturbed).await;
    }
    let cognito = async |b: &Bench| {
        let answer = b.cognito("GetUser", &json!({"AccessToken": "none"})).await;
        header(&answer, "content-type")
    };
    checks
        .check(
            Disturbance::CognitoAsTheEmulator,
            cognito,
            "application/x-amz-json-1.1",
            "text/html; charset=utf-8",
        )
        .await;
}

/// What may be refused, or kept from other pages.
async fn refusals(checks: &mut Checks) {
    let origin = async |b: &Bench| {
        let answer = b.cognito("GetUser", &json!({"AccessToken": "none"})).await;
        header(&answer, "access-control-allow-origin")
    };
    let (sound, disturbed) = ("*", "http://localhost:8080");
    checks
        .check(
            Disturbance::CognitoForTheFrontendAlone,
            origin,
            sound,
            disturbed,
        )
        .await;
    let dots = async |b: &Bench| {
        let user = b.user().await;
        let answer = user.get("/files/%2e%2e%2Fx/").await;
        format!("{} {}", answer.status, header(&answer, "content-type"))
    };
    let (sound, disturbed) = ("404 application/json", "403 text/html");
    checks
        .check(Disturbance::DotsRefusedByAFirewall, dots, sound, disturbed)
        .await;
}

/// Successes with another status, and a listing beside a change.
async fn successes_and_races(checks: &mut Checks) {
    let statuses = async |b: &Bench| {
        let user = b.user().await;
        let made = user.request("POST", "/files/data/d/").send().await.status;
        let user_status = user.get("/user").await.status;
        let deleted = user.delete("/files/data/d/").await.status;
        format!("{made} {user_status} {deleted}")
    };
    for (disturbance, disturbed) in [
        (Disturbance::CreationsAnswer200, "200 200 204"),
        (Disturbance::SuccessesAnswer202, "201 202 204"),
        (Disturbance::DeletionsAnswer200, "201 200 200"),
    ] {
        checks
            .check(disturbance, statuses, "201 200 204", disturbed)
            .await;
    }
    let beside = async |b: &Bench| {
        let user = b.user().await;
        user.upload("data/d", "f", b"x").await;
        let listing = async { user.get("/files/data/d/").await.status };
        let deletion = async {
            tokio::time::sleep(Duration::from_millis(8)).await;
            user.delete("/files/data/d/f").await.status
        };
        let (listed, deleted) = tokio::join!(listing, deletion);
        format!("{listed} {deleted}")
    };
    checks
        .check(
            Disturbance::ListingsRaceWithChanges,
            beside,
            "200 204",
            "500 204",
        )
        .await;
}

/// The status of an upload.
fn usual(b: &Bench) -> u16 {
    match b.mode {
        FileMode::S3 => 204,
        FileMode::Local => 201,
    }
}
