//! Answers of what stands between a page and the services, and errors of what stands behind the UserAPI.

use opencloud_stack::{Family, Fault, config::FileMode};
use serde_json::json;

use crate::{
    faults::{
        bench::{Bench, Checks, FRONTEND, header},
        proxies,
    },
    support::{
        http::{Answer, Request},
        session::{Session, job},
    },
};

/// Status, sender and the origin that may read the answer.
fn seen(answer: &Answer) -> String {
    let server = header(answer, "server");
    let origin = header(answer, "access-control-allow-origin");
    format!("{} {server} {origin}", answer.status)
}

/// What a signed-in user's request from the frontend gets.
async fn asked(b: &Bench, method: &str, path: &str) -> String {
    let request = b.user().await.request(method, path);
    seen(&request.header("Origin", FRONTEND).send().await)
}

const FINE: &str = "200 - http://localhost:8080";

#[tokio::test(flavor = "multi_thread")]
async fn between() {
    let mut checks = Checks::of(Family::Between);
    for (fault, path, faulty) in [
        (Fault::GatewayDown, "/access_info", "502 nginx -"),
        (Fault::GatewayTimesOutOnFiles, "/files/", "504 awselb/2.0 -"),
        (Fault::GatewayLimitsRequests, "/jobs", "429 - -"),
        (
            Fault::StartPageForApplications,
            "/jobs/applications",
            "200 nginx -",
        ),
        (Fault::SignInPageForUser, "/user", "302 oauth2-proxy -"),
        (Fault::ListRedirectsInside, "/files/", "307 - -"),
        (Fault::ListRedirectsNowhere, "/files/", "307 - -"),
    ] {
        let look = async |b: &Bench| asked(b, "GET", path).await;
        checks.check(fault, look, FINE, faulty).await;
    }
    let preflight = async |b: &Bench| seen(&b.preflight_jobs("GET").await);
    let refuses = Fault::GatewayRefusesPreflights;
    checks.check(refuses, preflight, FINE, "403 - -").await;
    let sign_in = async |b: &Bench| seen(&b.cognito("InitiateAuth", &json!({})).await);
    let firewall = Fault::FirewallBeforeCognito;
    checks.check(firewall, sign_in, "400 - *", "403 - -").await;
    let no_route = Fault::NoRouteToCognito;
    checks.check(no_route, sign_in, "400 - *", "404 - -").await;
    large_uploads(&mut checks).await;
    transfers(&mut checks).await;
    let three = async |b: &Bench| {
        let mut origins = Vec::new();
        for _ in 0..3 {
            let answer = b.get("/access_info").await;
            origins.push(header(&answer, "access-control-allow-origin"));
        }
        origins.join(" ")
    };
    let each = [FRONTEND; 3].join(" ");
    let third = format!("{FRONTEND} {FRONTEND} -");
    let instance = Fault::OneInstanceWithoutCors;
    checks.check(instance, three, &each, &third).await;
    let cached = async |b: &Bench| {
        let user = b.user().await;
        let (files, jobs) = (user.get("/files/").await, user.get("/jobs").await);
        [files, jobs]
            .map(|list| header(&list, "cache-control"))
            .join(" ")
    };
    let (sound, faulty) = ("- -", "max-age=60 max-age=60");
    checks
        .check(Fault::ListsFromACache, cached, sound, faulty)
        .await;
    let listed = async |b: &Bench| {
        let user = b.user().await;
        let mut listed = Vec::new();
        for file in ["a", "b"] {
            user.upload("data/d", file, b"x").await;
            let list = user.get("/files/data/d/").await.json();
            listed.push(list.as_array().unwrap().len().to_string());
        }
        listed.join(" ")
    };
    checks
        .check(Fault::ListsFromASharedCache, listed, "1 2", "1 1")
        .await;
    let taken = async |b: &Bench| {
        let user = b.user().await;
        user.upload_inputs().await;
        user.submit(&job("taken")).await;
        let again = user
            .request("POST", "/jobs")
            .header("Origin", FRONTEND)
            .header("Content-Type", "application/json")
            .body(job("taken").to_string());
        seen(&again.send().await)
    };
    let (sound, faulty) = ("409 - http://localhost:8080", "409 nginx -");
    checks
        .check(Fault::ErrorPagesOfAProxy, taken, sound, faulty)
        .await;
    cached_for_all(&mut checks).await;
    proxies::answers(&mut checks).await;
    proxies::preflights(&mut checks).await;
    proxies::instances(&mut checks).await;
    checks.complete();
}

