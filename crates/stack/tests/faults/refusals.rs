//! Refusals that a page cannot read, or whose words are others than those agreed on.

use opencloud_stack::Fault;
use serde_json::json;

use crate::{
    faults::bench::{Bench, Checks, FRONTEND, header},
    support::{
        http::Answer,
        session::{Session, job},
    },
};

/// The account that is in `workers` alone.
pub(crate) async fn outsider(b: &Bench) -> Session {
    let accounts = b.stack.accounts();
    let account = accounts.iter().find(|a| a.groups == ["workers"]).unwrap();
    let (urls, client) = (b.stack.urls(), &b.stack.ids().client);
    let (email, password) = (&account.email, &account.password);
    Session::sign_in(&urls.user_api, &urls.cognito, client, email, password).await
}

/// Which statuses a page can read.
pub(crate) async fn without_headers(checks: &mut Checks) {
    let refusals = async |b: &Bench| {
        let user = b.user().await;
        user.upload_inputs().await;
        user.submit(&job("run")).await;
        let again = user
            .request("POST", "/jobs")
            .header("Content-Type", "application/json")
            .body(job("run").to_string());
        let requests = [
            outsider(b).await.request("GET", "/user"),
            b.plain("GET", "/nope"),
            b.plain("PATCH", "/access_info"),
            again,
        ];
        let mut seen = Vec::new();
        for request in requests {
            let answer = request.header("Origin", FRONTEND).send().await;
            let origin = header(&answer, "access-control-allow-origin");
            seen.push(format!("{} {}", answer.status, origin != "-"));
        }
        seen.join(", ")
    };
    let sound = "403 true, 404 true, 405 true, 409 true";
    for (fault, status) in [
        (Fault::CorsNoHeadersOn403, "403"),
        (Fault::CorsNoHeadersOn404, "404"),
        (Fault::CorsNoHeadersOn405, "405"),
        (Fault::CorsNoHeadersOn409, "409"),
    ] {
        let faulty = sound.replace(&format!("{status} true"), &format!("{status} false"));
        checks.check(fault, refusals, sound, &faulty).await;
    }
}

fn told(answer: &Answer) -> String {
    let detail = answer.json()["detail"].clone();
    format!("{} {}", answer.status, detail.as_str().unwrap_or_default())
}

/// Why a sign-in does not count.
pub(crate) async fn of_sign_in(checks: &mut Checks) {
    let expired = async |b: &Bench| {
        let settings = b.stack.env_file().await;
        let token = settings.iter().find(|(key, _)| key == "EXPIRED_TOKEN");
        let header = format!("Bearer {}", token.unwrap().1);
        let request = b.plain("GET", "/user").header("Authorization", &header);
        told(&request.send().await)
    };
    checks
        .check(
            Fault::NotVerifiedInOtherWords,
            expired,
            "401 Not verified",
            "401 Unauthorized",
        )
        .await;
    let applications = async |b: &Bench| {
        let user = b.get("/user").await.status;
        format!("{user} {}", b.get("/jobs/applications").await.status)
    };
    checks
        .check(
            Fault::ApplicationsOpenToAll,
            applications,
            "401 401",
            "401 200",
        )
        .await;
    let made_up = async |b: &Bench| {
        let token = json!({ "AccessToken": "nonsense" });
        b.cognito("GetUser", &token).await.status.to_string()
    };
    checks
        .check(Fault::GetUserTakesAnyToken, made_up, "400", "200")
        .await;
}

/// Refusals of jobs that are missing, and of addresses that no job has.
pub(crate) async fn of_jobs(checks: &mut Checks) {
    let missing = async |b: &Bench| {
        let user = b.user().await;
        let shown = told(&user.get("/jobs/999").await);
        let deleted = user.delete("/jobs/0").await.status;
        let nonsense = user.get("/jobs/abc").await.status;
        format!("{shown}, {deleted}, {nonsense}")
    };
    for (fault, faulty) in [
        (Fault::JobMissingInOtherWords, "404 Not Found, 404, 422"),
        (
            Fault::JobDeleteMissingAnswers204,
            "404 Job not found, 204, 422",
        ),
        (Fault::JobIdNotChecked, "404 Job not found, 404, 404"),
    ] {
        checks
            .check(fault, missing, "404 Job not found, 404, 422", faulty)
            .await;
    }
    let unknown = async |b: &Bench| {
        let user = b.user().await;
        user.upload_inputs().await;
        let mut job = job("run");
        job["application"]["application"] = json!("nope");
        user.json("POST", "/jobs", &job).await.status.to_string()
    };
    checks
        .check(Fault::JobApplicationNotChecked, unknown, "422", "201")
        .await;
}
