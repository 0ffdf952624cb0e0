//! The one door for requests: nothing else in the suite calls `fetch`.
//!
//! Each request has a name, a deadline, a start and an end, and fails in one of a closed set of
//! ways ([`Problem`]).

use std::{fmt, rc::Rc, time::Duration};

use gloo_net::http::{Method, RequestBuilder};
use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Blob, FormData};

use crate::page::{self, Instant};

/// How long an answer may take unless the request says otherwise. The slowest answer on record
/// from the real UserAPI, a job created while a worker polls, took 10 s.
pub const DEADLINE: Duration = Duration::from_secs(30);

/// How much of an unexpected body is told.
const BODY_SHOWN: usize = 600;

/// A request to be sent.
#[derive(Debug)]
pub struct Request {
    name: String,
    method: Method,
    url: String,
    headers: Vec<(String, SecretString)>,
    body: Body,
    deadline: Duration,
}

#[derive(Debug)]
enum Body {
    None,
    Text(SecretString),
    Form(FormData),
}

impl Request {
    /// A request without headers or body. `name` says what it is for, in a few words.
    pub fn new(method: Method, name: impl Into<String>, url: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            method,
            url: url.into(),
            headers: Vec::new(),
            body: Body::None,
            deadline: DEADLINE,
        }
    }

    /// A GET request.
    pub fn get(name: impl Into<String>, url: impl Into<String>) -> Self {
        Self::new(Method::GET, name, url)
    }

    /// A POST request.
    pub fn post(name: impl Into<String>, url: impl Into<String>) -> Self {
        Self::new(Method::POST, name, url)
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Adds a header whose value nobody may see.
    #[must_use]
    pub fn secret_header(mut self, name: &str, value: SecretString) -> Self {
        self.headers.push((name.into(), value));
        self
    }

    /// Adds `authorization` with a bearer token.
    #[must_use]
    pub fn bearer(self, token: &SecretString) -> Self {
        let value = format!("Bearer {}", token.expose_secret());
        self.secret_header("authorization", value.into())
    }

    /// Sends `value` as JSON, with the content type `application/json`.
    #[must_use]
    pub fn json<T: Serialize>(self, value: &T) -> Self {
        self.header("content-type", "application/json")
            .json_text(value)
    }

    /// Sends `value` as JSON, without saying so in a header.
    ///
    /// # Panics
    /// If `value` cannot be written as JSON, as a map whose keys are no text.
    #[must_use]
    pub fn json_text<T: Serialize>(mut self, value: &T) -> Self {
        let text = serde_json::to_string(value).expect("requests are plain data");
        self.body = Body::Text(text.into());
        self
    }

    /// Sends a form; the browser adds the content type with its boundary.
    #[must_use]
    pub fn form(mut self, form: FormData) -> Self {
        self.body = Body::Form(form);
        self
    }

    /// Changes how long the answer, its body included, may take.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    fn build(self, signal: &AbortSignal) -> Result<gloo_net::http::Request, gloo_net::Error> {
        let mut builder = RequestBuilder::new(&self.url)
            .method(self.method)
            .abort_signal(Some(signal));
        for (name, value) in &self.headers {
            builder = builder.header(name, value.expose_secret());
        }
        match self.body {
            Body::None => builder.build(),
            Body::Text(text) => builder.body(text.expose_secret()),
            Body::Form(form) => builder.body(form),
        }
    }
}

/// What is known of a request once it was sent: enough to talk about it, nothing secret.
#[derive(Clone, Debug)]
pub struct Sent {
    /// What it is for.
    pub name: String,
    /// Its method.
    pub method: String,
    /// Its URL without the query, which may hold a signature.
    pub url: String,
    /// How long the answer may take.
    pub deadline: Duration,
    /// When it was sent, in milliseconds since 1970.
    pub started_at: f64,
    started: Instant,
}

impl fmt::Display for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} {})", self.name, self.method, self.url)
    }
}

/// A request with its outcome, for whoever keeps a record.
#[derive(Debug)]
pub struct Exchange<'a> {
    /// The request.
    pub sent: &'a Sent,
    /// How long it took until its answer's headers were there, or until it failed.
    pub duration: Duration,
    /// The answer's status, if the page could read it.
    pub status: Option<u16>,
    /// How it failed otherwise.
    pub problem: Option<&'a Problem>,
}

/// A request that failed.
#[derive(Debug, thiserror::Error)]
#[error("{sent}: {problem}")]
pub struct Failure {
    /// The request.
    pub sent: Sent,
    /// In which way it failed.
    pub problem: Problem,
}

