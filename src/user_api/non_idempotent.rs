//! Requests that must not be done twice. If the answer to one is lost, a look at the resource shows
//! whether the request was done.
//!
//! A browser itself sends a request again, POST too, if a reused connection breaks without an answer
//! (RFC 9112, "Retrying Requests", permits it). The second answer then reports a conflict, although the
//! request was done. So such an answer is followed by a look as well.

use std::time::Duration;

use super::client::{CallError, UserApi};
use crate::{
    http::{self, Answer, Problem, Request},
    retry::Transient,
};

impl UserApi {
    /// Sends `request` like [`UserApi::call`] and reads an answer of one of the `expected` statuses.
    ///
    /// If the outcome is unknown, `look` returns what the request has made, or `None` if it was not
    /// done. Then it is sent again if the network or a busy service was at fault. `conflict` is the
    /// status that a repetition gets. `kind` names such requests, to count them.
    pub async fn call_once<T>(
        &self,
        kind: &'static str,
        request: &Request,
        expected: &[u16],
        conflict: u16,
        read: impl AsyncFn(Answer) -> Result<T, http::Failure>,
        look: impl AsyncFn() -> Result<Option<T>, CallError>,
    ) -> Result<T, CallError> {
        let accepted = [expected, &[conflict]].concat();
        let mut attempt = 1;
        loop {
            let failure = match self.call(request.clone(), &accepted).await {
                Ok(answer) if answer.status() == conflict => answer.unexpected(expected).await,
                Ok(answer) => match read(answer).await {
                    Ok(made) => {
                        self.excuses.succeeded(kind);
                        return Ok(made);
                    }
                    Err(failure) => failure,
                },
                Err(CallError::Http(failure)) => failure,
                Err(other) => return Err(other),
            };
            let transient = retriable(&failure.problem);
            let is_guess = is_guess(&failure.problem);
            if is_guess && !self.excuses.has_succeeded(kind) {
                return Err(failure.into());
            }
            if transient.is_none() && !may_be_done(&failure.problem, conflict) {
                return Err(failure.into());
            }
            // If the look fails, nothing is known, and the request's own failure is the finding.
            let Ok(seen) = look().await else {
                return Err(failure.into());
            };
            match (seen, transient) {
                (Some(made), Some(transient)) if !is_guess => {
                    report_done(request, &transient.to_string());
                    return Ok(made);
                }
                (Some(made), _) if self.excuses.excuse(kind) => {
                    report_done(request, &failure.problem.to_string());
                    return Ok(made);
                }
                (None, Some(transient))
                    if self
                        .http
                        .prepare_retry(&request.name, &transient, attempt)
                        .await =>
                {
                    attempt += 1;
                }
                (Some(_), _) if failure.has_status(conflict) => {
                    return Err(failure.because(TWICE).into());
                }
                _ => return Err(failure.into()),
            }
        }
    }
}

/// What it means that a request was done and its answer reports a conflict, time and again.
const TWICE: &str = "but a look shows that it was done: the UserAPI has got it twice, and this answers the second \
                     (what stands before it and repeats requests), or it answers wrongly what it has done";

/// Reports, like any retry, that `request` was done although its answer does not say so.
fn report_done(request: &Request, answer: &str) {
    let why = format!("{answer}, but a look shows that it was done");
    http::report_retry(&request.name, 2, why, Duration::ZERO);
}

/// Whether nobody knows if the answer was lost, or came without CORS headers. If others of its kind could be
/// read, it was lost.
fn is_guess(problem: &Problem) -> bool {
    matches!(
        problem,
        Problem::Blocked {
            certain: false,
            transient_status: None,
            ..
        }
    )
}

/// The transient failure after which the request may be sent again if it was not done.
fn retriable(problem: &Problem) -> Option<Transient> {
    match problem {
        Problem::Unreachable(_) | Problem::Status { .. } | Problem::Blocked { .. } => {
            problem.transient()
        }
        _ => None,
    }
}

/// Whether the request may have been done although it failed. It may also be done later, so it is not
/// sent again.
fn may_be_done(problem: &Problem, conflict: u16) -> bool {
    match problem {
        Problem::TimedOut { .. } => true,
        Problem::Unreadable { breaks_off, .. } => *breaks_off,
        Problem::Status { status, .. } => *status == conflict,
        Problem::Unreachable(_)
        | Problem::Blocked { .. }
        | Problem::Browser(_)
        | Problem::Unsendable(_)
        | Problem::NotUnderstood(_) => false,
    }
}
