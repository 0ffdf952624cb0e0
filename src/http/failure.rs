//! How a request ended, for a record and for a message.

use std::{fmt, time::Duration};

use opencloud_model::cause::Cause;

use super::Request;
use crate::{
    page::{self, Instant},
    repeat::Trouble,
};

/// What is known of a request once it was sent: enough to talk about it, nothing secret.
#[derive(Clone, Debug)]
pub struct Sent {
    /// What it is for.
    pub name: String,
    /// Its method.
    pub method: String,
    /// Its URL without the query, which may hold a signature.
    pub url: String,
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
            name: request.name.clone(),
            method: request.method.to_string(),
            url: request.bare_url().to_owned(),
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

/// What a record keeper is shown.
#[derive(Debug)]
pub enum News<'a> {
    /// A request has its outcome.
    Exchange(Exchange<'a>),
    /// A request is about to be sent again.
    Repeat(Repeat),
}

/// A request that is about to be sent again.
#[derive(Debug)]
pub struct Repeat {
    /// What it is for.
    pub name: String,
    /// Which attempt comes: 2 is the first repeat.
    pub attempt: u32,
    /// Why the one before does not count.
    pub why: String,
    /// How long until then.
    pub delay: Duration,
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
    #[error("{0}")]
    Unreachable(String),
    /// Something answers, but the browser keeps the answer from the page.
    #[error("the browser keeps the answer from a page of origin {origin}: {explanation}")]
    Blocked {
        /// The page's origin.
        origin: String,
        /// Why.
        cause: Cause,
        /// Why, in a sentence, with the setting to look at.
        explanation: String,
        /// Whether that is sure: if not, the connection may have broken instead.
        certain: bool,
    },
    /// The deadline came before the answer's last byte.
    #[error("no whole answer within {0:?}")]
    TimedOut(Duration),
    /// The answer is readable, but its status is none of those that were expected.
    #[error("answered {status} instead of {}: {body}", list(.expected))]
    Status {
        /// The status.
        status: u16,
        /// Those that were expected; none is named where any success would do.
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
        /// Whether the connection ended before it.
        breaks_off: bool,
    },
}

impl Problem {
    /// The trouble behind the problem, where it may pass by itself.
    pub(crate) fn trouble(&self) -> Option<Trouble> {
        match self {
            // Only trying again can tell.
            Self::Unreachable(_) | Self::Blocked { certain: false, .. } => Some(Trouble::Lost),
            Self::Unreadable {
                breaks_off: true, ..
            } => Some(Trouble::BrokenOff),
            Self::Status { status, .. } => Trouble::of_answer(*status, None, page::timestamp()),
            _ => None,
        }
    }
}

fn list(expected: &[u16]) -> String {
    if expected.is_empty() {
        return "2xx".into();
    }
    let expected: Vec<_> = expected.iter().map(u16::to_string).collect();
    expected.join(" or ")
}
