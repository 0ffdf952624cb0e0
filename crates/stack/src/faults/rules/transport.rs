//! Faults of transport: answers that are not sent, or not as the service made them.

use crate::{
    endpoint::{
        Endpoint::{
            AccessInfo, Applications, CreateJob, DeleteFile, DeleteJob, Download, DownloadUrl,
            GetUser, InitiateAuth, List, ListJobs, NewFolder, Rename, RevokeToken, ShowJob, Upload,
            UploadUrl, User,
        },
        Service::{S3, UserApi},
    },
    faults::{
        change::{
            Change::{self, Body, Cut, Drop, InternalError, Never, Replace, Status, WrongLength},
            NO_CONTENT, UNAVAILABLE,
        },
        exchange::When,
        fault::Fault,
        rule::{Frequency::Always, Rule},
    },
};

/// The answer of a server of static pages to any address.
const PAGE: Change = Replace(
    200,
    "text/html",
    "<!DOCTYPE html><html><head><title>DECODE OpenCloud</title></head><body></body></html>",
);

/// The rule of a fault, if it is one of these.
pub(super) fn rule_of(fault: Fault) -> Option<Rule> {
    let (when, change): (When, Change) = match fault {
        Fault::Refuses403Instead => (|x| x.has_status(UserApi, 401), Status(403)),
        Fault::RenameMissingAnswers200 => (|x| x.answers(Rename, 404), Status(200)),
        Fault::RenameFullDirectoryAnswers200 => (|x| x.answers(Rename, 405), Status(200)),
        Fault::RenameWithoutPathAnswers500 => (|x| x.answers(Rename, 422), InternalError),
        Fault::JobDeleteMissingAnswers204 => (|x| x.answers(DeleteJob, 404), NO_CONTENT),
        Fault::JobIdNotChecked => (
            |x| x.answers(ShowJob, 422),
            Replace(404, "application/json", r#"{"detail":"Job not found"}"#),
        ),
        // AWS answers so to a client that may not list the bucket.
        Fault::DownloadOfDeletedForbidden => (
            |x| x.has_status(S3, 404),
            Replace(
                403,
                "application/xml",
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>AccessDenied</Code>\
                 <Message>Access Denied</Message></Error>",
            ),
        ),
        Fault::GetUserTakesAnyToken => (
            |x| x.answers(GetUser, 400),
            Replace(
                200,
                "application/x-amz-json-1.1",
                r#"{"Username":"somebody","UserAttributes":[]}"#,
            ),
        ),
        Fault::UploadWithoutFileAccepted => (|x| x.answers(Upload, 422), NO_CONTENT),
        Fault::S3RefusalOfAnotherKind => (|x| x.is_refusal(S3), Body(of_another_kind)),
        Fault::JobMissingIsNull => (
            |x| x.answers(ShowJob, 404),
            Replace(200, "application/json", "null"),
        ),
        Fault::UnknownMethodAnswers404 => (|x| x.has_status(UserApi, 405), Status(404)),
        Fault::DownloadAltered => (|x| x.is_done(Download), Body(altered)),
        Fault::DownloadTruncated => (|x| x.is_done(Download), Body(half)),
        Fault::DownloadWrongLength => (|x| x.is_done(Download), WrongLength),
        Fault::DownloadCut => (|x| x.is_done(Download), Cut),
        Fault::UserAnswers500 => (|x| x.is(User), InternalError),
        Fault::ListAnswers500 => (|x| x.is(List), InternalError),
        Fault::RenameAnswers500 => (|x| x.is(Rename), InternalError),
        Fault::DeleteFileAnswers500 => (|x| x.is(DeleteFile), InternalError),
        Fault::CreateJobAnswers500 => (|x| x.is(CreateJob), InternalError),
        Fault::ShowJobAnswers500 => (|x| x.is(ShowJob), InternalError),
        Fault::AccessInfoAnswers503 => (|x| x.is(AccessInfo), UNAVAILABLE),
        Fault::SignInAnswers503 => (|x| x.is(InitiateAuth), UNAVAILABLE),
        Fault::GetUserAnswers503 => (|x| x.is(GetUser), UNAVAILABLE),
        Fault::RevokeAnswers503 => (|x| x.is(RevokeToken), UNAVAILABLE),
        Fault::NewFolderAnswers503 => (|x| x.is(NewFolder), UNAVAILABLE),
        Fault::UploadUrlAnswers503 => (|x| x.is(UploadUrl), UNAVAILABLE),
        Fault::UploadAnswers503 => (|x| x.is(Upload), UNAVAILABLE),
        Fault::DownloadUrlAnswers503 => (|x| x.is(DownloadUrl), UNAVAILABLE),
        Fault::DownloadAnswers503 => (|x| x.is(Download), UNAVAILABLE),
        Fault::ApplicationsAnswer503 => (|x| x.is(Applications), UNAVAILABLE),
        Fault::ListJobsAnswers503 => (|x| x.is(ListJobs), UNAVAILABLE),
        Fault::DeleteJobAnswers503 => (|x| x.is(DeleteJob), UNAVAILABLE),
        Fault::HtmlInsteadOfJson => (|x| x.is(ListJobs), PAGE),
        Fault::EmptyAnswer => (|x| x.is_done(Applications), Body(|_| Vec::new())),
        Fault::BrokenJson => (|x| x.is_done(List), Body(half)),
        Fault::ConnectionCutMidBody => (|x| x.is_done(Applications), Cut),
        Fault::ConnectionDropped => (|x| x.is(ListJobs), Drop),
        Fault::NeverAnswers => (|x| x.is(Applications), Never),
        _ => return None,
    };
    Some(Rule::new(Always, when, change))
}

/// As long as before, with another first byte.
fn altered(mut body: Vec<u8>) -> Vec<u8> {
    if let Some(first) = body.first_mut() {
        *first ^= 1;
    }
    body
}

/// The code of an internal error of S3.
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
