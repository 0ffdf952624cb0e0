//! Requests that must not be done twice: after one whose answer got lost, a look at what is there
//! tells whether it was done.
//!
//! A browser itself sends a request again, POST too, where a connection that it had used before
//! breaks without an answer (RFC 9112, "Retrying Requests", leaves that to it). Then the second
//! answer says that the thing is done already, so such answers are looked into as well.

use std::{cell::RefCell, collections::HashMap, rc::Rc, time::Duration};

use super::{CallError, UserApi};
use crate::{
    http::{self, Answer, Problem, Request},
    repeat::Trouble,
};

impl UserApi {
    /// Sends `request`, which is of this `kind`, like [`UserApi::call`], and reads the answer of one
    /// of the statuses `done`. Where the outcome is open, `look` says what the request has made;
    /// nothing: it was not done, and is sent again if the network or a busy service was at fault.
    /// `done_before` is the status that answers what is done already.
    pub async fn once<T>(
        &self,
        kind: &'static str,
        request: &Request,
        done: &[u16],
        done_before: u16,
        read: impl AsyncFn(Answer) -> Result<T, http::Failure>,
        look: impl AsyncFn() -> Result<Option<T>, CallError>,
    ) -> Result<T, CallError> {
        let expected = [done, &[done_before]].concat();
        let mut attempt = 1;
        loop {
            let failure = match self.call(request.clone(), &expected).await {
                Ok(answer) if answer.status() == done_before => answer.unexpected(done).await,
                Ok(answer) => match read(answer).await {
                    Ok(made) => {
                        self.excuses.went_well(kind);
                        return Ok(made);
                    }
                    Err(failure) => failure,
                },
                Err(CallError::Http(failure)) => failure,
                Err(other) => return Err(other),
            };
            let lost = loss(&failure.problem);
            if lost.is_none() && !leaves_open(&failure.problem, done_before) {
                return Err(failure.into());
            }
            // A look that fails tells nothing: then the request's own failure is the finding.
            let Ok(seen) = look().await else {
                return Err(failure.into());
            };
            match (seen, lost) {
                (Some(made), Some(trouble)) => {
                    self.tell_done(request, &trouble.to_string());
                    return Ok(made);
                }
                (Some(made), None) if self.excuses.excuse(kind) => {
                    self.tell_done(request, &failure.problem.to_string());
                    return Ok(made);
                }
                (None, Some(trouble))
                    if self
                        .http
                        .prepare_repeat(&request.name, &trouble, attempt)
                        .await =>
                {
                    attempt += 1;
                }
                _ => return Err(failure.into()),
            }
        }
    }

    /// Tells, as of any repeat, that `request` was done although its answer does not say so.
    fn tell_done(&self, request: &Request, answer: &str) {
        let why = format!("{answer}, but a look shows that it was done");
        self.http.tell_repeat(&request.name, 2, why, Duration::ZERO);
    }
}

/// How often a kind of request went well, and how often its answer was excused. Clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct Excuses(Rc<RefCell<HashMap<&'static str, (u32, u32)>>>);

impl Excuses {
    /// As many excuses may come before a first success.
    const PATIENCE: u32 = 2;

    fn went_well(&self, kind: &'static str) {
        self.0.borrow_mut().entry(kind).or_default().0 += 1;
    }

    /// Whether an answer may be excused, although it does not say that its request was done, which
    /// it was. A service that answers so every time is found out.
    fn excuse(&self, kind: &'static str) -> bool {
        let mut counts = self.0.borrow_mut();
        let (well, excused) = counts.entry(kind).or_default();
        *excused += 1;
        *well > 0 || *excused <= Self::PATIENCE
    }
}

/// The trouble behind a problem that comes and goes with the network: a request that a look shows
/// undone may be sent again. What the browser may have refused is none, since a look cannot tell an
/// answer that got lost from one that lacks a header.
fn loss(problem: &Problem) -> Option<Trouble> {
    match problem {
        Problem::Unreachable(_) | Problem::Status { .. } => problem.trouble(),
        _ => None,
    }
}

/// Whether the request may have been done all the same. It may even be under way, so if not, it is
/// not sent again either.
fn leaves_open(problem: &Problem, done_before: u16) -> bool {
    match problem {
        Problem::TimedOut(_) => true,
        Problem::Unreadable { breaks_off, .. } => *breaks_off,
        Problem::Status { status, .. } => *status == done_before,
        Problem::Unreachable(_) | Problem::Blocked { .. } => false,
    }
}
