//! Answers that do not arrive, or not in the form that was agreed on.

use std::time::Duration;

use opencloud_stack::{Family, Fault, config::FileMode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::{
    bench::{Bench, Checks, FRONTEND, header},
    support::{http::Request, session::job},
};

/// A call, made ready.
async fn call(b: &Bench, fault: Fault) -> Request {
    let user = b.user().await;
    let with_file = async || {
        user.upload("data/d", "f", b"contents").await;
    };
    let request = match fault {
        Fault::UserAnswers500 => user.request("GET", "/user"),
        Fault::ListAnswers500 | Fault::BrokenJson => user.request("GET", "/files/"),
        Fault::RenameAnswers500 => {
            with_file().await;
            user.request("PUT", "/files/data/d/f")
                .body(json!({"path": "data/d/g"}).to_string())
        }
        Fault::DeleteFileAnswers500 => user.request("DELETE", "/files/data/d/f"),
        Fault::CreateJobAnswers500 => {
            user.upload_inputs().await;
            user.request("POST", "/jobs").body(job("run").to_string())
        }
        Fault::ShowJobAnswers500 | Fault::DeleteJobAnswers503 => {
            user.upload_inputs().await;
            user.submit(&job("run")).await;
            let method = if fault == Fault::ShowJobAnswers500 {
                "GET"
            } else {
                "DELETE"
            };
            user.request(method, "/jobs/1")
        }
        Fault::AccessInfoAnswers503 => b.plain("GET", "/access_info"),
        Fault::NewFolderAnswers503 => user.request("POST", "/files/data/d/"),
        Fault::UploadUrlAnswers503 => user.request("POST", "/files/data/d/url"),
        Fault::DownloadUrlAnswers503 => {
            with_file().await;
            user.request("GET", "/files/data/d/f/url")
        }
        Fault::DownloadAnswers503 => {
            with_file().await;
            let spec = user.get("/files/data/d/f/url").await.json();
            let mut request = Request::new("GET", spec["url"].as_str().unwrap());
            for (name, value) in spec["headers"].as_object().unwrap() {
                request = request.header(name, value.as_str().unwrap());
            }
            request
        }
        Fault::ListJobsAnswers503 | Fault::HtmlInsteadOfJson | Fault::ConnectionDropped => {
            user.request("GET", "/jobs")
        }
        _ => user.request("GET", "/jobs/applications"),
    };
    if fault == Fault::AccessInfoAnswers503 {
        return request;
    }
    request.header("Origin", FRONTEND)
}

#[tokio::test(flavor = "multi_thread")]
async fn transport() {
    let mut checks = Checks::of(Family::Transport);
    statuses(&mut checks).await;
    connections(&mut checks).await;
    fields(&mut checks).await;
    checks.complete();
}

async fn statuses(checks: &mut Checks) {
    for (fault, sound) in [
        (Fault::UserAnswers500, "200"),
        (Fault::ListAnswers500, "200"),
        (Fault::RenameAnswers500, "200"),
        (Fault::DeleteFileAnswers500, "204"),
        (Fault::CreateJobAnswers500, "201"),
        (Fault::ShowJobAnswers500, "200"),
        (Fault::AccessInfoAnswers503, "200"),
        (Fault::NewFolderAnswers503, "201"),
        (Fault::UploadUrlAnswers503, "201"),
        (Fault::DownloadUrlAnswers503, "200"),
        (Fault::DownloadAnswers503, "200"),
        (Fault::ApplicationsAnswer503, "200"),
        (Fault::ListJobsAnswers503, "200"),
        (Fault::DeleteJobAnswers503, "204"),
    ] {
        let look = async |b: &Bench| {
            let answer = call(b, fault).await.send().await;
            // A 500 is answered outside of the layer that adds the headers, a 503 inside.
            format!(
                "{} {}",
                answer.status,
                header(&answer, "access-control-allow-origin")
            )
        };
        let faulty = if fault.name().ends_with("500") {
            "500 -".to_owned()
        } else {
            format!("503 {FRONTEND}")
        };
        checks
            .check(fault, look, &format!("{sound} {FRONTEND}"), &faulty)
            .await;
    }
    let up = async |b: &Bench| {
        let user = b.user().await;
        let status = user.upload("data/d", "f", b"contents").await.status;
        (status / 100).to_string()
    };
    checks.check(Fault::UploadAnswers503, up, "2", "5").await;
    for (fault, operation) in [
        (Fault::SignInAnswers503, "InitiateAuth"),
        (Fault::GetUserAnswers503, "GetUser"),
    ] {
        let look = async |b: &Bench| b.cognito(operation, &json!({})).await.status.to_string();
        checks.check(fault, look, "400", "503").await;
    }
}

async fn connections(checks: &mut Checks) {
    let body = async |b: &Bench, fault| {
        let answer = call(b, fault).await.send().await;
        let told = header(&answer, "content-length")
            .parse()
            .unwrap_or(answer.body.len());
        let kind = match serde_json::from_slice::<Value>(&answer.body) {
            Ok(_) => "JSON",
            Err(_) if answer.body.is_empty() => "nothing",
            Err(_) if answer.body.starts_with(b"<!DOCTYPE html>") => "a page",
            Err(_) => "a part",
        };
        format!("{} {kind} {}", answer.status, told == answer.body.len())
    };
    for (fault, faulty) in [
        (Fault::HtmlInsteadOfJson, "200 a page true"),
        (Fault::EmptyAnswer, "200 nothing true"),
        (Fault::BrokenJson, "200 a part true"),
        (Fault::ConnectionCutMidBody, "200 a part false"),
    ] {
        checks
            .check(
                fault,
                async |b| body(b, fault).await,
                "200 JSON true",
                faulty,
            )
            .await;
    }
    for (fault, faulty) in [
        (Fault::ConnectionDropped, "closed"),
        (Fault::NeverAnswers, "silence"),
    ] {
        let look = async |b: &Bench| {
            let request = call(b, fault).await;
            let mut stream = request.connect().await;
            stream.write_all(request.head().as_bytes()).await.unwrap();
            let mut first = [0; 8];
            let read = stream.read(&mut first);
            match tokio::time::timeout(Duration::from_millis(500), read).await {
                Err(_) => "silence",
                Ok(Ok(0) | Err(_)) => "closed",
                Ok(Ok(_)) => "an answer",
            }
            .to_owned()
        };
        checks.check(fault, look, "an answer", faulty).await;
    }
}

/// What is at a place of an answer: its type, or `-` if nothing is there.
fn kind(answer: &Value, place: &str) -> String {
    match answer.pointer(place) {
        None => "-",
        Some(Value::Null) => "null",
        Some(Value::Bool(_)) => "bool",
        Some(Value::Number(_)) => "number",
        Some(Value::String(_)) => "text",
        Some(Value::Array(_)) => "list",
        Some(Value::Object(_)) => "object",
    }
    .to_owned()
}

async fn sign_in(b: &Bench) -> Value {
    let account = &b.stack.accounts()[0];
    let body = json!({
        "AuthFlow": "USER_PASSWORD_AUTH",
        "ClientId": b.stack.ids().client,
        "AuthParameters": {"USERNAME": account.email, "PASSWORD": account.password},
    });
    b.cognito("InitiateAuth", &body).await.json()
}

/// The answer to a call of this name.
async fn answer(b: &Bench, name: &str) -> Value {
    if name == "sign-in" {
        return sign_in(b).await;
    }
    if name == "get-user" {
        let token = &sign_in(b).await["AuthenticationResult"]["AccessToken"];
        return b
            .cognito("GetUser", &json!({"AccessToken": token}))
            .await
            .json();
    }
    let user = b.user().await;
    if ["list", "rename", "download url"].contains(&name) {
        user.upload("data/d", "f", b"contents").await;
    }
    match name {
        "access info" => b.get("/access_info").await.json(),
        "user" => user.get("/user").await.json(),
        "cognito refusal" => b
            .cognito("GetUser", &json!({"AccessToken": "none"}))
            .await
            .json(),
        "list" => user.get("/files/data/d/").await.json(),
        "rename" => user
            .json("PUT", "/files/data/d/f", &json!({"path": "data/d/g"}))
            .await
            .json(),
        "upload url" => user
            .request("POST", "/files/data/d/url")
            .send()
            .await
            .json(),
        "download url" => user.get("/files/data/d/f/url").await.json(),
        "refusal" => b.get("/nope").await.json(),
        "invalid" => user.get("/jobs?offset=x").await.json(),
        "job" => {
            user.upload_inputs().await;
            user.json("POST", "/jobs", &job("run")).await.json()
        }
        "jobs" => user.get("/jobs").await.json(),
        "applications" => user.get("/jobs/applications").await.json(),
        other => panic!("{other}"),
    }
}

async fn fields(checks: &mut Checks) {
    for (fault, name, place, sound, faulty) in [
        (
            Fault::AccessInfoLacksClient,
            "access info",
            "/cognito/client_id",
            "text",
            "-",
        ),
        (
            Fault::AccessInfoNullRegion,
            "access info",
            "/cognito/region",
            "text",
            "null",
        ),
        (
            Fault::AccessInfoPoolIsNumber,
            "access info",
            "/cognito/user_pool_id",
            "text",
            "number",
        ),
        (Fault::UserNullEmail, "user", "/email", "text", "null"),
        (Fault::UserLacksGroups, "user", "/groups", "list", "-"),
        (Fault::UserGroupsIsText, "user", "/groups", "list", "text"),
        (
            Fault::SignInLacksIdToken,
            "sign-in",
            "/AuthenticationResult/IdToken",
            "text",
            "-",
        ),
        (
            Fault::SignInNullAccessToken,
            "sign-in",
            "/AuthenticationResult/AccessToken",
            "text",
            "null",
        ),
        (
            Fault::SignInLacksRefreshToken,
            "sign-in",
            "/AuthenticationResult/RefreshToken",
            "text",
            "-",
        ),
        (
            Fault::SignInExpiresInIsText,
            "sign-in",
            "/AuthenticationResult/ExpiresIn",
            "number",
            "text",
        ),
        (
            Fault::GetUserLacksUsername,
            "get-user",
            "/Username",
            "text",
            "-",
        ),
        (
            Fault::GetUserAttributesIsObject,
            "get-user",
            "/UserAttributes",
            "list",
            "object",
        ),
        (
            Fault::CognitoRefusalLacksType,
            "cognito refusal",
            "/__type",
            "text",
            "-",
        ),
        (Fault::ListLacksPath, "list", "/0/path", "text", "-"),
        (Fault::ListNullSize, "list", "/0/size", "text", "null"),
        (Fault::ListSizeIsNumber, "list", "/0/size", "text", "number"),
        (Fault::RenameAnswerLacksPath, "rename", "/path", "text", "-"),
        (Fault::UploadUrlLacksUrl, "upload url", "/url", "text", "-"),
        (
            Fault::UploadUrlNullHeaders,
            "upload url",
            "/headers",
            "object",
            "null",
        ),
        (
            Fault::UploadUrlDataIsList,
            "upload url",
            "/data",
            "object",
            "list",
        ),
        (
            Fault::UploadUrlLacksSignature,
            "upload url",
            "/data/x-amz-signature",
            "text",
            "-",
        ),
        (
            Fault::UploadUrlLacksAuthorization,
            "upload url",
            "/headers/authorization",
            "text",
            "-",
        ),
        (
            Fault::DownloadUrlNullUrl,
            "download url",
            "/url",
            "text",
            "null",
        ),
        (
            Fault::DownloadUrlLacksData,
            "download url",
            "/data",
            "object",
            "-",
        ),
        (Fault::RefusalLacksDetail, "refusal", "/detail", "text", "-"),
        (
            Fault::RefusalDetailIsObject,
            "refusal",
            "/detail",
            "text",
            "object",
        ),
        (
            Fault::InvalidFieldsLackPlace,
            "invalid",
            "/detail/0/loc",
            "list",
            "-",
        ),
        (Fault::JobLacksId, "job", "/id", "number", "-"),
        (Fault::JobIdIsText, "job", "/id", "number", "text"),
        (Fault::JobLacksName, "job", "/job_name", "text", "-"),
        (Fault::JobNullStatus, "job", "/status", "text", "null"),
        (
            Fault::JobLacksDateCreated,
            "job",
            "/date_created",
            "text",
            "-",
        ),
        (
            Fault::JobDateStartedIsNumber,
            "job",
            "/date_started",
            "null",
            "number",
        ),
        (Fault::JobLacksPathsOut, "job", "/paths_out", "object", "-"),
        (
            Fault::JobPathsOutNullArtifact,
            "job",
            "/paths_out/artifact",
            "text",
            "null",
        ),
        (
            Fault::JobDetailsIsList,
            "job",
            "/runtime_details",
            "null",
            "list",
        ),
        (Fault::JobListIsObject, "jobs", "", "list", "object"),
        (
            Fault::ApplicationsNullEnv,
            "applications",
            "/decode/v0_10_1/train/app/env",
            "list",
            "null",
        ),
    ] {
        // Where the token itself is bent, nobody can sign in to look.
        let look = async |b: &Bench| kind(&answer(b, name).await, place);
        checks.check(fault, look, sound, faulty).await;
    }
    let types = async |b: &Bench| {
        let entries = answer(b, "list").await;
        let known = ["file", "directory"].contains(&entries[0]["type"].as_str().unwrap());
        assert!(matches!(b.mode, FileMode::S3 | FileMode::Local));
        known.to_string()
    };
    checks
        .check(Fault::ListUnknownType, types, "true", "false")
        .await;
}
