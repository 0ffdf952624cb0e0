//! Uploads and downloads, in their two steps.

use std::time::Duration;

use opencloud_model::{event::Failure, service::Service};
use secrecy::{ExposeSecret, SecretString};
use web_sys::Blob;

use super::{
    client::{CallError, UserApi},
    endpoint::Endpoint,
    files::{FileInfo, FileKind, normal, paths},
    s3_refusal,
    stale::Stale,
};
use crate::{
    content, expiry, file_name, file_size,
    http::{self, Answer, Request},
    page,
    transfer::{TransferSpec, download_request, upload_request},
};

/// What to check if a listing does not show an uploaded file.
const LISTING: &str = "(UserAPI, GET /files; or the storage, which took the upload)";

impl UserApi {
    /// Uploads `content` into `directory`, which must not be the root, under `file_name`. With a slash at
    /// its end, `directory` is asked for as for a single file, and without one as for a file of a whole
    /// directory.
    pub async fn upload(
        &self,
        directory: &str,
        content: &Blob,
        file_name: &str,
    ) -> Result<(), CallError> {
        let folder = directory.trim_end_matches('/');
        content::keep(&format!("{folder}/{file_name}"), content);
        let spec = async || self.upload_spec(directory).await;
        let request = |spec| upload_request(spec, content, file_name);
        // Boxed because the future is part of that of many steps.
        match Box::pin(self.second_step(spec, request)).await {
            Ok(answer) => {
                let (name, status) = (format!("upload {file_name}"), answer.status());
                let text = answer.text().await.unwrap_or_default();
                // As S3 answers a copy that fails late, and some that stand for S3 an upload; or a page for people.
                if text.contains("<Error>") || http::is_page(&text) {
                    let text = http::shown(&text);
                    return Err(CallError::ErrorInSuccess { name, status, text });
                }
                match stored_elsewhere(&text, folder) {
                    Some(path) => Err(CallError::StoredElsewhere { name, path }),
                    None => Ok(()),
                }
            }
            // Boxed because the future is large and seldom needed.
            Err(CallError::Http(failure)) => Err(Box::pin(
                self.explain_upload(failure, directory, spec, request),
            )
            .await
            .into()),
            Err(other) => Err(other),
        }
    }

    /// Fails unless the listing of `directory` shows the uploaded file with its size.
    pub async fn check_uploaded(
        &self,
        directory: &str,
        content: &Blob,
        file_name: &str,
    ) -> Result<(), Failure> {
        let path = format!("{directory}{file_name}");
        let listing = self.list(directory, Endpoint::List).await?;
        let listing = listing.unwrap_or_default();
        let size = file_size::of(content);
        let listed = listing.iter().find(|entry| entry.path == path);
        let problem = match listed {
            Some(found) if found.kind == FileKind::File && found.size == size => return Ok(()),
            Some(found) => {
                // Boxed because the future is large and seldom needed.
                let came = Box::pin(self.what_is_stored(&path, content)).await;
                let came = came.map_or(String::new(), |came| format!("; {came}"));
                let digits = |size: &str| {
                    size.chars()
                        .filter(char::is_ascii_digit)
                        .collect::<String>()
                };
                let where_to_look = if !came.is_empty() {
                    LISTING
                } else if digits(&found.size) == digits(&size) {
                    "(UserAPI, GET /files: how it writes sizes)"
                } else if found.size == file_size::cut(file_size::bytes(content)) {
                    "(UserAPI, GET /files: how it writes sizes; it rounds them, and here cuts them)"
                } else {
                    LISTING
                };
                format!(
                    "shows {:?} with {} {where_to_look}{came}",
                    found.kind, found.size
                )
            }
            None if is_of_another(directory, &listing) => {
                let shown = paths(&listing);
                return Err(Failure::stack(format!(
                    "{path} was uploaded with {size}, but the listing is of another directory than {directory}, \
                     as if another address was asked for or this was the answer to another request (UserAPI, \
                     GET /files, and what stands before it); it shows {shown}"
                )));
            }
            None => {
                let shown = listing.iter().map(|entry| entry.path.as_str());
                if let Some(other) = file_name::look_alike(&path, shown) {
                    format!("shows another name {LISTING}, {other}")
                } else {
                    // Boxed because the future is large and seldom needed.
                    let place = match Box::pin(self.other_place(directory)).await {
                        Some(place) => format!("{place}, and the listing"),
                        None => LISTING.to_owned() + "; it",
                    };
                    format!("does not show it {place} shows {}", paths(&listing))
                }
            }
        };
        // Boxed because the future is large and seldom needed.
        let stale = Box::pin(self.explain_stale(directory, &path, &size)).await;
        let problem = match (listed, stale) {
            (_, None) => problem,
            (Some(found), Some(Stale::AtTimes(right, of))) => format!(
                "shows {:?} with {}; the same request is answered right {right} of {of} times: one of several \
                 instances tells of the file in another way, or has an earlier one (UserAPI, the instances \
                 behind its address)",
                found.kind, found.size
            ),
            (_, Some(stale)) => stale.told("storage"),
        };
        Err(Failure::stack(format!(
            "{path} was uploaded with {size}, but the listing {problem}"
        )))
    }

