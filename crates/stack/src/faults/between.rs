//! The answers of what stands between a page and a service: gateways, firewalls, caches, sign-in pages.
//! None of them carries CORS headers.

use axum::http::Method;

use super::{
    change::{
        Change::{self, Foreign},
        ForeignAnswer,
    },
    exchange::{Exchange, When},
};
use crate::endpoint::{
    Endpoint::{
        self, CreateJob, DeleteFile, DeleteJob, Download, DownloadUrl, List, ListJobs, NewFolder,
        Rename, ShowJob, Upload, UploadUrl,
    },
    Service::{Cognito, UserApi},
};

const HTML: &str = "text/html";
const XML: &str = "application/xml";

/// The bucket in the region that it is really in.
const ANOTHER_REGION: &str = "https://bucket.s3.eu-west-1.amazonaws.com/";

const fn answer(
    status: u16,
    server: &'static str,
    content_type: &'static str,
    body: &'static str,
) -> ForeignAnswer {
    ForeignAnswer {
        status,
        server,
        content_type,
        location: None,
        body,
    }
}

const fn redirect(
    status: u16,
    server: &'static str,
    location: &'static str,
    body: &'static str,
) -> ForeignAnswer {
    ForeignAnswer {
        location: Some(location),
        ..answer(status, server, XML, body)
    }
}

pub(super) const BAD_GATEWAY: Change = Foreign(&answer(
    502,
    "nginx",
    HTML,
    "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>",
));

pub(super) const GATEWAY_TIMEOUT: Change = Foreign(&answer(
    504,
    "awselb/2.0",
    HTML,
    "<html><head><title>504 Gateway Time-out</title></head></html>",
));

pub(super) const TOO_LARGE: Change = Foreign(&answer(
    413,
    "nginx",
    HTML,
    "<html><head><title>413 Request Entity Too Large</title></head></html>",
));

pub(super) const TOO_MANY: Change = Foreign(&answer(
    429,
    "",
    "application/json",
    r#"{"message":"Too Many Requests"}"#,
));

pub(super) const FIREWALL: Change = Foreign(&answer(
    403,
    "",
    HTML,
    "<html><head><title>403 Forbidden</title></head></html>",
));

/// AWS WAF's answer for a user pool.
pub(super) const WAF: Change = Change::Replace(
    403,
    "application/x-amz-json-1.1",
    r#"{"__type":"ForbiddenException","message":"Request not allowed due to WAF block."}"#,
);

pub(super) const START_PAGE: Change = Foreign(&answer(
    200,
    "nginx",
    HTML,
    "<!DOCTYPE html><html><head><title>Welcome to nginx!</title></head></html>",
));

pub(super) const ERROR_PAGE: Change = Foreign(&answer(
    409,
    "nginx",
    HTML,
    "<html><head><title>An error occurred</title></head></html>",
));

/// Starlette's answer to a request for a host that is not among its own (`TrustedHostMiddleware`).
pub(super) const UNKNOWN_HOST: Change = Foreign(&answer(
    400,
    "",
    "text/plain; charset=utf-8",
    "Invalid host header",
));

/// A browser knows without asking anybody that nothing answers there: a name that it has to look up may take it
/// seconds on a busy machine.
pub(super) const SIGN_IN_PAGE: Change = Foreign(&redirect(
    302,
    "oauth2-proxy",
    "https://id.opencloud.localhost/oauth2/authorize",
    "",
));

pub(super) const INNER_HOST: Change = Foreign(&redirect(
    307,
    "",
    "http://inner-host.opencloud.test/files/",
    "",
));

/// To a host without a name, as where a proxy passes on an empty Host.
pub(super) const WITHOUT_HOST: Change = Foreign(&redirect(307, "", "http://:8000/files/", ""));

/// What an ingress answers for what it has no route for.
pub(super) const NO_BACKEND: Change = Foreign(&answer(
    404,
    "",
    "text/plain; charset=utf-8",
    "default backend - 404",
));

/// S3's answer for a bucket of another region (S3 user guide, "Making requests to S3").
pub(super) const OTHER_REGION: Change = Foreign(&redirect(
    307,
    "AmazonS3",
    ANOTHER_REGION,
    "<Error><Code>TemporaryRedirect</Code></Error>",
));

/// The same once the name of the bucket has spread.
pub(super) const MOVED: Change = Foreign(&redirect(
    301,
    "AmazonS3",
    ANOTHER_REGION,
    "<Error><Code>PermanentRedirect</Code></Error>",
));

