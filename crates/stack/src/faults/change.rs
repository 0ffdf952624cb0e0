//! The changes that a rule can make to an answer.

use std::{convert::Infallible, io, time::Duration};

use axum::{
    body::{Body, to_bytes},
    http::{
        HeaderMap, HeaderName, StatusCode,
        header::{CONTENT_LENGTH, CONTENT_TYPE, DATE, LOCATION, SERVER, VARY},
    },
    response::Response,
};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use jiff::{SignedDuration, Timestamp};
use tokio::time::sleep;

use super::json::{Edit, edited};
use crate::http::{self, set};

/// An answer that is not the service's own.
pub(super) struct ForeignAnswer {
    pub(super) status: u16,
    pub(super) server: &'static str,
    pub(super) content_type: &'static str,
    pub(super) location: Option<&'static str>,
    pub(super) body: &'static str,
}

/// A change of an answer.
#[derive(Clone)]
pub(super) enum Change {
    /// All headers that begin with `access-control-` are removed.
    RemoveCors,
    /// A header is removed.
    Remove(HeaderName),
    /// A header occurs once, with this value.
    Set(HeaderName, &'static str),
    /// A header that is present gets another value.
    Rewrite(HeaderName, fn(&str) -> String),
    /// A list in a header loses this name.
    Unlist(HeaderName, &'static str),
    /// A header that is present occurs twice.
    Repeat(HeaderName),
    /// Another status; all else stays.
    Status(u16),
    /// A redirect to another address of the service.
    Redirect,
    /// The redirect of something before the service to the same address without its last slash.
    StripSlash,
    /// The date of a clock that is this far ahead.
    Date(SignedDuration),
    /// Another status, content type and body. The CORS headers stay.
    Replace(u16, &'static str, &'static str),
    /// The answer of something before the service, without CORS headers.
    Foreign(&'static ForeignAnswer),
    /// The real UserAPI's answer to an exception: 500 without CORS headers.
    InternalError,
    /// Another body, made of the one that is there.
    Body(fn(Vec<u8>) -> Vec<u8>),
    /// Another value at a place of a JSON body.
    Json(&'static str, Edit),
    /// `Content-Length` is one more than the body has.
    WrongLength,
    /// The connection ends in the middle of the body.
    Cut,
    /// The body stands still in its middle, and the connection does not end.
    Stall,
    /// The connection ends before the answer's first byte.
    Drop,
    /// No answer comes.
    Never,
    /// The answer is the first one to the same request: the layer around the service keeps it.
    Stored,
    /// The same, whoever asks.
    StoredForAll,
    /// Whoever asks while the answer to the same request is on its way gets that one.
    SharedAtOnce,
    /// The answer comes later.
    Delay(Duration),
    /// The body comes in pieces.
    Slow,
    /// The body comes without `Content-Length`.
    Chunked,
}

/// The answer of a proxy whose service is down.
pub(super) const UNAVAILABLE: Change = Change::Replace(
    503,
    "text/html",
    "<html><body><h1>503 Service Temporarily Unavailable</h1></body></html>",
);

/// The page that a proxy shows while somebody works on its service.
pub(super) const MAINTENANCE: Change = Change::Replace(
    200,
    "text/html",
    "<!DOCTYPE html><html><body><h1>We will be back soon</h1></body></html>",
);

/// The UserAPI's answer where it has no route.
pub(super) const NO_ROUTE: Change =
    Change::Replace(404, "application/json", r#"{"detail":"Not Found"}"#);

pub(super) const NO_CONTENT: Change = Change::Replace(204, "text/plain", "");

impl Change {
    /// The answer to a request for `path`, changed.
    pub(super) async fn apply(self, path: &str, mut answer: Response) -> Response {
        let headers = answer.headers_mut();
        match self {
            Self::RemoveCors => remove_cors(headers),
            Self::Remove(name) => drop(headers.remove(name)),
            Self::Set(name, value) => set(headers, name, value),
            Self::Rewrite(name, rewrite) => edit(headers, name, rewrite),
            Self::Unlist(name, item) => edit(headers, name, |list| without(list, item)),
            Self::Repeat(name) => {
                if let Some(value) = headers.get(&name).cloned() {
                    headers.append(name, value);
                }
            }
            Self::Status(status) => set_status(&mut answer, status),
            Self::Redirect => {
                set(headers, LOCATION, "/access_info");
                set_status(&mut answer, 307);
            }
            Self::StripSlash => {
                remove_cors(headers);
                set(headers, SERVER, "nginx");
                set(headers, LOCATION, path.trim_end_matches('/'));
                return replaced(answer, 301, "text/html", "<html><h1>301 Moved</h1></html>");
            }
            Self::Date(ahead) => {
                set(headers, DATE, &http::date(Timestamp::now() + ahead));
            }
            Self::Replace(status, content_type, text) => {
                return replaced(answer, status, content_type, text);
            }
            Self::Foreign(foreign) => {
                remove_cors(headers);
                if foreign.server.is_empty() {
                    headers.remove(SERVER);
                } else {
                    set(headers, SERVER, foreign.server);
                }
                if let Some(location) = foreign.location {
                    set(headers, LOCATION, location);
                }
                return replaced(answer, foreign.status, foreign.content_type, foreign.body);
            }
            Self::InternalError => {
                remove_cors(headers);
                headers.remove(VARY);
                let content_type = "text/plain; charset=utf-8";
                return replaced(answer, 500, content_type, "Internal Server Error");
            }
            Self::Drop => {
                set(headers, CONTENT_LENGTH, "1");
                let broken = stream::iter([Err::<Bytes, _>(io::Error::other("dropped"))]);
                *answer.body_mut() = Body::from_stream(broken);
            }
            // The layer has put the first answer in the place of this one.
            Self::Stored | Self::StoredForAll | Self::SharedAtOnce => {}
            Self::Never => std::future::pending().await,
            Self::Delay(by) => sleep(by).await,
            of_body => return of_body.apply_to_body(answer).await,
        }
        answer
    }

    async fn apply_to_body(self, answer: Response) -> Response {
        let (parts, body) = answer.into_parts();
        // A body that breaks off counts as empty.
        let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
        let length = body.len();
        let (length, body) = match self {
            Self::Body(rewrite) => (None, rewrite(body.into()).into()),
            Self::Json(place, edit) => (None, edited(&body, place, edit).into()),
            Self::WrongLength => (Some(length + 1), cut_after(body)),
            Self::Cut => (Some(length), cut_after(body.slice(..length / 2))),
            Self::Stall => {
                let start = stream::iter([Ok::<_, Infallible>(body.slice(..length / 2))]);
                (
                    Some(length),
                    Body::from_stream(start.chain(stream::pending())),
                )
            }
            Self::Slow => (Some(length), slow(body)),
            // A stream has no length.
            _ => {
                let whole = stream::iter([Ok::<_, Infallible>(body)]);
                (None, Body::from_stream(whole))
            }
        };
        let mut answer = Response::from_parts(parts, body);
        answer.headers_mut().remove(CONTENT_LENGTH);
        if let Some(length) = length {
            answer.headers_mut().insert(CONTENT_LENGTH, length.into());
        }
        answer
    }
}

/// Sets the status; rules have no other than valid ones.
fn set_status(answer: &mut Response, status: u16) {
    *answer.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
}

fn remove_cors(headers: &mut HeaderMap) {
    let names: Vec<_> = headers.keys().cloned().collect();
    for name in names {
        if name.as_str().starts_with("access-control-") {
            headers.remove(name);
        }
    }
}

fn edit(headers: &mut HeaderMap, name: HeaderName, edit: impl Fn(&str) -> String) {
    if let Some(edited) = http::text(headers, name.clone()).map(edit) {
        set(headers, name, &edited);
    }
}

/// A list of names without one of them, whatever its case.
fn without(list: &str, name: &str) -> String {
    let names = list.split(',').map(str::trim);
    let left: Vec<_> = names.filter(|n| !n.eq_ignore_ascii_case(name)).collect();
    left.join(", ")
}

fn replaced(
    mut answer: Response,
    status: u16,
    content_type: &'static str,
    text: &'static str,
) -> Response {
    set_status(&mut answer, status);
    answer.headers_mut().remove(CONTENT_LENGTH);
    set(answer.headers_mut(), CONTENT_TYPE, content_type);
    *answer.body_mut() = Body::from(text);
    answer
}

/// Sends `start`, and then breaks the connection.
fn cut_after(start: Bytes) -> Body {
    Body::from_stream(stream::unfold(Some(start), |left| async move {
        match left {
            Some(start) if !start.is_empty() => Some((Ok(start), Some(Bytes::new()))),
            Some(_) => {
                // The start is written out as soon as there is nothing else to do.
                sleep(Duration::from_millis(20)).await;
                Some((Err(io::Error::other("cut")), None))
            }
            None => None,
        }
    }))
}

/// Sends `body` in eight pieces with pauses.
fn slow(body: Bytes) -> Body {
    const PIECES: usize = 8;
    const PAUSE: Duration = Duration::from_millis(30);
    let piece = body.len().div_ceil(PIECES).max(1);
    Body::from_stream(stream::unfold(body, move |mut left| async move {
        if left.is_empty() {
            return None;
        }
        sleep(PAUSE).await;
        let next = left.split_to(piece.min(left.len()));
        Some((Ok::<_, Infallible>(next), left))
    }))
}