    /// Where the form for an upload into `directory` stores files, if that is not there.
    async fn other_place(&self, directory: &str) -> Option<String> {
        let path = normal(directory);
        let kind = path.split('/').next()?;
        let root = match self.download_spec(kind).await {
            Ok(spec) => spec.path().and_then(|there| root_of(&there, kind)),
            Err(_) => None,
        };
        // As for a single file, and as for one of a whole directory.
        for asked in [format!("{path}/"), path.clone()] {
            let form = self.upload_spec(&asked).await.ok()?;
            let key = form.key()?;
            let beginning = key.strip_suffix("${filename}").unwrap_or(key);
            let place = beginning.strip_suffix(&format!("{path}/"));
            let why = match (place, &root) {
                (Some(place), Some(root)) if !root.ends_with(&format!("/{place}")) => {
                    format!(", and downloads are from {root}")
                }
                (Some(_), _) => continue,
                (None, _) => format!(" and not in {directory}"),
            };
            return Some(format!(
                "(UserAPI, POST /files/{asked}/url): by its key, the form stores files as {key}{why}"
            ));
        }
        None
    }

    /// What is stored at `path` instead of `content`, as a download shows it.
    async fn what_is_stored(&self, path: &str, content: &Blob) -> Option<String> {
        let down = self.download(path).await.ok()?.blob().await.ok()?;
        content::difference_of(path, content, &down).await
    }

    /// How a listing of `directory` without the file at `path`, of that `size`, is wrong, if another answer to the
    /// same request shows it.
    async fn explain_stale(&self, directory: &str, path: &str, size: &str) -> Option<Stale> {
        let is_right = async |change: fn(Request) -> Request| {
            let request = self.request(Endpoint::List, &[directory]);
            let again = self.listed(change(request)).await.ok()?;
            let mut entries = again.into_iter().flatten();
            Some(entries.any(|entry| entry.path == path && entry.size == size))
        };
        self.staleness(is_right).await
    }

    /// Downloads the file at `path`.
    pub async fn download(&self, path: &str) -> Result<Answer, CallError> {
        self.downloaded(path, |request| request).await
    }

    /// Downloads the file at `path`, whatever the browser has stored: a file on the UserAPI's disk has the same
    /// address for each user, and for a tenth of its age the browser may take one for another's.
    pub async fn download_anew(&self, path: &str) -> Result<Answer, CallError> {
        self.downloaded(path, Request::anew).await
    }

    async fn downloaded(
        &self,
        path: &str,
        change: impl Fn(Request) -> Request,
    ) -> Result<Answer, CallError> {
        let spec = async || self.download_spec(path).await;
        let request = |spec| change(download_request(spec, path));
        // Boxed because the future is part of that of many steps.
        match Box::pin(self.second_step(spec, request)).await {
            Err(CallError::Http(failure)) => {
                // Boxed because the future is large and seldom needed.
                let other = Box::pin(self.other_key(&failure, path)).await;
                Err(match other {
                    Some(other) => failure.because(&other),
                    None => s3_refusal::explained(failure),
                }
                .into())
            }
            other => other,
        }
    }

    /// How the URL for a download of `path` leads to another key than uploads are stored under, if S3 does not
    /// have the key.
    async fn other_key(&self, failure: &http::Failure, path: &str) -> Option<String> {
        if !(failure.sent.service == Service::S3 && failure.has_status(404)) {
            return None;
        }
        let (directory, file) = path.rsplit_once('/')?;
        let form = self.upload_spec(&format!("{directory}/")).await.ok()?;
        let stored = format!("{}/{file}", form.key_directory()?);
        let asked = self.download_spec(path).await.ok()?.path()?;
        let is_same = asked.ends_with(&format!("/{stored}"))
            && !asked.ends_with(&format!("{0}/{stored}", stored.split('/').next()?));
        (!is_same).then(|| {
            format!(
                "the URL leads to {asked}, and uploads into that directory are stored as {stored} (UserAPI, GET \
                 /files/…/url)"
            )
        })
    }

