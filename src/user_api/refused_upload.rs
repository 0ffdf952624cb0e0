//! Which of the frontend's words an upload is refused for: the same request in other words shows it.

use opencloud_model::service::Service;

use super::{
    client::{CallError, UserApi},
    endpoint::Endpoint,
    s3_refusal,
};
use crate::{
    http::{Failure, Form, Kind, Method, Problem, Request, SUCCESS},
    transfer::{TransferSpec, untyped},
};

/// How often a refused upload is repeated as it is.
const REPEATS: u32 = 5;

impl UserApi {
    /// `failure` of the request for an upload URL, with what the same request without its empty segment
    /// shows. Neither request creates anything.
    pub(super) async fn explain_upload_url(&self, failure: Failure, directory: &str) -> Failure {
        if failure.has_meaning() || !has_status(&failure, &[404, 405]) {
            return failure;
        }
        let Some(folder) = directory.strip_suffix('/') else {
            return self.for_missing_directory(failure, directory).await;
        };
        let is_below = folder.contains('/');
        let other = if is_below {
            folder.to_owned()
        } else {
            format!("{directory}none/")
        };
        let request = self.request(Endpoint::UploadUrl, &[&other]);
        if self.call(request, &[SUCCESS]).await.is_err() {
            return self.for_missing_directory(failure, directory).await;
        }
        failure.because(if is_below {
            "the same request without the empty segment before `url` is answered. The frontend sends \
             `//url` for every single file (UserAPI, its routes, or what the proxy before it does to `//`)"
        } else {
            "the same request for a folder below is answered, so the empty segment right behind the \
             directory's name is lost. The frontend sends it for a file in no folder (the proxy before \
             the UserAPI, merge_slashes)"
        })
    }

    /// `failure` of the request for an upload URL, which says so if only those for directories that exist are
    /// answered.
    async fn for_missing_directory(&self, failure: Failure, directory: &str) -> Failure {
        let folder = directory.trim_end_matches('/');
        let Some((kind, _)) = folder.split_once('/') else {
            return failure;
        };
        if !matches!(
            self.list(&format!("{folder}/"), Endpoint::List).await,
            Ok(None)
        ) {
            return failure;
        }
        let is_answered = async |directory: &str| {
            let request = self.request(Endpoint::UploadUrl, &[directory]);
            self.call(request, &[SUCCESS]).await.is_ok()
        };
        if is_answered(folder).await
            || is_answered(&format!("{folder}/")).await
            || !is_answered(&format!("{kind}/")).await
        {
            return failure;
        }
        failure.because(
            "the directory does not exist yet, and the same request for one that does is answered: an upload makes its \
             directory, so nothing is to be looked for here (UserAPI, POST /files/…/url)",
        )
    }

    /// `failure` of an upload into `directory`, with the change after which it is accepted, if there is one.
    pub(super) async fn explain_upload(
        &self,
        failure: Failure,
        directory: &str,
        spec: impl AsyncFn() -> Result<TransferSpec, CallError>,
        request: impl Fn(TransferSpec) -> Request,
    ) -> Failure {
        if failure.has_meaning() {
            return failure;
        }
        let failed = failure.service_error();
        let failed = failed.filter(|_| failure.sent.service == Service::UserApi);
        if failed.is_none() && !has_status(&failure, &[400, 403, 404, 405, 409, 415, 422]) {
            return s3_refusal::explained(failure);
        }
        // The unchanged upload first: a change proves nothing if that is refused at times only.
        let mut accepted = 0;
        for _ in 0..REPEATS {
            let Ok(spec) = spec().await else {
                return failure;
            };
            let answer = self.http.send(request(spec)).await;
            accepted += u32::from(answer.is_ok_and(|answer| answer.is_success()));
        }
        if failed.is_some()
            && accepted == 0
            && self
                .is_stored_with_its_folder(directory, &spec, &request)
                .await
        {
            return failure.because(
                "the same upload is stored once its folder is there: the upload does not make it (UserAPI, POST \
                 /files/…/upload)",
            );
        }
        if let Some(status) = failed {
            return self.explain_failed_upload(failure, status, accepted).await;
        }
        if accepted > 0 {
            return failure.because(&format!(
                "the same upload, asked for anew, is accepted {accepted} of {REPEATS} times: one of several \
                 instances signs with other keys or for another bucket, or the storage refuses at times \
                 (UserAPI, the instances behind its address: the AWS keys and S3_BUCKET of each)"
            ));
        }
        for (change, of_others) in CHANGES {
            let Ok(spec) = spec().await else {
                return failure;
            };
            let Some(changed) = change(request(spec)) else {
                continue;
            };
            let answer = self.http.send(changed).await;
            if answer.is_ok_and(|answer| answer.is_success()) {
                return failure.because(of_others);
            }
        }
        s3_refusal::explained(failure)
    }
}

