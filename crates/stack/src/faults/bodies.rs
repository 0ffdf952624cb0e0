//! Bodies of answers: cut, slowed down, or with something else in their JSON.

use std::{convert::Infallible, io, time::Duration};

use axum::{
    body::{Body, to_bytes},
    http::header::CONTENT_LENGTH,
    response::Response,
};
use bytes::Bytes;
use futures_util::stream;
use serde_json::Value;
use tokio::time::sleep;

/// What happens to a value in a JSON body.
#[derive(Clone, Copy)]
pub(super) enum Edit {
    /// It goes.
    Missing,
    /// It is null.
    Null,
    /// It is made another.
    To(fn(&Value) -> Value),
}

/// The answer without its body, and the body; one that breaks off is empty.
pub(super) async fn taken_apart(answer: Response) -> (Response, Bytes) {
    let (parts, body) = answer.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    (Response::from_parts(parts, Body::empty()), body)
}

pub(super) fn with_body(mut answer: Response, body: Vec<u8>) -> Response {
    answer.headers_mut().remove(CONTENT_LENGTH);
    *answer.body_mut() = Body::from(body);
    answer
}

/// Sends `start`, and breaks the connection once that is on its way.
pub(super) fn cut(start: Bytes) -> Body {
    Body::from_stream(stream::unfold(Some(start), |left| async move {
        match left {
            Some(start) if !start.is_empty() => Some((Ok(start), Some(Bytes::new()))),
            Some(_) => {
                // What was sent is written out as soon as there is nothing else to do.
                sleep(Duration::from_millis(20)).await;
                Some((Err(io::Error::other("cut")), None))
            }
            None => None,
        }
    }))
}

/// Sends `body` in eight pieces with pauses, or in larger numbers where it is long.
pub(super) fn slow(body: Bytes) -> Body {
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

/// The JSON text with the value at `place` changed; what is no JSON stays. A place is made of
/// names behind slashes; `*` stands for every item of a list.
pub(super) fn edited(body: &[u8], place: &str, edit: Edit) -> Vec<u8> {
    let Ok(mut value) = serde_json::from_slice(body) else {
        return body.to_vec();
    };
    let names: Vec<_> = place.split('/').skip(1).collect();
    change(&mut value, &names, edit);
    value.to_string().into_bytes()
}

fn change(value: &mut Value, names: &[&str], edit: Edit) {
    match (names, value) {
        ([], value) => {
            if let Edit::To(make) = edit {
                *value = make(value);
            }
        }
        (["*", rest @ ..], Value::Array(items)) => {
            for item in items {
                change(item, rest, edit);
            }
        }
        ([name], Value::Object(members)) => match edit {
            Edit::Missing => drop(members.shift_remove(*name)),
            Edit::Null => drop(members.insert((*name).to_owned(), Value::Null)),
            Edit::To(make) => {
                if let Some(member) = members.get_mut(*name) {
                    *member = make(member);
                }
            }
        },
        ([name, rest @ ..], Value::Object(members)) => {
            if let Some(member) = members.get_mut(*name) {
                change(member, rest, edit);
            }
        }
        _ => {}
    }
}
