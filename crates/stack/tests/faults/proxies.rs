//! What proxies, firewalls, caches and instances do to the UserAPI's answers.

use std::time::Duration;

use opencloud_stack::Fault;
use serde_json::json;

use crate::{
    faults::bench::{Bench, Checks, FRONTEND, header},
    support::{
        http::{Answer, Request},
        session,
    },
};

/// Status and a header of the answer.
fn with(answer: &Answer, name: &str) -> String {
    format!("{} {}", answer.status, header(answer, name))
}

/// The status of the answer; `-` if none comes for a while.
async fn answered(request: Request) -> String {
    let answer = tokio::time::timeout(Duration::from_secs(1), request.send()).await;
    answer.map_or("-".into(), |answer| answer.status.to_string())
}

pub(crate) async fn answers(checks: &mut Checks) {
    let host = async |b: &Bench| b.get("/access_info").await.status.to_string();
    let fault = Fault::UserApiRefusesItsHost;
    checks.check(fault, host, "200", "400").await;

    let list = async |b: &Bench| {
        let user = b.user().await;
        with(&user.get("/files/config/?recursive=true").await, "location")
    };
    let fault = Fault::ProxyStripsSlashes;
    checks
        .check(fault, list, "200 -", "301 /files/config")
        .await;

    let packed = async |b: &Bench| with(&b.user().await.get("/jobs").await, "content-encoding");
    let fault = Fault::JobListIsNotPacked;
    checks.check(fault, packed, "200 -", "200 gzip").await;

    let pool = async |b: &Bench| {
        let answer = b.cognito("InitiateAuth", &json!({})).await;
        format!("{} {}", answer.status, answer.json()["__type"])
    };
    let fault = Fault::FirewallOfThePool;
    let (sound, faulty) = (
        "400 \"InvalidParameterException\"",
        "403 \"ForbiddenException\"",
    );
    checks.check(fault, pool, sound, faulty).await;

    let query = async |b: &Bench| {
        let user = b.user().await;
        let invalid = user.get("/jobs?limit=many").await;
        invalid.status.to_string()
    };
    checks
        .check(Fault::QueriesAreLost, query, "422", "200")
        .await;
}

pub(crate) async fn preflights(checks: &mut Checks) {
    let dropped = async |b: &Bench| {
        let url = format!("{}/jobs", b.stack.urls().user_api);
        let preflight = Request::new("OPTIONS", &url)
            .header("Origin", FRONTEND)
            .header("Access-Control-Request-Method", "GET");
        answered(preflight).await
    };
    let fault = Fault::FirewallDropsPreflights;
    checks.check(fault, dropped, "200", "-").await;

    let waits = async |b: &Bench| {
        let create = b.user().await.request("POST", "/jobs").body("{}");
        answered(create).await
    };
    let fault = Fault::BodiesAreReadTwice;
    checks.check(fault, waits, "422", "-").await;

    let stored = async |b: &Bench| {
        let mut allowed = Vec::new();
        for query in ["", "?nonce=1"] {
            let url = format!("{}/jobs{query}", b.stack.urls().user_api);
            let answer = b.preflight(&url, "POST", "content-type").await;
            allowed.push(header(&answer, "access-control-allow-headers"));
        }
        allowed.join(" | ")
    };
    let fault = Fault::PreflightsAreStored;
    let (sound, faulty) = ("content-type | content-type", " | content-type");
    checks.check(fault, stored, sound, faulty).await;
}

/// Every third answer, and what browsers keep.
pub(crate) async fn instances(checks: &mut Checks) {
    let three_times = async |user: &session::Session, path: &str| {
        let mut statuses = Vec::new();
        for _ in 0..3 {
            statuses.push(user.get(path).await.status.to_string());
        }
        statuses.join(" ")
    };
    let three = async |b: &Bench| three_times(&b.user().await, "/user").await;
    let fault = Fault::OneInstanceRefusesTokens;
    checks
        .check(fault, three, "200 200 200", "200 200 401")
        .await;

    let downloads = async |b: &Bench| {
        let user = b.user().await;
        user.upload("data/d", "f", b"x").await;
        three_times(&user, "/files/data/d/f/url").await
    };
    let fault = Fault::OneInstanceLacksARoute;
    checks
        .check(fault, downloads, "200 200 200", "200 200 404")
        .await;

    let uploads = async |b: &Bench| {
        let user = b.user().await;
        let mut statuses = Vec::new();
        for name in ["a", "b", "c"] {
            let status = user.upload("data/d", name, b"x").await.status;
            statuses.push(status.to_string());
        }
        statuses.join(" ")
    };
    let fault = Fault::OneInstanceSignsOtherwise;
    checks
        .check(fault, uploads, "204 204 204", "204 204 403")
        .await;

    let fault = Fault::OneInstanceFailsUploads;
    checks
        .check(fault, uploads, "201 201 201", "201 201 500")
        .await;

    let root = async |b: &Bench| three_times(&b.user().await, "/files/").await;
    let fault = Fault::OneInstanceFails;
    checks
        .check(fault, root, "200 200 200", "200 200 500")
        .await;

    let lists = async |b: &Bench| {
        let user = b.user().await;
        let mut listed = Vec::new();
        for name in ["a", "b", "c", "d", "e", "f"] {
            user.upload("data/d", name, b"x").await;
            let list = user.get("/files/data/d/").await.json();
            listed.push(list.as_array().unwrap().len().to_string());
        }
        listed.join(" ")
    };
    let fault = Fault::OneInstanceKeepsLists;
    checks
        .check(fault, lists, "1 2 3 4 5 6", "1 2 3 4 5 3")
        .await;

    let job = async |b: &Bench| {
        let user = b.user().await;
        user.upload_inputs().await;
        let id = user.submit(&session::job("run")).await;
        let shown = user.get(&format!("/jobs/{id}")).await;
        header(&shown, "cache-control")
    };
    checks
        .check(Fault::JobsFromACache, job, "-", "max-age=60")
        .await;

    let age = async |b: &Bench| header(&b.user().await.get("/files/").await, "last-modified");
    checks
        .check(
            Fault::ListsOfUnknownAge,
            age,
            "-",
            "Mon, 02 Nov 2026 08:00:00 GMT",
        )
        .await;
}
