//! Requests that must not be done twice: after one whose answer got lost, a look at what is there
//! tells whether it was done.
//!
//! A browser itself sends a request again, POST too, where a connection that it had used before
//! breaks without an answer (RFC 9112, "Retrying Requests", leaves that to it). Then the second
//! answer says that the thing is done already, so such answers are looked into as well.

use std::{cell::RefCell, collections::HashMap, rc::Rc, time::Duration};

use super::{CallError, UserApi};
use crate::{
    http::{Answer, Problem, Request},
    repeat::Trouble,
};

/// What came of a request.
#[derive(Debug)]
pub enum Done<T> {
    /// This was answered.
    Answered(Answer),
    /// The answer got lost, but this is there now.
    Seen(T),
}

impl UserApi {
    /// Sends `request` like [`UserApi::call`]. Where its answer gets lost, `look` says what it has
    /// made; nothing: it was not done, and is sent again.
    pub async fn once<T>(
        &self,
        request: &Request,
        expected: &[u16],
        look: impl AsyncFn() -> Result<Option<T>, CallError>,
    ) -> Result<Done<T>, CallError> {
        let mut attempt = 1;
        loop {
            let failure = match self.call(request.clone(), expected).await {
                Ok(answer) => return Ok(Done::Answered(answer)),
                Err(CallError::Http(failure)) => failure,
                Err(other) => return Err(other),
            };
            let Some(trouble) = loss(&failure.problem) else {
                return Err(failure.into());
            };
            if let Some(seen) = look().await? {
                self.tell_done(request, &trouble.to_string());
                return Ok(Done::Seen(seen));
            }
            if !self
                .http
                .prepare_repeat(&request.name, &trouble, attempt)
                .await
            {
                return Err(failure.into());
            }
            attempt += 1;
        }
    }

    /// Tells, as of any repeat, that `request` was done although its answer does not say so.
    fn tell_done(&self, request: &Request, answer: &str) {
        let why = format!("{answer}, but a look shows that it was done");
        // Nothing is sent, so the budget has no say in it.
        let _ = self.http.tell_repeat(&request.name, 2, why, Duration::ZERO);
    }

    /// Whether an answer that says that `request` was done before may be taken for that to the
    /// browser's own repeat. A service that answers so every time is found out.
    pub(super) fn excuses(&self, kind: &'static str, request: &Request, answer: &Answer) -> bool {
        if !self.excuses.excuse(kind) {
            return false;
        }
        self.tell_done(request, &format!("answered {}", answer.status()));
        true
    }
}

/// How often a kind of request went well, and how often its answer was excused. Clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct Excuses(Rc<RefCell<HashMap<&'static str, (u32, u32)>>>);

impl Excuses {
    /// As many excuses may come before a first success.
    const PATIENCE: u32 = 2;

    pub(super) fn went_well(&self, kind: &'static str) {
        self.0.borrow_mut().entry(kind).or_default().0 += 1;
    }

    fn excuse(&self, kind: &'static str) -> bool {
        let mut counts = self.0.borrow_mut();
        let (well, excused) = counts.entry(kind).or_default();
        *excused += 1;
        *well > 0 || *excused <= Self::PATIENCE
    }
}

/// The trouble behind a problem that leaves open whether the request was done. What the browser may
/// have refused is none: this request is not sent again on a guess.
fn loss(problem: &Problem) -> Option<Trouble> {
    match problem {
        Problem::Unreachable(_) | Problem::Status { .. } => problem.trouble(),
        _ => None,
    }
}
