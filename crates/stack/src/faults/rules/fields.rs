//! Faults of JSON answers: a value is missing, null, of another type, or not true.

use serde_json::{Value, json};

use crate::{
    endpoint::{
        Endpoint::{
            AccessInfo, Applications, CreateJob, DownloadUrl, GetUser, InitiateAuth, List,
            ListJobs, Rename, ShowJob, UploadUrl, User,
        },
        Service::{Cognito, UserApi},
    },
    faults::{
        change::Change,
        exchange::{Exchange, When},
        fault::Fault,
        json::{
            Edit::{self, Missing, Null, To},
            shifted, with_dates,
        },
        rule::{Frequency::Always, Rule},
    },
    jobs::JobStatus,
};

/// The rule of a fault, if it is one of these.
pub(super) fn rule_of(fault: Fault) -> Option<Rule> {
    let (when, place, edit) = sign_in(fault)
        .or_else(|| files(fault))
        .or_else(|| jobs(fault))?;
    Some(Rule::new(Always, when, Change::Json(place, edit)))
}

const ANOTHER_EMAIL: &str = "somebody-else@opencloud.test";

fn sign_in(fault: Fault) -> Option<(When, &'static str, Edit)> {
    let access_info: When = |x| x.is_done(AccessInfo);
    let user: When = |x| x.is_done(User);
    let sign_in: When = |x| x.is_done(InitiateAuth);
    let get_user: When = |x| x.is_done(GetUser);
    let refusal: When = |x| x.is_refusal(Cognito);
    let client = "/cognito/client_id";
    let region = "/cognito/region";
    Some(match fault {
        Fault::AccessInfoOtherClient => (
            access_info,
            client,
            To(|_| json!("0123456789abcdefghijklmnop")),
        ),
        Fault::AccessInfoOtherRegion => (access_info, region, To(|_| json!("us-east-1"))),
        Fault::AccessInfoLacksClient => (access_info, client, Missing),
        Fault::AccessInfoNullRegion => (access_info, region, Null),
        Fault::AccessInfoPoolIsNumber => (access_info, "/cognito/user_pool_id", To(|_| json!(7))),
        Fault::UserTellsAnotherEmail => (user, "/email", To(|_| json!(ANOTHER_EMAIL))),
        Fault::UserLacksTheGroup => (user, "/groups", To(|_| json!(["workers"]))),
        Fault::UserNullEmail => (user, "/email", Null),
        Fault::UserLacksGroups => (user, "/groups", Missing),
        Fault::UserGroupsIsText => (user, "/groups", To(|_| json!("users"))),
        Fault::SignInLacksIdToken => (sign_in, "/AuthenticationResult/IdToken", Missing),
        Fault::SignInNullAccessToken => (sign_in, "/AuthenticationResult/AccessToken", Null),
        Fault::SignInLacksRefreshToken => (sign_in, "/AuthenticationResult/RefreshToken", Missing),
        Fault::SignInExpiresInIsText => (sign_in, "/AuthenticationResult/ExpiresIn", To(as_text)),
        Fault::SignInChallenge => (
            sign_in,
            "",
            To(|_| json!({"ChallengeName": "NEW_PASSWORD_REQUIRED", "ChallengeParameters": {}})),
        ),
        Fault::GetUserLacksUsername => (get_user, "/Username", Missing),
        Fault::GetUserNullUsername => (get_user, "/Username", Null),
        Fault::GetUserTellsAnotherEmail => (get_user, "/UserAttributes/*", To(with_another_email)),
        Fault::GetUserAttributesIsObject => (get_user, "/UserAttributes", To(|_| json!({}))),
        Fault::CognitoRefusalLacksType => (refusal, "/__type", Missing),
        Fault::CognitoRefusalNullType => (refusal, "/__type", Null),
        Fault::CognitoRefusalTypeIsNumber => (refusal, "/__type", To(|_| json!(400))),
        Fault::CognitoRefusalOfAnotherKind => {
            (refusal, "/__type", To(|_| json!("InternalErrorException")))
        }
        _ => return None,
    })
}

