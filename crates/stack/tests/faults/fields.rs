//! Answers in which something is missing, null or of another type.

use opencloud_stack::Fault;
use serde_json::{Value, json};

use crate::{
    faults::bench::{Bench, Checks},
    support::session::job,
};

/// The type of the value at a place of an answer, or `-` if it is missing.
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
        "shown job" => {
            user.upload_inputs().await;
            let id = user.submit(&job("run")).await;
            user.job(id).await
        }
        "jobs" => {
            user.upload_inputs().await;
            user.submit(&job("run")).await;
            user.get("/jobs").await.json()
        }
        "applications" => user.get("/jobs/applications").await.json(),
        other => panic!("{other}"),
    }
}

/// Fault, answer, place in it, and the kind of value there: in a sound answer, in the faulty one.
#[rustfmt::skip]
const FIELDS: &[(Fault, &str, &str, &str, &str)] = &[
    (Fault::AccessInfoLacksClient, "access info", "/cognito/client_id", "text", "-"),
    (Fault::AccessInfoNullRegion, "access info", "/cognito/region", "text", "null"),
    (Fault::AccessInfoPoolIsNumber, "access info", "/cognito/user_pool_id", "text", "number"),
    (Fault::UserNullEmail, "user", "/email", "text", "null"),
    (Fault::UserLacksGroups, "user", "/groups", "list", "-"),
    (Fault::UserGroupsIsText, "user", "/groups", "list", "text"),
    (Fault::SignInLacksIdToken, "sign-in", "/AuthenticationResult/IdToken", "text", "-"),
    (Fault::SignInNullAccessToken, "sign-in", "/AuthenticationResult/AccessToken", "text", "null"),
    (Fault::SignInLacksRefreshToken, "sign-in", "/AuthenticationResult/RefreshToken", "text", "-"),
    (Fault::SignInExpiresInIsText, "sign-in", "/AuthenticationResult/ExpiresIn", "number", "text"),
    (Fault::GetUserLacksUsername, "get-user", "/Username", "text", "-"),
    (Fault::GetUserNullUsername, "get-user", "/Username", "text", "null"),
    (Fault::GetUserAttributesIsObject, "get-user", "/UserAttributes", "list", "object"),
    (Fault::CognitoRefusalLacksType, "cognito refusal", "/__type", "text", "-"),
    (Fault::CognitoRefusalNullType, "cognito refusal", "/__type", "text", "null"),
    (Fault::CognitoRefusalTypeIsNumber, "cognito refusal", "/__type", "text", "number"),
    (Fault::ListLacksPath, "list", "/0/path", "text", "-"),
    (Fault::ListNullSize, "list", "/0/size", "text", "null"),
    (Fault::ListSizeIsNumber, "list", "/0/size", "text", "number"),
    (Fault::RenameAnswerLacksPath, "rename", "/path", "text", "-"),
    (Fault::RenameAnswerNullPath, "rename", "/path", "text", "null"),
    (Fault::RenameAnswerPathIsList, "rename", "/path", "text", "list"),
    (Fault::UploadUrlLacksUrl, "upload url", "/url", "text", "-"),
    (Fault::UploadUrlNullHeaders, "upload url", "/headers", "object", "null"),
    (Fault::UploadUrlDataIsList, "upload url", "/data", "object", "list"),
    (Fault::UploadUrlLacksSignature, "upload url", "/data/x-amz-signature", "text", "-"),
    (Fault::UploadUrlLacksAuthorization, "upload url", "/headers/authorization", "text", "-"),
    (Fault::DownloadUrlNullUrl, "download url", "/url", "text", "null"),
    (Fault::DownloadUrlIllegalHeader, "download url", "/headers/x-amz-meta-name", "-", "text"),
    (Fault::DownloadUrlLacksData, "download url", "/data", "object", "-"),
    (Fault::DownloadUrlHeadersIsText, "download url", "/headers", "object", "text"),
    (Fault::RefusalLacksDetail, "refusal", "/detail", "text", "-"),
    (Fault::RefusalDetailIsObject, "refusal", "/detail", "text", "object"),
    (Fault::InvalidFieldsLackPlace, "invalid", "/detail/0/loc", "list", "-"),
    (Fault::JobLacksId, "job", "/id", "number", "-"),
    (Fault::JobIdIsText, "job", "/id", "number", "text"),
    (Fault::JobLacksUserEmail, "job", "/user_email", "text", "-"),
    (Fault::JobLacksName, "job", "/job_name", "text", "-"),
    (Fault::JobNullStatus, "job", "/status", "text", "null"),
    (Fault::JobLacksDateCreated, "job", "/date_created", "text", "-"),
    (Fault::JobDateStartedIsNumber, "job", "/date_started", "null", "number"),
    (Fault::JobLacksPathsOut, "job", "/paths_out", "object", "-"),
    (Fault::JobPathsOutNullArtifact, "job", "/paths_out/artifact", "text", "null"),
    (Fault::JobDetailsIsList, "job", "/runtime_details", "null", "list"),
    (Fault::ShownJobLacksStatus, "shown job", "/status", "text", "-"),
    (Fault::ShownJobNullName, "shown job", "/job_name", "text", "null"),
    (Fault::ShownJobDateIsNumber, "shown job", "/date_created", "text", "number"),
    (Fault::ListedJobLacksId, "jobs", "/0/id", "number", "-"),
    (Fault::ListedJobNullStatus, "jobs", "/0/status", "text", "null"),
    (Fault::ListedJobNameIsNumber, "jobs", "/0/job_name", "text", "number"),
    (Fault::JobListIsObject, "jobs", "", "list", "object"),
    (Fault::ApplicationsNullEnv, "applications", "/decode/v0_10_1/train/app/env", "list", "null"),
    (Fault::ApplicationsInputIsNumber, "applications", "/decode/v0_10_1/train/handler/files_down/config_id", "text", "number"),
    (Fault::ApplicationsLackInputs, "applications", "/decode/v0_10_1/train/handler/files_down", "object", "-"),
];

pub(crate) async fn fields(checks: &mut Checks) {
    for &(fault, name, place, sound, faulty) in FIELDS {
        let look = async |b: &Bench| kind(&answer(b, name).await, place);
        checks.check(fault, look, sound, faulty).await;
    }
    let types = async |b: &Bench| {
        let entries = answer(b, "list").await;
        let known = ["file", "directory"].contains(&entries[0]["type"].as_str().unwrap());
        known.to_string()
    };
    checks
        .check(Fault::ListUnknownType, types, "true", "false")
        .await;
}
