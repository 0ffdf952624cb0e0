//! Answers that a cache between the page and a service has stored.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use axum::{
    body::{Body, to_bytes},
    http::{HeaderValue, response::Parts},
    response::Response,
};
use bytes::Bytes;

use super::dropped_answers::Request;

/// A request, and the token of its user.
type Key = (Request, Option<HeaderValue>);

/// The first answer to each request.
#[derive(Default)]
pub(super) struct StoredAnswers(Mutex<HashMap<Key, (Parts, Bytes)>>);

impl StoredAnswers {
    /// The first answer to this request; `answer` if there was none yet.
    pub(super) async fn first(&self, key: Key, answer: Response) -> Response {
        let (head, body) = answer.into_parts();
        // A body that breaks off counts as empty.
        let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
        let mut stored = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (head, body) = stored.entry(key).or_insert((head, body)).clone();
        Response::from_parts(head, Body::from(body))
    }
}
