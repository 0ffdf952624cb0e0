//! An answer, whose body is still to be read.

use serde::de::DeserializeOwned;
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

use super::{Failure, Http, Problem, Request, Sent};
use crate::{page, repeat::Trouble};

/// How much of an unexpected body is told.
const BODY_SHOWN: usize = 600;

/// An answer whose status the page can read; its body is still under way.
#[derive(Debug)]
pub struct Answer {
    pub(super) http: Http,
    /// To be sent again where the body breaks off.
    pub(super) request: Box<Request>,
    pub(super) sent: Sent,
    pub(super) response: web_sys::Response,
}

impl Answer {
    /// The status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.response.status()
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
        let (text, _) = self.read(read_text).await?;
        Ok(text)
    }

    /// The body as JSON of the shape `T`.
    pub async fn json<T: DeserializeOwned>(self) -> Result<T, Failure> {
        let (text, answer) = self.read(read_text).await?;
        serde_json::from_str(&text).map_err(|error| {
            // The body itself is told only where it is no JSON: what has the wrong shape may be
            // the answer to a sign-in.
            let why = match error.classify() {
                serde_json::error::Category::Data => misfit::<T>(&text),
                _ => format!("it is no JSON ({error}): {}", shown(&text)),
            };
            answer.unreadable(why, false)
        })
    }

    /// The body as a blob: its bytes stay in the browser and never enter wasm memory.
    pub async fn blob(self) -> Result<Blob, Failure> {
        let (blob, _) = self.read(read_blob).await?;
        Ok(blob)
    }

    /// This answer, if it is one of success.
    pub async fn success(self) -> Result<Self, Failure> {
        if self.response.ok() {
            Ok(self)
        } else {
            Err(self.unexpected(&[]).await)
        }
    }

    /// The failure that this answer is where one of `expected` was wanted.
    pub async fn unexpected(self, expected: &[u16]) -> Failure {
        let body = match read_text(&self.response).await {
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

    /// Reads the body; where that breaks off, of the answer to another attempt.
    async fn read<T>(
        mut self,
        body: impl AsyncFn(&web_sys::Response) -> Result<T, String>,
    ) -> Result<(T, Self), Failure> {
        loop {
            match body(&self.response).await {
                Ok(read) => return Ok((read, self)),
                // Seldom needed, and large.
                Err(error) => self = Box::pin(self.again(&error)).await?,
            }
        }
    }

    /// The answer to another attempt, of the same status, if there may be one.
    async fn again(self, error: &str) -> Result<Self, Failure> {
        let Sent {
            started, deadline, ..
        } = self.sent;
        if started.elapsed() >= deadline {
            return Err(self.fail(Problem::TimedOut(deadline)));
        }
        let (http, request) = (self.http.clone(), self.request.clone());
        let (status, attempt) = (self.status(), self.sent.attempt);
        let failure = self.unreadable(format!("it breaks off ({error})"), true);
        let repeated = request.repeatable
            && http
                .prepare_repeat(&request.name, &Trouble::BrokenOff, attempt)
                .await;
        if !repeated {
            return Err(failure);
        }
        let answer = http.attempt(&request, attempt + 1).await?;
        if answer.status() == status {
            Ok(answer)
        } else {
            Err(answer.unexpected(&[status]).await)
        }
    }

    fn unreadable(self, why: String, breaks_off: bool) -> Failure {
        let status = self.status();
        self.fail(Problem::Unreadable {
            status,
            why,
            breaks_off,
        })
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

async fn read_text(response: &web_sys::Response) -> Result<String, String> {
    let response = gloo_net::http::Response::from(Clone::clone(response));
    let text = response.text().await;
    text.map_err(|error| format!("{error:?}"))
}

async fn read_blob(response: &web_sys::Response) -> Result<Blob, String> {
    let blob = match response.blob() {
        Ok(promise) => JsFuture::from(promise).await,
        Err(error) => Err(error),
    };
    blob.map(Blob::from).map_err(|error| format!("{error:?}"))
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