/// What the second user is answered, after the first has asked for the same.
async fn cached_for_all(checks: &mut Checks) {
    let users = async |b: &Bench| (b.user().await, Session::second(&b.stack).await);
    let user = async |b: &Bench| {
        let (first, second) = users(b).await;
        let emails = [first.get("/user").await, second.get("/user").await];
        let [first, second] = emails.map(|answer| answer.json()["email"].clone());
        (first == second).to_string()
    };
    checks
        .check(Fault::UserCachedForAll, user, "false", "true")
        .await;
    let at_once = async |b: &Bench| {
        let (first, second) = users(b).await;
        let (first, second) = tokio::join!(first.get("/user"), second.get("/user"));
        (first.json()["email"] == second.json()["email"]).to_string()
    };
    checks
        .check(Fault::UserSharedAtOnce, at_once, "false", "true")
        .await;
    let shown = async |b: &Bench| {
        let (first, second) = users(b).await;
        first.upload_inputs().await;
        let path = format!("/jobs/{}", first.submit(&job("cached")).await);
        let statuses = [first.get(&path).await, second.get(&path).await];
        format!("{:?}", statuses.map(|answer| answer.status))
    };
    let (sound, faulty) = ("[200, 404]", "[200, 200]");
    checks
        .check(Fault::JobsCachedForAll, shown, sound, faulty)
        .await;
    let linked = async |b: &Bench| {
        let (first, second) = users(b).await;
        first.upload("data/d", "a", b"x").await;
        let path = "/files/data/d/a/url";
        let statuses = [first.get(path).await, second.get(path).await];
        format!("{:?}", statuses.map(|answer| answer.status))
    };
    checks
        .check(Fault::LinksCachedForAll, linked, sound, faulty)
        .await;
}

async fn large_uploads(checks: &mut Checks) {
    let upload = async |b: &Bench| {
        let mut statuses = Vec::new();
        for length in [1_000_000, 1_000_001] {
            let user = b.user().await;
            let request = user.request("POST", "/files/data/d/upload");
            let answer = request.body("x".repeat(length)).send().await;
            statuses.push(answer.status.to_string());
        }
        statuses.join(" ")
    };
    let fault = Fault::GatewayLimitsBodies;
    checks.check(fault, upload, "422 422", "422 413").await;
}

async fn transfers(checks: &mut Checks) {
    let linked = async |b: &Bench, method: &str, path: &str| {
        let user = b.user().await;
        user.upload("data/d", "f", b"contents").await;
        let spec = user.request(method, path).send().await.json();
        let request = Request::new(method, spec["url"].as_str().unwrap());
        request.header("Origin", FRONTEND).send().await
    };
    let download = async |b: &Bench| seen(&linked(b, "GET", "/files/data/d/f/url").await);
    let fine = "200 AmazonS3 http://localhost:8080";
    for (fault, faulty) in [
        (Fault::S3RedirectsDownloads, "301 AmazonS3 -"),
        (Fault::S3SlowsDown, "503 AmazonS3 -"),
        (Fault::SomethingElseAtS3, "404 - -"),
    ] {
        checks.check(fault, download, fine, faulty).await;
    }
    let redirected = async |b: &Bench| {
        assert_eq!(b.mode, FileMode::S3);
        let answer = linked(b, "POST", "/files/data/d/url").await;
        format!("{} {}", answer.status, header(&answer, "location"))
    };
    let (sound, faulty) = ("411 -", "307 https://bucket.s3.eu-west-1.amazonaws.com/");
    let uploads = Fault::S3RedirectsUploads;
    checks.check(uploads, redirected, sound, faulty).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn behind() {
    let mut checks = Checks::of(Family::Behind);
    for (fault, path) in [
        (Fault::StorageAway, "/files/"),
        (Fault::DatabaseAway, "/jobs"),
    ] {
        let look = async |b: &Bench| asked(b, "GET", path).await;
        checks.check(fault, look, FINE, "500 - -").await;
    }
    let create = async |b: &Bench| {
        let user = b.user().await;
        user.upload_inputs().await;
        let request = user.request("POST", "/jobs").header("Origin", FRONTEND);
        let answer = request.body(job("run").to_string()).send().await;
        let stored = user.get("/jobs").await.json();
        let vary = header(&answer, "vary");
        let count = stored.as_array().map_or(0, Vec::len);
        format!("{}, vary: {vary}, jobs: {count}", seen(&answer))
    };
    let sound = "201 - http://localhost:8080, vary: Origin, jobs: 1";
    let away = Fault::WorkerApiAway;
    let faulty = "500 - -, vary: -, jobs: 0";
    checks.check(away, create, sound, faulty).await;
    let key = Fault::WorkerApiRefusesTheKey;
    let faulty = "401 - http://localhost:8080, vary: Origin, jobs: 0";
    checks.check(key, create, sound, faulty).await;
    let revoke = async |b: &Bench| seen(&b.cognito("RevokeToken", &json!({})).await);
    let fails = Fault::RevokeFails;
    checks.check(fails, revoke, "400 - *", "500 - -").await;
    let allowed = async |b: &Bench| {
        let mut allowed = Vec::new();
        for method in ["PUT", "POST"] {
            let answer = b.preflight_jobs(method).await;
            allowed.push(header(&answer, "access-control-allow-headers"));
        }
        allowed.join(" | ")
    };
    let (sound, faulty) = (
        "authorization,content-type | authorization,content-type",
        "authorization | authorization,content-type",
    );
    let put = Fault::PreflightForPutLacksContentType;
    checks.check(put, allowed, sound, faulty).await;
    checks.complete();
}
