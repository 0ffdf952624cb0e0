//! Answers that do not arrive, or not in the form that was agreed on.

use std::time::Duration;

use opencloud_stack::{Family, Fault};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::{
    faults::{
        bench::{Bench, Checks, FRONTEND, header},
        fields,
    },
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
    fields::fields(&mut checks).await;
    checks.complete();
}

async fn statuses(checks: &mut Checks) {
    let patched = async |b: &Bench| b.plain("PATCH", "/jobs").send().await.status.to_string();
    checks
        .check(Fault::UnknownMethodAnswers404, patched, "405", "404")
        .await;
    let nowhere = async |b: &Bench| b.get("/nope").await.json()["detail"].to_string();
    checks
        .check(
            Fault::UnknownAddressInOtherWords,
            nowhere,
            "\"Not Found\"",
            "\"no Route matched with those values\"",
        )
        .await;
    let deleted = async |b: &Bench| {
        let answer = b
            .user()
            .await
            .request("DELETE", "/files/data/none")
            .send()
            .await;
        format!("{} {}", answer.status, header(&answer, "content-type"))
    };
    let (sound, faulty) = ("204 application/json", "200 text/html");
    checks
        .check(Fault::DeleteFileAnswersAPage, deleted, sound, faulty)
        .await;
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
            let origin = header(&answer, "access-control-allow-origin");
            let varies = answer.header("vary").is_some();
            format!("{} {origin} {varies}", answer.status)
        };
        let faulty = if fault.name().ends_with("500") {
            "500 - false".to_owned()
        } else {
            format!("503 {FRONTEND} true")
        };
        let sound = format!("{sound} {FRONTEND} true");
        checks.check(fault, look, &sound, &faulty).await;
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