fn files(fault: Fault) -> Option<(When, &'static str, Edit)> {
    let list: When = |x| x.is_done(List);
    let rename: When = |x| x.is_done(Rename);
    let upload_url: When = |x| x.is_done(UploadUrl);
    let download_url: When = |x| x.is_done(DownloadUrl);
    let any_url: When = |x| x.is_done(UploadUrl) || x.is_done(DownloadUrl);
    let refusal: When = |x| x.is_refusal(UserApi);
    let invalid: When = |x| x.has_status(UserApi, 422);
    Some(match fault {
        Fault::ListMissesAFile => (list, "", To(without_a_file)),
        Fault::ListUnsorted => (list, "", To(reversed)),
        Fault::ListRelativePaths => (list, "/*/path", To(last_name)),
        Fault::ListWrongSizes => (list, "/*/size", To(|_| json!("123 Bytes"))),
        Fault::ListLacksPath => (list, "/*/path", Missing),
        Fault::ListNullSize => (list, "/*/size", Null),
        Fault::ListSizeIsNumber => (list, "/*/size", To(|_| json!(123))),
        Fault::ListUnknownType => (list, "/*/type", To(|_| json!("symlink"))),
        Fault::RenameTellsOldPath => (rename, "/path", To(|_| json!("data/first.tif"))),
        Fault::RenameAnswerLacksPath => (rename, "/path", Missing),
        Fault::RenameAnswerNullPath => (rename, "/path", Null),
        Fault::RenameAnswerPathIsList => (rename, "/path", To(|_| json!([]))),
        Fault::UploadUrlLacksUrl => (upload_url, "/url", Missing),
        Fault::UploadUrlNullHeaders => (upload_url, "/headers", Null),
        Fault::UploadUrlDataIsList => (upload_url, "/data", To(|_| json!([]))),
        Fault::UploadUrlLacksSignature => (upload_url, "/data/x-amz-signature", Missing),
        Fault::UploadUrlLacksAuthorization => (upload_url, "/headers/authorization", Missing),
        Fault::DownloadUrlNullUrl => (download_url, "/url", Null),
        Fault::DownloadUrlLacksData => (download_url, "/data", Missing),
        Fault::DownloadUrlHeadersIsText => (download_url, "/headers", To(|_| json!(""))),
        Fault::DownloadUrlCutAtHash => (download_url, "/url", To(with_bare_hashes)),
        Fault::S3UrlsUnreachable => (any_url, "/url", To(elsewhere)),
        Fault::LocalUrlsOverHttps => (any_url, "/url", To(over_https)),
        Fault::RefusalLacksDetail => (refusal, "/detail", Missing),
        Fault::RefusalDetailIsObject => (refusal, "/detail", To(|_| json!({"code": 1}))),
        Fault::InvalidFieldsLackPlace => (invalid, "/detail/*/loc", Missing),
        Fault::NotVerifiedInOtherWords => (
            |x| x.has_status(UserApi, 401),
            "/detail",
            To(|said| reworded(said, "Not verified", "Unauthorized")),
        ),
        Fault::UnknownAddressInOtherWords => (
            |x| x.is_answer(UserApi) && x.endpoint.is_none(),
            "/detail",
            To(|said| reworded(said, "Not Found", "no Route matched with those values")),
        ),
        _ => return None,
    })
}