/// The ways in which a request can fail, as a page can tell them apart.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// Nothing answers at the URL, not even something that the page may not read.
    #[error("nothing answers there, or the connection breaks")]
    Unreachable,
    /// Something answers, but the browser keeps the answer from the page.
    #[error(
        "the server answers, but the browser does not let a page of origin {origin} see the \
         answer (CORS)"
    )]
    Blocked {
        /// The page's origin.
        origin: String,
    },
    /// The deadline came before the answer's last byte.
    #[error("no whole answer within {0:?}")]
    TimedOut(Duration),
    /// The answer is readable, but its status is none of those that were expected.
    #[error("answered {status} instead of {}: {body}", list(.expected))]
    Status {
        /// The status.
        status: u16,
        /// Those that were expected.
        expected: Vec<u16>,
        /// The start of the body, or why it is not there.
        body: String,
    },
    /// The answer's body breaks off or is not what it should be.
    #[error("answered {status}, but its body cannot be read: {why}")]
    Unreadable {
        /// The status.
        status: u16,
        /// What is wrong with the body.
        why: String,
    },
}

fn list(expected: &[u16]) -> String {
    let expected: Vec<_> = expected.iter().map(u16::to_string).collect();
    expected.join(" or ")
}

/// Sends requests. Clones share the record keeper.
#[derive(Clone)]
pub struct Http {
    record: Rc<dyn Fn(&Exchange<'_>)>,
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Http")
    }
}

impl Http {
    /// `record` is shown every request once its outcome is known.
    pub fn new(record: impl Fn(&Exchange<'_>) + 'static) -> Self {
        Self {
            record: Rc::new(record),
        }
    }

    /// Sends `request` and takes any answer that the page can read.
    pub async fn send(&self, request: Request) -> Result<Answer, Failure> {
        let sent = Sent {
            name: request.name.clone(),
            method: request.method.to_string(),
            url: request
                .url
                .split(['?', '#'])
                .next()
                .unwrap_or_default()
                .to_owned(),
            deadline: request.deadline,
            started_at: page::wall_clock(),
            started: Instant::now(),
        };
        let milliseconds = u32::try_from(request.deadline.as_millis()).unwrap_or(u32::MAX);
        let signal = AbortSignal::timeout_with_u32(milliseconds);
        let outcome = match request.build(&signal) {
            Ok(request) => request.send().await,
            Err(error) => Err(error),
        };
        match outcome {
            Ok(response) => {
                self.note(&sent, Some(response.status()), None);
                Ok(Answer {
                    http: self.clone(),
                    sent,
                    response: response.into(),
                })
            }
            Err(_) if signal.aborted() => {
                let problem = Problem::TimedOut(sent.deadline);
                Err(self.fail(sent, None, problem))
            }
            Err(_) => {
                let problem = if answers_at_all(&sent.url).await {
                    Problem::Blocked {
                        origin: page::origin(),
                    }
                } else {
                    Problem::Unreachable
                };
                Err(self.fail(sent, None, problem))
            }
        }
    }

    /// Sends `request` and takes an answer of one of the `expected` statuses.
    pub async fn expect(&self, request: Request, expected: &[u16]) -> Result<Answer, Failure> {
        let answer = self.send(request).await?;
        if expected.contains(&answer.status()) {
            Ok(answer)
        } else {
            Err(answer.unexpected(expected).await)
        }
    }

    fn fail(&self, sent: Sent, status: Option<u16>, problem: Problem) -> Failure {
        self.note(&sent, status, Some(&problem));
        Failure { sent, problem }
    }

    fn note(&self, sent: &Sent, status: Option<u16>, problem: Option<&Problem>) {
        (self.record)(&Exchange {
            sent,
            duration: sent.started.elapsed(),
            status,
            problem,
        });
    }
}

/// Whether anything answers at `url`: a `no-cors` request resolves, unread, as soon as it does
/// (Fetch standard, "HTTP fetch": its response is opaque).
async fn answers_at_all(url: &str) -> bool {
    let signal = AbortSignal::timeout_with_u32(3000);
    RequestBuilder::new(url)
        .mode(web_sys::RequestMode::NoCors)
        .abort_signal(Some(&signal))
        .send()
        .await
        .is_ok()
}

/// An answer whose status the page can read; its body is still under way.
#[derive(Debug)]
pub struct Answer {
    http: Http,
    sent: Sent,
    response: web_sys::Response,
}

impl Answer {
    /// The status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.response.status()
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
                serde_json::error::Category::Data => error.to_string(),
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