pub(super) const SLOW_DOWN: Change = Foreign(&answer(
    503,
    "AmazonS3",
    XML,
    "<Error><Code>SlowDown</Code></Error>",
));

/// Answers to requests for files.
pub(super) const FILES: When = When::If(|x| {
    let files: [Endpoint; 6] = [List, NewFolder, UploadUrl, Rename, DownloadUrl, DeleteFile];
    files.iter().any(|endpoint| x.is(*endpoint))
});

/// Answers to requests for jobs.
pub(super) const ALL_JOBS: When = When::If(|x| {
    [ListJobs, ShowJob, CreateJob, DeleteJob]
        .iter()
        .any(|endpoint| x.is(*endpoint))
});

/// Successful answers to a signed-in user.
pub(super) const SIGNED_IN: When =
    When::If(|x| x.is_answer(UserApi) && x.status.is_success() && !x.is(Endpoint::AccessInfo));

/// Requests for a directory's list whose address ends in a slash.
pub(super) const LISTS_WITH_SLASH: When = When::If(|x| x.is(List) && x.path.ends_with('/'));

/// Listings of directories with escapes in their address.
pub(super) const ESCAPED_LISTS: When = When::If(|x| x.is_done(List) && x.path.contains('%'));

/// Listings of the directories that every user has.
pub(super) const PREDEFINED_LISTS: When = When::If(|x| {
    let directories = ["config", "data", "artifact", "output", "log"];
    x.is_done(List)
        && directories
            .iter()
            .any(|name| x.path == format!("/files/{name}/"))
});

/// Those of the directories in which jobs leave their results.
pub(super) const RESULT_LISTS: When =
    When::If(|x| x.is_done(List) && ["/files/output/", "/files/log/"].contains(&&*x.path));

/// New folders in `artifact/`.
pub(super) const NEW_ARTIFACT_FOLDERS: When =
    When::If(|x| x.is_done(NewFolder) && x.path.starts_with("/files/artifact/"));

/// Renames in `artifact/`.
pub(super) const ARTIFACT_RENAMES: When =
    When::If(|x| x.is_done(Rename) && x.path.starts_with("/files/artifact/"));

/// Requests for files with a name of more than 100 letters.
pub(super) const LONG_NAMES: When = When::If(|x| {
    x.is_answer(UserApi)
        && x.path
            .split('/')
            .any(|name| name.len() > 100 && !name.contains('%'))
});

/// Downloads of files whose name has letters outside of ASCII, which are escaped with these digits.
pub(super) const OTHER_LETTERS: When = When::If(|x| {
    let first_bytes = ["%C", "%D", "%E", "%F"];
    x.is_done(Download) && first_bytes.iter().any(|byte| x.path.contains(byte))
});

/// Requests to the UserAPI whose address has two dots, escaped or not.
pub(super) const WITH_DOTS: When = When::If(|x| {
    let path = x.path.to_ascii_lowercase().replace("%2e", ".");
    x.is_answer(UserApi) && path.contains("..")
});

/// Uploads of more than a megabyte.
pub(super) const LARGE_UPLOADS: When =
    When::If(|x| x.is(Upload) && x.length.is_some_and(|length| length > 1_000_000));

/// Answers to requests whose body goes to Cognito.
pub(super) const POSTS_TO_COGNITO: When = When::Method(Cognito, Method::POST);

/// Any answer of the UserAPI but that to a preflight.
pub(super) const ANSWERS: When = When::If(|x| x.is_answer(UserApi));

/// Answers that hold a list.
pub(super) const LISTS: When = When::If(|x| x.is_done(List) || x.is_done(ListJobs));

/// Preflights at addresses for which a cache may have an answer.
pub(super) const KNOWN_PREFLIGHTS: When =
    When::If(|x| x.is_preflight && x.is_from(UserApi) && !x.is_unrepeated);

/// Preflights for jobs.
pub(super) const PREFLIGHTS_FOR_JOBS: When =
    When::If(|x| x.is_preflight && x.is_from(UserApi) && x.path.starts_with("/jobs"));

/// Preflights for PUT.
pub(super) const PREFLIGHTS_FOR_PUT: When = When::If(asks_for_put);

fn asks_for_put(x: &Exchange) -> bool {
    x.is_preflight && x.is_from(UserApi) && x.asks_for.as_deref() == Some("PUT")
}

/// Downloads from S3 or from the UserAPI.
pub(super) const DOWNLOADS: When = When::If(|x| x.is(Download));
