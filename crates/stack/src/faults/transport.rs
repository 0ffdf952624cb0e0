//! Answers that do not arrive, or not as they were sent.

use axum::http::StatusCode;

use super::{
    Fault,
    answers::{Bend, Rule, rule},
    endpoint::{
        Endpoint::{
            AccessInfo, Applications, CreateJob, DeleteFile, DeleteJob, Download, DownloadUrl,
            GetUser, InitiateAuth, List, ListJobs, NewFolder, Rename, RevokeToken, ShowJob, Upload,
            UploadUrl, User,
        },
        Exchange,
        Service::{S3, UserApi},
    },
};

/// What a proxy answers whose service is down.
pub(super) const UNAVAILABLE: Bend = Bend::Instead(
    StatusCode::SERVICE_UNAVAILABLE,
    "text/html",
    "<html><body><h1>503 Service Temporarily Unavailable</h1></body></html>",
);

pub(super) const NO_CONTENT: Bend = Bend::Instead(StatusCode::NO_CONTENT, "text/plain", "");

/// What a server of static pages answers to any address.
const PAGE: Bend = Bend::Instead(
    StatusCode::OK,
    "text/html",
    "<!DOCTYPE html><html><head><title>DECODE OpenCloud</title></head><body></body></html>",
);

/// Which answer does not arrive as it was sent.
pub(super) fn rule_of(fault: Fault) -> Option<Rule> {
    let (when, bend): (fn(&Exchange) -> bool, Bend) = match fault {
        Fault::Refuses403Instead => (
            |x| x.is_answer(UserApi) && x.status == StatusCode::UNAUTHORIZED,
            Bend::Status(StatusCode::FORBIDDEN),
        ),
        Fault::RenameMissingAnswers200 => (
            |x| x.endpoint == Some(Rename) && x.status == StatusCode::NOT_FOUND,
            Bend::Status(StatusCode::OK),
        ),
        Fault::RenameFullDirectoryAnswers200 => (
            |x| x.endpoint == Some(Rename) && x.status == StatusCode::METHOD_NOT_ALLOWED,
            Bend::Status(StatusCode::OK),
        ),
        Fault::RenameWithoutPathAnswers500 => (
            |x| x.endpoint == Some(Rename) && x.status == StatusCode::UNPROCESSABLE_ENTITY,
            Bend::Unhandled,
        ),
        Fault::JobDeleteMissingAnswers204 => (
            |x| x.endpoint == Some(DeleteJob) && x.status == StatusCode::NOT_FOUND,
            NO_CONTENT,
        ),
        Fault::JobIdNotChecked => (
            |x| x.endpoint == Some(ShowJob) && x.status == StatusCode::UNPROCESSABLE_ENTITY,
            Bend::Instead(
                StatusCode::NOT_FOUND,
                "application/json",
                r#"{"detail":"Job not found"}"#,
            ),
        ),
        // What AWS answers to whoever may not list the bucket.
        Fault::DownloadOfDeletedForbidden => (
            |x| x.is_answer(S3) && x.status == StatusCode::NOT_FOUND,
            Bend::Instead(
                StatusCode::FORBIDDEN,
                "application/xml",
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>AccessDenied</Code>\
                 <Message>Access Denied</Message></Error>",
            ),
        ),
        Fault::GetUserTakesAnyToken => (
            |x| x.endpoint == Some(GetUser) && x.status == StatusCode::BAD_REQUEST,
            Bend::Instead(
                StatusCode::OK,
                "application/x-amz-json-1.1",
                r#"{"Username":"somebody","UserAttributes":[]}"#,
            ),
        ),
        Fault::UploadWithoutFileAccepted => (
            |x| x.endpoint == Some(Upload) && x.status == StatusCode::UNPROCESSABLE_ENTITY,
            NO_CONTENT,
        ),
        Fault::S3RefusalOfAnotherKind => (|x| x.is_refusal(S3), Bend::Body(of_another_kind)),
        Fault::JobMissingIsNull => (
            |x| x.endpoint == Some(ShowJob) && x.status == StatusCode::NOT_FOUND,
            Bend::Instead(StatusCode::OK, "application/json", "null"),
        ),
        Fault::UnknownMethodAnswers404 => (
            |x| x.is_answer(UserApi) && x.status == StatusCode::METHOD_NOT_ALLOWED,
            Bend::Status(StatusCode::NOT_FOUND),
        ),
        Fault::DownloadAltered => (|x| x.is_done(Download), Bend::Body(altered)),
        Fault::DownloadTruncated => (|x| x.is_done(Download), Bend::Body(half)),
        Fault::DownloadWrongLength => (|x| x.is_done(Download), Bend::WrongLength),
        Fault::DownloadCut => (|x| x.is_done(Download), Bend::Cut),
        Fault::UserAnswers500 => (|x| x.endpoint == Some(User), Bend::Unhandled),
        Fault::ListAnswers500 => (|x| x.endpoint == Some(List), Bend::Unhandled),
        Fault::RenameAnswers500 => (|x| x.endpoint == Some(Rename), Bend::Unhandled),
        Fault::DeleteFileAnswers500 => (|x| x.endpoint == Some(DeleteFile), Bend::Unhandled),
        Fault::CreateJobAnswers500 => (|x| x.endpoint == Some(CreateJob), Bend::Unhandled),
        Fault::ShowJobAnswers500 => (|x| x.endpoint == Some(ShowJob), Bend::Unhandled),
        Fault::AccessInfoAnswers503 => (|x| x.endpoint == Some(AccessInfo), UNAVAILABLE),
        Fault::SignInAnswers503 => (|x| x.endpoint == Some(InitiateAuth), UNAVAILABLE),
        Fault::GetUserAnswers503 => (|x| x.endpoint == Some(GetUser), UNAVAILABLE),
        Fault::RevokeAnswers503 => (|x| x.endpoint == Some(RevokeToken), UNAVAILABLE),
        Fault::NewFolderAnswers503 => (|x| x.endpoint == Some(NewFolder), UNAVAILABLE),
        Fault::UploadUrlAnswers503 => (|x| x.endpoint == Some(UploadUrl), UNAVAILABLE),
        Fault::UploadAnswers503 => (|x| x.endpoint == Some(Upload), UNAVAILABLE),
        Fault::DownloadUrlAnswers503 => (|x| x.endpoint == Some(DownloadUrl), UNAVAILABLE),
        Fault::DownloadAnswers503 => (|x| x.endpoint == Some(Download), UNAVAILABLE),
        Fault::ApplicationsAnswer503 => (|x| x.endpoint == Some(Applications), UNAVAILABLE),
        Fault::ListJobsAnswers503 => (|x| x.endpoint == Some(ListJobs), UNAVAILABLE),
        Fault::DeleteJobAnswers503 => (|x| x.endpoint == Some(DeleteJob), UNAVAILABLE),
        Fault::HtmlInsteadOfJson => (|x| x.endpoint == Some(ListJobs), PAGE),
        Fault::EmptyAnswer => (|x| x.is_done(Applications), Bend::Body(|_| Vec::new())),
        Fault::BrokenJson => (|x| x.is_done(List), Bend::Body(half)),
        Fault::ConnectionCutMidBody => (|x| x.is_done(Applications), Bend::Cut),
        Fault::ConnectionDropped => (|x| x.endpoint == Some(ListJobs), Bend::Drop),
        Fault::NeverAnswers => (|x| x.endpoint == Some(Applications), Bend::Never),
        _ => return None,
    };
    Some(rule(when, bend))
}

/// As long as before, with another first byte.
fn altered(mut body: Vec<u8>) -> Vec<u8> {
    if let Some(first) = body.first_mut() {
        *first ^= 1;
    }
    body
}

/// What S3 says when it is to blame itself.
fn of_another_kind(body: Vec<u8>) -> Vec<u8> {
    let text = String::from_utf8_lossy(&body);
    match (text.split_once("<Code>"), text.split_once("</Code>")) {
        (Some((start, _)), Some((_, end))) => {
            format!("{start}<Code>InternalError</Code>{end}").into_bytes()
        }
        _ => body,
    }
}

fn half(mut body: Vec<u8>) -> Vec<u8> {
    body.truncate(body.len() / 2);
    body
}
