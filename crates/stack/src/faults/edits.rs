//! The changes that single faults and disturbances make to answers.

use std::io::Write as _;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Value, json};

use super::{
    change::Change::{self, Replace},
    exchange::{Exchange, When},
    json::{shifted, with_dates},
};
use crate::{
    endpoint::{
        Endpoint::{CreateJob, Download, DownloadUrl, ListJobs, ShowJob, UploadUrl},
        Service::{S3, UserApi},
    },
    jobs::JobStatus,
};

/// The place of the name of the training's first input.
pub(super) const CONFIG_INPUT: &str = "/decode/v0_10_1/train/handler/files_down/config_id";

pub(super) const OTHER_CLIENT: &str = "0123456789abcdefghijklmnop";

/// How far a clock is off that is fast or slow.
pub(crate) const CLOCK_OFF: SignedDuration = SignedDuration::from_mins(5);

pub(super) const ANOTHER_EMAIL: &str = "somebody-else@opencloud.test";

/// An answer that holds a single job.
pub(super) const A_JOB: When = When::If(|x| x.is_done(CreateJob) || x.is_done(ShowJob));
/// An answer that holds one job or several.
pub(super) const JOBS: When =
    When::If(|x| x.is_done(CreateJob) || x.is_done(ShowJob) || x.is_done(ListJobs));
/// An answer that holds the link for an upload or a download.
pub(super) const LINKS: When = When::If(|x| x.is_done(UploadUrl) || x.is_done(DownloadUrl));
/// An answer that should be JSON.
pub(super) const JSON: When = When::If(is_json);

pub(super) fn is_json(x: &Exchange) -> bool {
    !(x.is_preflight || x.is_from(S3) || x.is(Download))
}

/// The answer of a server of static pages to any address.
pub(super) const PAGE: Change = Replace(
    200,
    "text/html",
    "<!DOCTYPE html><html><head><title>DECODE OpenCloud</title></head><body></body></html>",
);

/// What some that stand for S3 answer where they have failed.
pub(super) const STORAGE_ERROR: Change = Replace(
    200,
    "application/xml",
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>InternalError</Code>\
     <Message>We encountered an internal error. Please try again.</Message></Error>",
);

/// AWS's answer to a client that may not list the bucket, instead of 404.
pub(super) const FORBIDDEN: Change = Replace(
    403,
    "application/xml",
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>AccessDenied</Code>\
     <Message>Access Denied</Message></Error>",
);

