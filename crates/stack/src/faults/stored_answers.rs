//! Answers that a cache between the page and a service has stored.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    body::{Body, to_bytes},
    http::{HeaderValue, response::Parts},
    response::Response,
};
use bytes::Bytes;
use tokio::time::sleep;

use super::dropped_answers::Request;

/// A request, and the token of its user.
type Key = (Request, Option<HeaderValue>);

/// How long an answer is on its way that others get as well: long enough for a second request of a busy browser.
const ON_ITS_WAY: Duration = Duration::from_millis(200);

/// The first answer to each request.
#[derive(Default)]
pub(super) struct StoredAnswers(Mutex<HashMap<Key, (Parts, Bytes)>>);

impl StoredAnswers {
    /// The first answer to this request; `answer` if there was none yet.
    pub(super) async fn first(&self, key: Key, answer: Response) -> Response {
        let (head, body) = answer.into_parts();
        // A body that breaks off counts as empty.
        let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
        let mut stored = self.stored();
        let (head, body) = stored.entry(key).or_insert((head, body)).clone();
        Response::from_parts(head, Body::from(body))
    }

    /// The answer to this request that is on its way; `answer`, which then takes a while, if none is.
    pub(super) async fn shared(&self, key: Key, answer: Response) -> Response {
        let is_alone = !self.stored().contains_key(&key);
        let answer = self.first(key.clone(), answer).await;
        if is_alone {
            sleep(ON_ITS_WAY).await;
            self.stored().remove(&key);
        }
        answer
    }

    fn stored(&self) -> MutexGuard<'_, HashMap<Key, (Parts, Bytes)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
