//! Requests that were sent, and how they can fail.

use std::{fmt, time::Duration};

use opencloud_model::{cause::Cause, event, request_body::RequestBody, service::Service};

use super::request::Request;
use crate::{
    page::{self, Instant},
    retry::Transient,
};

/// A request that was sent, without its secrets.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The service that it went to.
    pub service: Service,
    /// What it is for.
    pub name: String,
    /// Its method.
    pub method: String,
    /// Its URL without the query, which may hold a signature.
    pub url: String,
    /// Its body.
    pub body: Option<Box<RequestBody>>,
    /// Which attempt it is, from 1.
    pub attempt: u32,
    /// How long the answer may take.
    pub deadline: Duration,
    /// When it was sent, in milliseconds since 1970.
    pub started_at: f64,
    pub(super) started: Instant,
}

impl Sent {
    /// `request` is being sent now, and its answer may take until `deadline`.
    pub(super) fn now(request: &Request, attempt: u32, deadline: Duration) -> Self {
        Self {
            service: request.service,
            name: request.name.clone(),
            method: request.method.to_string(),
            url: request.bare_url().to_owned(),
            body: request.shown_body().map(Box::new),
            attempt,
            deadline,
            started_at: page::wall_clock(),
            started: Instant::now(),
        }
    }
}

impl fmt::Display for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} {})", self.name, self.method, self.url)?;
        match self.attempt {
            1 => Ok(()),
            attempt => write!(f, ", attempt {attempt}"),
        }
    }
}

/// A request that failed.
#[derive(Debug, thiserror::Error)]
#[error("{sent}: {problem}")]
pub struct Failure {
    /// The request.
    pub sent: Sent,
    /// In which way it failed.
    pub problem: Problem,
    /// Whether [`Failure::because`] has said why.
    pub(super) is_explained: bool,
}

impl Failure {
    /// Whether the browser keeps the answer from the page.
    #[must_use]
    pub fn is_blocked(&self) -> bool {
        matches!(self.problem, Problem::Blocked { .. })
    }
}

/// The ways in which a request can fail, as a page can tell them apart.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// Nothing answers at the URL, not even with an answer that the page may not read.
    #[error("{0}")]
    Unreachable(String),
    /// A service has asked for a header that no browser sends.
    #[error("{0}")]
    Unsendable(String),
    /// Something answers, but the browser does not understand it: no TLS, or no HTTP.
    #[error("{0}")]
    NotUnderstood(String),
    /// Something answers, but the browser keeps the answer from the page.
    #[error("the browser keeps the answer from a page of origin {origin}: {explanation}")]
    Blocked {
        /// The page's origin.
        origin: String,
        /// Why.
        cause: Cause,
        /// Why, in a sentence, with the setting to look at.
        explanation: String,
        /// Whether this is certain. If not, the connection may have broken instead.
        certain: bool,
        /// The status of the answer, if the engine saw one that says that the service, or a gateway
        /// before it, is busy or away for a moment.
        transient_status: Option<u16>,
    },
    /// The browser itself failed: its memory, its disk or its files.
    #[error("the browser itself failed: {0}")]
    Browser(String),
    /// The deadline passed before the last byte of the answer had come.
    #[error("no complete answer within {limit:?}{meaning}")]
    TimedOut {
        /// How long it might have taken.
        limit: Duration,
        /// What is answered instead, after a separator; may be empty.
        meaning: &'static str,
    },
    /// The answer has a status that was not expected.
    #[error("answered {status} instead of {}: {body}{meaning}", list(.expected))]
    Status {
        /// The status.
        status: u16,
        /// The expected ones; empty if any status of success was expected.
        expected: Vec<u16>,
        /// The start of the body, or why there is none.
        body: String,
        /// What other answers of the service show of the cause, after a separator; may be empty.
        meaning: String,
    },
    /// The answer's body is incomplete or malformed.
    #[error("answered {status}, but its body cannot be read: {why}")]
    Unreadable {
        /// The status.
        status: u16,
        /// What is wrong with the body.
        why: String,
        /// Whether the connection ended before the body did.
        breaks_off: bool,
    },
}

impl Problem {
    /// That no browser sends the header of that `name`.
    pub(super) fn unsendable(name: &str) -> Self {
        let what = if name.eq_ignore_ascii_case("authorization") {
            "the token cannot be sent: it holds a line break, or a character that no header may hold (Cognito, its \
             tokens, and what changes its answers on the way)"
                .into()
        } else {
            format!(
                "the answer before it asks for the header {name:?}, which no browser sends: its name or its value holds \
                 what no header may hold (UserAPI, headers in the answer to POST or GET /files/…/url)"
            )
        };
        Self::Unsendable(what)
    }

    /// The transient failure behind the problem, if there may be one.
    pub(crate) fn transient(&self) -> Option<Transient> {
        match self {
            // Only another attempt shows whether a connection broke by chance.
            Self::Unreachable(_) | Self::Blocked { certain: false, .. } => Some(Transient::Lost),
            Self::Unreadable {
                breaks_off: true, ..
            } => Some(Transient::BrokenOff),
            Self::Status { status, .. }
            | Self::Blocked {
                transient_status: Some(status),
                ..
            } => Transient::of_answer(*status, None, page::timestamp()),
            _ => None,
        }
    }
}

