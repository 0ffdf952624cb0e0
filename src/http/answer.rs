//! An answer, whose body is still to be read.

use std::fmt;

use serde::de::DeserializeOwned;
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

use super::{Failure, Http, Problem, Sent};
use crate::{page, repeat::Trouble};

/// How much of an unexpected body is told.
const BODY_SHOWN: usize = 600;

/// An answer whose status the page can read; its body is still under way.
#[derive(Debug)]
pub struct Answer {
    pub(super) http: Http,
    pub(super) sent: Sent,
    pub(super) response: web_sys::Response,
}

impl Answer {
    /// The status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.response.status()
    }

    /// Whether this answers a repeat: what the attempts before it did is not known.
    #[must_use]
    pub fn is_to_a_repeat(&self) -> bool {
        self.sent.attempt > 1
    }

    /// The trouble that this answer tells of, where it may pass by itself.
    pub(super) fn trouble(&self) -> Option<Trouble> {
        // Of services of other origins the page may read this only if they expose it.
        let retry_after = self.response.headers().get("retry-after");
        let retry_after = retry_after.ok().flatten();
        Trouble::of_answer(self.status(), retry_after.as_deref(), page::timestamp())
    }

    /// The body as text.
    pub async fn text(self) -> Result<String, Failure> {
        match self.read_text().await {
            Ok(text) => Ok(text),
            Err(error) => Err(self.broken_off(&error)),
        }
    }

    /// The body as JSON of the shape `T`.
    pub async fn json<T: DeserializeOwned>(self) -> Result<T, Failure> {
        let text = match self.read_text().await {
            Ok(text) => text,
            Err(error) => return Err(self.broken_off(&error)),
        };
        serde_json::from_str(&text).map_err(|error| {
            // The body itself is told only where it is no JSON: what has the wrong shape may be
            // the answer to a sign-in.
            let why = match error.classify() {
                serde_json::error::Category::Data => misfit::<T>(&text),
                _ => format!("it is no JSON ({error}): {}", shown(&text)),
            };
            let status = self.status();
            self.fail(Problem::Unreadable { status, why })
        })
    }

    /// The body as a blob: its bytes stay in the browser and never enter wasm memory.
    pub async fn blob(self) -> Result<Blob, Failure> {
        let blob = match self.response.blob() {
            Ok(promise) => JsFuture::from(promise).await,
            Err(error) => Err(error),
        };
        match blob {
            Ok(blob) => Ok(Blob::from(blob)),
            Err(error) => Err(self.broken_off(&error)),
        }
    }

    /// The failure that this answer is where one of `expected` was wanted.
    pub async fn unexpected(self, expected: &[u16]) -> Failure {
        let body = match self.read_text().await {
            Ok(text) => shown(&text),
            Err(_) => "(its body cannot be read)".into(),
        };
        let status = self.status();
        self.fail(Problem::Status {
            status,
            expected: expected.to_vec(),
            body,
        })
    }

    async fn read_text(&self) -> Result<String, gloo_net::Error> {
        gloo_net::http::Response::from(Clone::clone(&self.response))
            .text()
            .await
    }

    fn broken_off(self, error: &dyn fmt::Debug) -> Failure {
        let problem = if self.sent.started.elapsed() >= self.sent.deadline {
            Problem::TimedOut(self.sent.deadline)
        } else {
            Problem::Unreadable {
                status: self.status(),
                why: format!("it breaks off ({error:?})"),
            }
        };
        self.fail(problem)
    }

    fn fail(self, problem: Problem) -> Failure {
        let status = self.status();
        self.http.fail(self.sent, Some(status), problem)
    }
}

/// What of a JSON text is not of the shape `T`, with its place.
fn misfit<T: DeserializeOwned>(text: &str) -> String {
    let mut reader = serde_json::Deserializer::from_str(text);
    let read = serde_path_to_error::deserialize::<_, T>(&mut reader);
    read.err()
        .map_or_else(String::new, |error| error.to_string())
}

/// The start of a body, on one line.
fn shown(body: &str) -> String {
    if body.is_empty() {
        return "(no body)".into();
    }
    let mut text: String = body.chars().take(BODY_SHOWN).collect();
    if text.len() < body.len() {
        text.push('…');
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