fn jobs(fault: Fault) -> Option<(When, &'static str, Edit)> {
    let created: When = |x| x.is_done(CreateJob);
    let shown: When = |x| x.is_done(ShowJob);
    let listed: When = |x| x.is_done(ListJobs);
    let job: When = Exchange::shows_a_job;
    let applications: When = |x| x.is_done(Applications);
    let inputs = "/decode/v0_10_1/train/handler/files_down";
    Some(match fault {
        Fault::JobStartsRunning => (created, "/status", To(|_| json!(JobStatus::Running.name()))),
        Fault::JobUnknownStatus => (job, "/status", To(unheard_of)),
        Fault::JobLacksId => (job, "/id", Missing),
        Fault::JobIdIsText => (job, "/id", To(as_text)),
        Fault::JobLacksName => (job, "/job_name", Missing),
        Fault::JobNullStatus => (job, "/status", Null),
        Fault::JobLacksDateCreated => (job, "/date_created", Missing),
        Fault::JobLacksPathsOut => (job, "/paths_out", Missing),
        Fault::JobPathsOutNullArtifact => (job, "/paths_out/artifact", Null),
        Fault::JobPathsOutOfAnother => (
            job,
            "/paths_out/artifact",
            To(|_| json!("artifact/another")),
        ),
        Fault::JobNoDateStarted => (job, "/date_started", Null),
        Fault::JobNoDateFinished => (job, "/date_finished", Null),
        Fault::JobDateStartedIsNumber => (job, "/date_started", To(|_| json!(1_700_000_000))),
        Fault::JobDatesReversed => (job, "", To(with_dates_reversed)),
        Fault::JobDatesInLocalTime => (job, "", To(with_local_dates)),
        Fault::JobDatesWithZone => (job, "", To(with_zoned_dates)),
        Fault::JobDetailsIsList => (job, "/runtime_details", To(|_| json!([]))),
        Fault::ShownJobLacksStatus => (shown, "/status", Missing),
        Fault::ShownJobNullName => (shown, "/job_name", Null),
        Fault::ShownJobDateIsNumber => (shown, "/date_created", To(|_| json!(1_700_000_000))),
        Fault::ListedJobLacksId => (listed, "/*/id", Missing),
        Fault::ListedJobNullStatus => (listed, "/*/status", Null),
        Fault::ListedJobNameIsNumber => (listed, "/*/job_name", To(|_| json!(7))),
        Fault::JobListUnordered => (listed, "", To(reversed)),
        Fault::JobListMissesTheNewest => (listed, "", To(without_the_first)),
        Fault::JobListIsObject => (listed, "", To(|list| json!({"jobs": list, "total": 1}))),
        Fault::JobMissingInOtherWords => (
            |x| x.answers(ShowJob, 404),
            "/detail",
            To(|_| json!("Not Found")),
        ),
        Fault::ApplicationsLackInputs => (applications, inputs, Missing),
        Fault::ApplicationsInputIsNumber => (
            applications,
            "/decode/v0_10_1/train/handler/files_down/config_id",
            To(|_| json!(7)),
        ),
        Fault::ApplicationsLackDecode => (applications, "/decode", Missing),
        Fault::ApplicationsNullEnv => (applications, "/decode/v0_10_1/train/app/env", Null),
        _ => return None,
    })
}

fn as_text(value: &Value) -> Value {
    json!(value.to_string())
}

fn items(list: &Value) -> impl DoubleEndedIterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

fn reversed(list: &Value) -> Value {
    items(list).rev().cloned().collect()
}

fn without_the_first(list: &Value) -> Value {
    items(list).skip(1).cloned().collect()
}

fn without_a_file(list: &Value) -> Value {
    let missed = items(list).position(|entry| entry["type"] == "file");
    let left = items(list).enumerate();
    let left = left.filter(|(index, _)| Some(*index) != missed);
    left.map(|(_, entry)| entry.clone()).collect()
}

fn last_name(path: &Value) -> Value {
    let path = path.as_str().unwrap_or_default();
    let name = path.trim_end_matches('/').rsplit('/').next();
    let slash = if path.ends_with('/') { "/" } else { "" };
    json!(format!("{}{slash}", name.unwrap_or_default()))
}

/// The same address at a host that only the service itself can reach.
fn elsewhere(url: &Value) -> Value {
    let rest = url.as_str().and_then(|url| url.splitn(4, '/').nth(3));
    json!(format!("http://s3.invalid/{}", rest.unwrap_or_default()))
}

/// The link with `#` in a name not escaped.
fn with_bare_hashes(url: &Value) -> Value {
    json!(url.as_str().unwrap_or_default().replace("%23", "#"))
}

fn with_another_email(fact: &Value) -> Value {
    let mut fact = fact.clone();
    if fact["Name"] == "email" {
        fact["Value"] = json!(ANOTHER_EMAIL);
    }
    fact
}

/// The message, or another one in its place.
fn reworded(said: &Value, from: &str, to: &str) -> Value {
    if said == from {
        json!(to)
    } else {
        said.clone()
    }
}

fn over_https(url: &Value) -> Value {
    let url = url.as_str().unwrap_or_default();
    json!(url.replacen("http://", "https://", 1))
}

/// All states in which a worker has the job go by another name.
fn unheard_of(status: &Value) -> Value {
    match status.as_str().and_then(JobStatus::from_name) {
        Some(state) if state.is_in_hand() => json!("processing"),
        _ => status.clone(),
    }
}

fn with_dates_reversed(job: &Value) -> Value {
    let mut reversed = job.clone();
    if !job["date_finished"].is_null() {
        reversed["date_started"] = job["date_finished"].clone();
        reversed["date_finished"] = job["date_started"].clone();
    }
    reversed
}

/// Two hours ahead, as in a German summer.
fn with_local_dates(job: &Value) -> Value {
    with_dates(job, &|date| {
        shifted(date, jiff::SignedDuration::from_hours(2))
    })
}

fn with_zoned_dates(job: &Value) -> Value {
    with_dates(job, &|date| Some(format!("{date}Z")))
}