impl Failure {
    /// Adds what other answers of the service show of the cause.
    #[must_use]
    pub(crate) fn because(mut self, why: &str) -> Self {
        self.is_explained = true;
        match &mut self.problem {
            Problem::Status { meaning, .. } => {
                meaning.push_str("; ");
                meaning.push_str(why);
            }
            Problem::Blocked { explanation, .. } => why.clone_into(explanation),
            _ => {}
        }
        self
    }

    /// Adds a remark to what it says already.
    #[must_use]
    pub(crate) fn remarking(mut self, remark: &str) -> Self {
        if let Problem::Status { meaning: text, .. }
        | Problem::Blocked {
            explanation: text, ..
        } = &mut self.problem
        {
            text.push_str("; ");
            text.push_str(remark);
        }
        self
    }

    /// The same, with what it means if the answer that the browser keeps has one of the `expected` statuses and is
    /// not the service's.
    #[must_use]
    pub(crate) fn compared_with(self, expected: &[u16]) -> Self {
        let Problem::Blocked {
            cause: Cause::Between(answer),
            ..
        } = &self.problem
        else {
            return self;
        };
        let (status, service) = (answer.status, self.sent.service);
        if status < 400 || !expected.contains(&status) {
            return self;
        }
        let by = match answer.sender_before(service) {
            Some(server) => server.to_owned(),
            None => "something".into(),
        };
        let why = format!(
            "{status} is right, but {by} before {service} puts a page of its own in the place of the service's answer, \
             and of its headers, or refuses the request itself ({status} from before {service}, its pages for errors: \
             nginx error_page with proxy_intercept_errors, custom error responses of a CDN; its rules)"
        );
        self.because(&why)
    }

    /// Whether the service refuses the request, readably or not.
    pub(crate) fn is_refused(&self) -> bool {
        matches!(&self.problem, Problem::Status { status, .. } if *status < 500)
            || self.is_blocked()
    }

    /// Whether it is refused, by the service or before it, in an answer that the page may not read. Where no engine
    /// tells the status, every answer without the headers for the page counts, as those that report errors do.
    #[must_use]
    pub fn is_refused_unreadably(&self) -> bool {
        let Problem::Blocked { cause, .. } = &self.problem else {
            return false;
        };
        match cause {
            Cause::Between(answer) => (400..500).contains(&answer.status),
            Cause::ErrorWithoutHeaders { status } | Cause::AnswerWithoutHeaders { status } => {
                status.is_none_or(|status| (400..500).contains(&status))
            }
            _ => false,
        }
    }

    /// Whether it says why the service answered so.
    pub(crate) fn has_meaning(&self) -> bool {
        self.is_explained
            || matches!(&self.problem, Problem::Status { meaning, .. } if !meaning.is_empty())
    }

    /// Whether the service answered with this status.
    #[must_use]
    pub fn has_status(&self, wanted: u16) -> bool {
        matches!(&self.problem, Problem::Status { status, .. } if *status == wanted)
    }

    /// The status with which the service failed, whether the page could read it or only the engine
    /// saw it. A gateway's answer, and that of a busy service, is none.
    pub(crate) fn service_error(&self) -> Option<u16> {
        match &self.problem {
            Problem::Status { status, body, .. } => {
                let is_own = self.problem.transient().is_none() && !is_page(body);
                (*status >= 500 && is_own).then_some(*status)
            }
            Problem::Blocked {
                cause: Cause::Failed(answer),
                ..
            } => Some(answer.status),
            _ => None,
        }
    }
}

impl From<Failure> for event::Failure {
    fn from(failure: Failure) -> Self {
        let message = failure.to_string();
        match failure.problem {
            Problem::Browser(_) => Self::ourselves(message),
            Problem::TimedOut { .. } => Self::stack(message).out_of_time(true),
            _ => Self::stack(message),
        }
    }
}

/// Whether a body is a page for people.
pub(crate) fn is_page(body: &str) -> bool {
    let start: String = body.trim_start().chars().take(15).collect();
    let start = start.to_ascii_lowercase();
    ["<!doctype html", "<html"]
        .iter()
        .any(|page| start.starts_with(page))
}

/// Stands for every status of success in a list of expected ones: the frontend takes any of them.
pub const SUCCESS: u16 = 200;

/// Whether an answer with `status` is as expected.
pub(crate) fn is_expected(status: u16, expected: &[u16]) -> bool {
    let is_success = (200..300).contains(&status);
    expected.contains(&status) || (is_success && expected.contains(&SUCCESS))
}

fn list(expected: &[u16]) -> String {
    if expected.is_empty() {
        return "2xx".into();
    }
    let text = |status: &u16| match *status {
        SUCCESS => "2xx".into(),
        other => other.to_string(),
    };
    let expected: Vec<_> = expected.iter().map(text).collect();
    expected.join(" or ")
}