    /// Gets `spec` and sends the request that is prepared in it. A request to the UserAPI itself carries
    /// the token of that step, which may have expired since. If it is refused, repeats both steps. Accepts
    /// any status of success: S3 answers 204, the UserAPI's own upload 201.
    async fn second_step(
        &self,
        spec: impl AsyncFn() -> Result<TransferSpec, CallError>,
        request: impl Fn(TransferSpec) -> Request,
    ) -> Result<Answer, CallError> {
        let mut prepared = Prepared::of(spec().await?);
        let first = request(prepared.spec);
        let (service, name) = (first.service, first.name.clone());
        let has_token_for_s3 = prepared.has_token_for_s3;
        let explained = |failure: http::Failure| {
            if has_token_for_s3 && failure.is_refused() {
                return failure.because(TOKEN_FOR_S3);
            }
            failure
        };
        let mut answer = self.http.send(first).await.map_err(explained)?;
        if answer.status() == 401 && service == Service::UserApi {
            let why = "answered 401: its token may have expired".into();
            http::report_retry(&name, 2, why, Duration::ZERO);
            prepared = Prepared::of(spec().await?);
            answer = self.http.send(request(prepared.spec)).await?;
        }
        let is_refused = [401, 403].contains(&answer.status());
        let is_own = async |returned: &SecretString| {
            let sent = self.session.token().await;
            sent.is_ok_and(|sent| {
                returned.expose_secret() == format!("Bearer {}", sent.expose_secret())
            })
        };
        let why = match &prepared.authorization {
            Some(returned) if is_refused && !is_own(returned).await => OTHER_TOKEN,
            _ => NO_TOKEN,
        };
        match (answer.success().await.map_err(explained), prepared.expired) {
            (Err(failure), _) if has_token_for_s3 => Err(failure.into()),
            (Err(failure), Some(explanation)) if is_refused => Err(CallError::Expired {
                failure,
                explanation,
            }),
            (Err(failure), None)
                if service == Service::UserApi
                    && failure.has_status(401)
                    && !failure.has_meaning() =>
            {
                Err(failure.because(why).into())
            }
            (Err(failure), None)
                if failure.has_status(403) && !prepared.missing_headers.is_empty() =>
            {
                let headers = prepared.missing_headers.join(", ");
                let why = format!(
                    "the URL is signed with {headers}, and no such header is among those that are to be sent with it \
                     (UserAPI, the headers in its answer against those that it signs)"
                );
                Err(failure.because(&why).into())
            }
            (outcome, _) => Ok(outcome?),
        }
    }
}

/// What it means that the UserAPI refuses the token that it has just returned for a transfer.
const NO_TOKEN: &str = "the UserAPI has just returned the token for it, and has accepted that before: it does not \
                        arrive at this address, or is refused there (UserAPI, the headers that the proxy before it \
                        passes on for files)";

/// The beginning of the addresses of all of the user's files, from that of the directory `kind`.
fn root_of(there: &str, kind: &str) -> Option<String> {
    let root = there.trim_end_matches('/').strip_suffix(kind)?;
    Some(root.to_owned())
}

/// What it means that S3 refuses a signed request which the UserAPI lets the page send with the user's token.
const TOKEN_FOR_S3: &str = "the UserAPI returns the user's token for this request to S3, which is signed: S3 takes one \
                            of the two, and its CORS rules need no header from the page (UserAPI, `headers` in its \
                            answer to POST or GET /files/…/url: none for S3)";

/// Where the answer to an upload says that the file is, if that is in another directory than `folder`. S3 says
/// nothing.
fn stored_elsewhere(answer: &str, folder: &str) -> Option<String> {
    let stored: FileInfo = serde_json::from_str(answer).ok()?;
    let is_there = normal(&stored.path).starts_with(&(normal(folder) + "/"));
    (!is_there).then_some(stored.path)
}

/// What it means that it refuses another value than the page's own.
const OTHER_TOKEN: &str = "the authorization that the UserAPI has returned for it is not the one with which it was \
                           asked (UserAPI, POST and GET /files/…/url: the caller's header as it is)";

/// Whether all entries in a listing of `directory` are in other directories.
fn is_of_another(directory: &str, listing: &[FileInfo]) -> bool {
    let directory = normal(directory) + "/";
    let is_elsewhere = |entry: &FileInfo| {
        let path = normal(&entry.path);
        path.contains('/') && !(path + "/").starts_with(&directory)
    };
    !listing.is_empty() && listing.iter().all(is_elsewhere)
}

/// What the first step of a transfer has returned.
struct Prepared {
    spec: TransferSpec,
    /// The user's token, as it was returned.
    authorization: Option<SecretString>,
    /// How it had expired before it came, if it had.
    expired: Option<String>,
    /// Whether that is to be sent to S3.
    has_token_for_s3: bool,
    /// The headers that are signed and not to be sent.
    missing_headers: Vec<String>,
}

impl Prepared {
    fn of(spec: TransferSpec) -> Self {
        let now = page::timestamp();
        let expired = spec.expires().and_then(|time| expiry::explain(time, now));
        let authorization = spec.authorization().cloned();
        let has_token_for_s3 = spec.has_token_for_s3();
        let missing_headers = spec.missing_headers();
        Self {
            spec,
            authorization,
            expired,
            has_token_for_s3,
            missing_headers,
        }
    }
}