impl UserApi {
    /// Whether an upload into `directory`, which is not there, is stored after that was created.
    async fn is_stored_with_its_folder(
        &self,
        directory: &str,
        spec: &impl AsyncFn() -> Result<TransferSpec, CallError>,
        request: &impl Fn(TransferSpec) -> Request,
    ) -> bool {
        let folder = format!("{}/", directory.trim_end_matches('/'));
        if !matches!(self.list(&folder, Endpoint::List).await, Ok(None)) {
            return false;
        }
        let creation = self.request(Endpoint::CreateDirectory, &[&folder]);
        if self.call(creation, &[SUCCESS]).await.is_err() {
            return false;
        }
        let Ok(spec) = spec().await else {
            return false;
        };
        let answer = self.http.send(request(spec)).await;
        answer.is_ok_and(|answer| answer.is_success())
    }
}

/// An upload to the UserAPI itself, whose address is in its answer and in no table.
const UPLOAD: Kind = (Service::UserApi, Method::POST, "");

impl UserApi {
    /// `failure` of an upload to the UserAPI itself, which failed with `status` and was `accepted` so many times
    /// afterwards, with what a listing shows.
    async fn explain_failed_upload(&self, failure: Failure, status: u16, accepted: u32) -> Failure {
        if accepted > 0 {
            let why = if accepted == REPEATS {
                "it fails over what is done at the same time, or one of many instances fails"
            } else {
                "one of several instances fails, or all do at times"
            };
            return failure.because(&format!(
                "the UserAPI failed ({status}), and the same upload is stored {accepted} of {REPEATS} times a moment \
                 later: {why} ({status} from UserAPI, its log; the instances behind its address, and the disk of each)"
            ));
        }
        if self.list("", Endpoint::List).await.is_err() {
            return failure;
        }
        let (what, setting) = if self.http.has_succeeded(&UPLOAD) {
            (
                "others have been stored in this run, so it fails over this one: its size, its name, or what is there \
                 already",
                "its log; its directory for temporary files (TMPDIR), which holds large bodies for a while",
            )
        } else {
            (
                "files can be listed, and this one is not stored",
                "its log, and the disk of USER_DATA_ROOT_PATH: its free space, and the right to write there",
            )
        };
        failure.because(&format!(
            "the UserAPI failed ({status}): {what} ({status} from UserAPI, {setting})"
        ))
    }
}

fn has_status(failure: &Failure, statuses: &[u16]) -> bool {
    matches!(&failure.problem, Problem::Status { status, .. } if statuses.contains(status))
}

/// A change of an upload, if that makes another request, and what it means that this one is accepted.
type Change = (fn(Request) -> Option<Request>, &'static str);

const CHANGES: [Change; 3] = [
    (
        |request| {
            let mut is_typed = false;
            let request = request.with_form(|form| {
                is_typed = !form.file.type_().is_empty();
                form.file = untyped(&form.file);
            });
            is_typed.then_some(request)
        },
        "the same file as application/octet-stream is accepted. A browser sends the file's own media type \
         (the policy that the UserAPI signs, or what the storage demands)",
    ),
    (
        |request| {
            let mut is_sorted = true;
            let request = request.with_form(|Form { fields, .. }| {
                is_sorted = fields.is_sorted_by_key(|(name, _)| name);
                fields.sort_by(|(left, _), (right, _)| left.cmp(right));
            });
            (!is_sorted).then_some(request)
        },
        "the same form with its fields sorted by name is accepted. The frontend sends the key, then the \
         others as the UserAPI returns them (the storage)",
    ),
    (
        |request| {
            request.with_url(|url| {
                let end = url.strip_suffix("//upload")?;
                Some(format!("{end}/upload"))
            })
        },
        "the same upload without the empty segment before `upload` is accepted. The frontend sends \
         `//upload` for every single file (UserAPI, its routes, or what the proxy before it does to `//`)",
    ),
];