/// An answer to a deletion that has a body.
pub(super) const DELETED: Change = Replace(200, "application/json", r#"{"deleted":true}"#);

/// An error document that comes with the status of success.
pub(super) const ERROR_DOCUMENT: Change = Replace(
    200,
    "application/xml",
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>SlowDown</Code>\
     <Message>Please reduce your request rate.</Message></Error>",
);

/// The UserAPI's answer to a token that it does not accept.
pub(super) const NOT_VERIFIED: Change =
    Replace(401, "application/json", r#"{"detail":"Not verified"}"#);

/// Cognito's answer to a client that sends too many requests.
pub(super) const THROTTLED: Change = Replace(
    400,
    "application/x-amz-json-1.1",
    r#"{"__type":"TooManyRequestsException","message":"Rate exceeded"}"#,
);

/// Cognito's answer to a client that has a secret and does not prove it.
pub(super) const CLIENT_WITH_SECRET: Change = Replace(
    400,
    "application/x-amz-json-1.1",
    r#"{"__type":"NotAuthorizedException","message":"Client is configured with secret but SECRET_HASH was not received"}"#,
);

/// Cognito's answer to a client that does not sign in by passwords.
pub(super) const CLIENT_WITHOUT_PASSWORDS: Change = Replace(
    400,
    "application/x-amz-json-1.1",
    r#"{"__type":"InvalidParameterException","message":"USER_PASSWORD_AUTH flow not enabled for this client"}"#,
);

/// Another pool of the same region.
pub(super) fn other_pool(pool: &Value) -> Value {
    let pool = pool.as_str().unwrap_or_default();
    let region = pool.split('_').next().unwrap_or_default();
    json!(format!("{region}_AnotherPool"))
}

/// Cognito's answer for a user that does not exist.
pub(super) const ANY_USER: Change = Replace(
    200,
    "application/x-amz-json-1.1",
    r#"{"Username":"somebody","UserAttributes":[]}"#,
);

/// The UserAPI's answer for a job that does not exist.
pub(super) const NOT_FOUND: Change = Replace(404, "application/json", r#"{"detail":"Not Found"}"#);
pub(super) const NO_ARTIFACT_FOLDER: Change = Replace(
    422,
    "application/json",
    r#"{"detail":[{"type":"enum","loc":["path","f_type"],"msg":"Input should be 'config' or 'data'","input":"artifact"}]}"#,
);
pub(super) const NO_RENAME: Change = Replace(
    405,
    "application/json",
    r#"{"detail":"Cannot rename results"}"#,
);
pub(super) const NO_JOB: Change = Replace(404, "application/json", r#"{"detail":"Job not found"}"#);

pub(super) fn is_unknown_address(x: &Exchange) -> bool {
    x.is_answer(UserApi) && x.endpoint.is_none()
}

pub(super) fn with_charset(content_type: &str) -> String {
    content_type.replace("/json", "/json; charset=utf-8")
}

pub(super) fn with_more_names(list: &str) -> String {
    format!("x-requested-with, {list}, range")
}

pub(super) fn challenge(_: &Value) -> Value {
    json!({"ChallengeName": "NEW_PASSWORD_REQUIRED", "ChallengeParameters": {}})
}

/// Cognito's answer to a user without a second factor, where the pool demands one.
pub(super) fn second_factor(_: &Value) -> Value {
    json!({"ChallengeName": "MFA_SETUP", "ChallengeParameters": {"MFAS_CAN_SETUP": "[\"SOFTWARE_TOKEN_MFA\"]"}})
}

/// One job or several, with ids of which JavaScript does not know each.
pub(super) fn with_large_ids(jobs: &Value) -> Value {
    let mut jobs = jobs.clone();
    let all = match &mut jobs {
        Value::Array(all) => all.as_mut_slice(),
        one => std::slice::from_mut(one),
    };
    for job in all {
        let id = job["id"].as_u64().unwrap_or_default();
        job["id"] = json!(id + (1 << 53));
    }
    jobs
}

/// The job, started at this moment, if a worker has it.
pub(super) fn started_now(job: &Value) -> Value {
    let mut job = job.clone();
    if !job["date_started"].is_null() && job["date_finished"].is_null() {
        let now = Timestamp::now().to_zoned(TimeZone::UTC).datetime();
        job["date_started"] = json!(now.strftime("%Y-%m-%dT%H:%M:%S%.6f").to_string());
    }
    job
}

/// The address without its scheme and host.
pub(super) fn without_server(url: &Value) -> Value {
    let url = url.as_str().unwrap_or_default();
    let path = url
        .split("://")
        .nth(1)
        .and_then(|rest| rest.find('/').map(|at| &rest[at..]));
    json!(path.unwrap_or(url))
}

/// The text with escapes, as in an address.
pub(super) fn escaped(path: &Value) -> Value {
    const AS_IN_ADDRESSES: &AsciiSet = &CONTROLS
        .add(b' ')
        .add(b'#')
        .add(b'%')
        .add(b'?')
        .add(b'&')
        .add(b'+');
    let path = path.as_str().unwrap_or_default();
    json!(utf8_percent_encode(path, AS_IN_ADDRESSES).to_string())
}

/// The text as it looks if its UTF-8 is read as Latin-1.
pub(super) fn garbled(path: &Value) -> Value {
    let path = path.as_str().unwrap_or_default();
    json!(path.bytes().map(char::from).collect::<String>())
}

pub(super) fn with_shifted_dates(jobs: &Value, by: SignedDuration) -> Value {
    with_dates(jobs, &|date| shifted(date, by))
}

pub(super) fn as_text(value: &Value) -> Value {
    json!(value.to_string())
}

fn items(list: &Value) -> impl DoubleEndedIterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

pub(super) fn reversed(list: &Value) -> Value {
    items(list).rev().cloned().collect()
}

pub(super) fn without_the_first(list: &Value) -> Value {
    items(list).skip(1).cloned().collect()
}

/// The versions of an application, and the latest once more under another name.
pub(super) fn with_another_version(versions: &Value) -> Value {
    let mut versions = versions.clone();
    versions["next"] = versions["latest"].clone();
    versions
}

pub(super) fn without_jobs_for_any(list: &Value) -> Value {
    let left = items(list).filter(|job| !job["environment"].is_null());
    left.cloned().collect()
}

pub(super) fn without_a_file(list: &Value) -> Value {
    let missed = items(list).position(|entry| entry["type"] == "file");
    let left = items(list).enumerate();
    let left = left.filter(|(index, _)| Some(*index) != missed);
    left.map(|(_, entry)| entry.clone()).collect()
}

/// The entries of a listing, with each directory right below a predefined one as an empty file.
pub(super) fn folders_as_files(list: &Value) -> Value {
    let changed = items(list).map(|entry| {
        let mut entry = entry.clone();
        let path = entry["path"].as_str().unwrap_or_default();
        if entry["type"] == "directory" && path.matches('/').count() == 2 {
            entry["type"] = json!("file");
            entry["size"] = json!("0 Bytes");
        }
        entry
    });
    changed.collect()
}

/// The files of a listing.
pub(super) fn without_folders(list: &Value) -> Value {
    let files = items(list).filter(|entry| entry["type"] == "file");
    files.cloned().collect()
}

/// The entries of a listing, with each directory within a user's own as a file.
pub(super) fn inner_folders_as_files(list: &Value) -> Value {
    let changed = items(list).map(|entry| {
        let mut entry = entry.clone();
        let path = entry["path"].as_str().unwrap_or_default();
        if path.matches('/').count() > 2 {
            entry["type"] = json!("file");
        }
        entry
    });
    changed.collect()
}

pub(super) fn last_name(path: &Value) -> Value {
    let path = path.as_str().unwrap_or_default();
    let name = path.trim_end_matches('/').rsplit('/').next();
    let slash = if path.ends_with('/') { "/" } else { "" };
    json!(format!("{}{slash}", name.unwrap_or_default()))
}

/// The same address at a host that only the service itself can reach.
pub(super) fn elsewhere(url: &Value) -> Value {
    let rest = url.as_str().and_then(|url| url.splitn(4, '/').nth(3));
    json!(format!("http://s3.invalid/{}", rest.unwrap_or_default()))
}

/// The link with `#` in a name not escaped.
pub(super) fn with_bare_hashes(url: &Value) -> Value {
    json!(url.as_str().unwrap_or_default().replace("%23", "#"))
}

pub(super) fn with_another_email(fact: &Value) -> Value {
    let mut fact = fact.clone();
    if fact["Name"] == "email" {
        fact["Value"] = json!(ANOTHER_EMAIL);
    }
    fact
}

/// Another message in place of the two that a fault is about.
pub(super) fn with_another_refusal(detail: &Value) -> Value {
    match detail.as_str() {
        Some("Not verified") => json!("Unauthorized"),
        Some("Not Found") => json!("no Route matched with those values"),
        _ => detail.clone(),
    }
}

/// The headers of a link with the type of a form, whose boundary only the sender knows.
pub(super) fn with_form_type(headers: &Value) -> Value {
    let mut headers = headers.clone();
    headers["content-type"] = json!("multipart/form-data");
    headers
}

/// The link with a header among those that are signed, and without a word of it beside them.
pub(super) fn signed_with_the_owner(url: &Value) -> Value {
    let url = url.as_str().unwrap_or_default();
    let (one, two) = (
        "SignedHeaders=host",
        "SignedHeaders=host%3Bx-amz-expected-bucket-owner",
    );
    json!(url.replacen(one, two, 1))
}

/// The link with the name and the password of an account of the storage.
pub(super) fn with_credentials(url: &Value) -> Value {
    let url = url.as_str().unwrap_or_default();
    json!(url.replacen("://", "://storage:not-for-pages@", 1))
}

/// The link at a port to which no browser sends a request.
pub(super) fn at_a_bad_port(url: &Value) -> Value {
    let rest = url.as_str().and_then(|url| url.splitn(4, '/').nth(3));
    json!(format!(
        "http://localhost:10080/{}",
        rest.unwrap_or_default()
    ))
}

pub(super) fn over_https(url: &Value) -> Value {
    let url = url.as_str().unwrap_or_default();
    json!(url.replacen("http://", "https://", 1))
}

/// The workers in the house, where any may take the job.
pub(super) fn or_local(environment: &Value) -> Value {
    match environment {
        Value::Null => json!("local"),
        other => other.clone(),
    }
}

/// All states in which a worker has the job go by another name.
pub(super) fn unheard_of(status: &Value) -> Value {
    match status.as_str().and_then(JobStatus::from_name) {
        Some(state) if state.is_in_hand() => json!("processing"),
        _ => status.clone(),
    }
}

pub(super) fn with_dates_reversed(job: &Value) -> Value {
    let mut reversed = job.clone();
    if !job["date_finished"].is_null() {
        reversed["date_started"] = job["date_finished"].clone();
        reversed["date_finished"] = job["date_started"].clone();
    }
    reversed
}

/// A job, or each job of a list, changed.
fn each_job(jobs: &Value, change: &dyn Fn(&mut Value, JobStatus)) -> Value {
    let mut jobs = jobs.clone();
    let one = match &mut jobs {
        Value::Array(items) => items.iter_mut().collect(),
        job => vec![job],
    };
    for job in one {
        if let Some(status) = job["status"].as_str().and_then(JobStatus::from_name) {
            change(job, status);
        }
    }
    jobs
}

/// Jobs as they are before a worker has reported anything.
pub(super) fn as_if_queued(jobs: &Value) -> Value {
    each_job(jobs, &|job, _| {
        job["status"] = json!(JobStatus::Queued.name());
        for member in ["date_started", "date_finished", "runtime_details"] {
            job[member] = Value::Null;
        }
    })
}

pub(super) fn finished_early(jobs: &Value) -> Value {
    each_job(jobs, &|job, status| {
        if status.is_in_hand() {
            job["date_finished"] = job["date_created"].clone();
        }
    })
}

pub(super) fn started_early(jobs: &Value) -> Value {
    each_job(jobs, &|job, status| {
        if status == JobStatus::Queued {
            job["date_started"] = job["date_created"].clone();
        }
    })
}

pub(super) fn ended_earlier(jobs: &Value) -> Value {
    each_job(jobs, &|job, status| {
        if status.is_final() {
            job["date_finished"] = job["date_started"].clone();
        }
    })
}

pub(super) fn without_details(jobs: &Value) -> Value {
    each_job(jobs, &|job, _| job["runtime_details"] = Value::Null)
}

pub(super) fn without_email(jobs: &Value) -> Value {
    each_job(jobs, &|job, _| job["user_email"] = Value::Null)
}

pub(super) fn failed_without_date(jobs: &Value) -> Value {
    each_job(jobs, &|job, status| {
        if status == JobStatus::Error {
            job["date_finished"] = Value::Null;
        }
    })
}

pub(super) fn only_the_first(list: &Value) -> Value {
    list.as_array()
        .into_iter()
        .flatten()
        .take(1)
        .cloned()
        .collect()
}

/// All jobs that a worker has had, with a message of that worker.
pub(super) fn with_a_message(jobs: &Value) -> Value {
    each_job(jobs, &|job, status| {
        if status != JobStatus::Queued {
            job["runtime_details"] = json!("\nworker w: all is well");
        }
    })
}

/// The name with its umlauts as a letter and a mark, as macOS writes them.
pub(super) fn decomposed(path: &Value) -> Value {
    let path = path.as_str().unwrap_or_default();
    let path = path.replace('ö', "o\u{308}").replace('Å', "A\u{30a}");
    json!(path)
}

pub(super) fn with_plain_spaces(path: &Value) -> Value {
    json!(path.as_str().unwrap_or_default().replace('\u{a0}', " "))
}

/// The same token with an expiry in the past.
pub(super) fn expired(authorization: &Value) -> Value {
    let token = authorization.as_str().unwrap_or_default();
    let parts: Vec<_> = token.split('.').collect();
    let [header, claims, signature] = parts[..] else {
        return authorization.clone();
    };
    let claims = URL_SAFE_NO_PAD.decode(claims).unwrap_or_default();
    let mut claims: Value = serde_json::from_slice(&claims).unwrap_or_default();
    claims["exp"] = json!(claims["iat"].as_i64().unwrap_or_default() - 3600);
    let claims = URL_SAFE_NO_PAD.encode(claims.to_string());
    json!(format!("{header}.{claims}.{signature}"))
}

/// The body as gzip packs it.
pub(super) fn packed(body: Vec<u8>) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    match gzip.write_all(&body).and_then(|()| gzip.finish()) {
        Ok(packed) => packed,
        Err(_) => body,
    }
}

pub(super) fn in_capitals(text: &Value) -> Value {
    json!(text.as_str().unwrap_or_default().to_uppercase())
}

/// The same address at another name of the same machine.
pub(super) fn at_another_name(url: &Value) -> Value {
    let url = url.as_str().unwrap_or_default();
    json!(if url.contains("//localhost:") {
        url.replacen("//localhost:", "//127.0.0.1:", 1)
    } else {
        url.replacen("//127.0.0.1:", "//localhost:", 1)
    })
}

/// The dates of a worker whose clock shows local time.
pub(super) fn with_local_dates_of_workers(jobs: &Value) -> Value {
    let local = with_local_dates(jobs);
    each_job(&local, &|job, _| {
        if let Some(created) = job["date_created"].as_str() {
            let utc = shifted(created, SignedDuration::from_hours(-2));
            job["date_created"] = json!(utc);
        }
    })
}

/// S3's answer to a form that another key has signed.
pub(super) const OTHER_SIGNATURE: Change = Replace(
    403,
    "application/xml",
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>SignatureDoesNotMatch</Code>\
     <Message>The request signature we calculated does not match the signature you provided.</Message>\
     </Error>",
);

/// S3's answer to a request that was signed for another region (Amazon S3 API reference, "Error responses").
pub(super) const WRONG_REGION: Change = Replace(
    400,
    "application/xml",
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>AuthorizationHeaderMalformed</Code>\
     <Message>The authorization header is malformed; the region 'us-east-1' is wrong; expecting \
     'eu-central-1'</Message></Error>",
);

/// S3's answer to a form that a key has signed which S3 does not have.
pub(super) const DELETED_KEY: Change = Replace(
    403,
    "application/xml",
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>InvalidAccessKeyId</Code>\
     <Message>The AWS Access Key Id you provided does not exist in our records.</Message></Error>",
);

/// S3's answer to a form whose signer may not use the key that encrypts the bucket.
pub(super) const KMS_KEY_DENIED: Change = Replace(
    403,
    "application/xml",
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>AccessDenied</Code>\
     <Message>User: arn:aws:iam::123456789012:user/opencloud is not authorized to perform: kms:GenerateDataKey on \
     resource: arn:aws:kms:eu-central-1:123456789012:key/1 because no identity-based policy allows it</Message></Error>",
);

/// S3's answer while the bucket is being changed.
pub(super) const OPERATION_ABORTED: Change = Replace(
    409,
    "application/xml",
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>OperationAborted</Code>\
     <Message>A conflicting conditional operation is currently in progress against this resource.</Message></Error>",
);

/// Two hours ahead, as in a German summer.
pub(super) fn with_local_dates(job: &Value) -> Value {
    with_dates(job, &|date| {
        shifted(date, jiff::SignedDuration::from_hours(2))
    })
}

pub(super) fn with_zoned_dates(job: &Value) -> Value {
    with_dates(job, &|date| Some(format!("{date}Z")))
}

/// As long as before, with another first byte.
pub(super) fn altered(mut body: Vec<u8>) -> Vec<u8> {
    if let Some(first) = body.first_mut() {
        *first ^= 1;
    }
    body
}

/// The code of an internal error of S3.
pub(super) fn of_another_kind(body: Vec<u8>) -> Vec<u8> {
    let text = String::from_utf8_lossy(&body);
    match (text.split_once("<Code>"), text.split_once("</Code>")) {
        (Some((start, _)), Some((_, end))) => {
            format!("{start}<Code>InternalError</Code>{end}").into_bytes()
        }
        _ => body,
    }
}

pub(super) fn half(mut body: Vec<u8>) -> Vec<u8> {
    body.truncate(body.len() / 2);
    body
}
