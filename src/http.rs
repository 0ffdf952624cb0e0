//! The one door for requests: nothing else in the suite calls `fetch`.
//!
//! Each request has a name, a deadline, a start and an end, and fails in one of a closed set of
//! ways ([`Problem`]). What may be sent twice is, where the network or a busy service is at fault
//! ([`repeat`](crate::repeat) decides when); nobody else repeats requests.

mod answer;
mod diagnosis;
mod failure;
pub mod frame;
mod request;

use std::{
    cell::{Cell, RefCell},
    collections::HashSet,
    fmt,
    rc::Rc,
    time::Duration,
};

use gloo_net::http::RequestBuilder;
use web_sys::AbortSignal;

pub use answer::Answer;
pub use failure::{Exchange, Failure, News, Problem, Repeat, Sent};
pub use gloo_net::http::Method;
pub use request::{Form, Request};

use crate::{
    page,
    repeat::{self, Budget, Silence, Trouble},
};
use opencloud_model::cause::Service;

/// How long an answer may take until the settings say so.
const DEADLINE: Duration = Duration::from_secs(30);
/// Of a service that answers no more, an answer may take this part of its time: enough to notice
/// that it is back.
const SILENT: u32 = 10;

/// Sends requests. Clones share the record keeper, the deadline and the budget for repeats.
#[derive(Clone)]
pub struct Http {
    record: Rc<dyn Fn(&News<'_>)>,
    deadline: Rc<Cell<Duration>>,
    budget: Rc<RefCell<Budget>>,
    silence: Rc<RefCell<Silence>>,
    /// What succeeded before tells a diagnosis what the service lets the page read.
    succeeded: Rc<RefCell<HashSet<(Service, Method)>>>,
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Http")
    }
}

impl Http {
    /// `record` is shown every request once its outcome is known, and every repeat.
    pub fn new(record: impl Fn(&News<'_>) + 'static) -> Self {
        Self {
            record: Rc::new(record),
            deadline: Rc::new(Cell::new(DEADLINE)),
            budget: Rc::default(),
            silence: Rc::default(),
            succeeded: Rc::default(),
        }
    }

    /// Changes how long answers may take from now on.
    pub fn set_deadline(&self, deadline: Duration) {
        self.deadline.set(deadline);
    }

    /// How long the answer to `request`, its body included, may take.
    #[must_use]
    pub fn deadline(&self, request: &Request) -> Duration {
        if self.silence.borrow().holds(request.service) {
            return self.deadline.get() / SILENT;
        }
        self.deadline.get() * request.patience
    }

    /// A service that answers no more, if there is one.
    #[must_use]
    pub fn silent(&self) -> Option<Service> {
        self.silence.borrow().of()
    }

    /// Sends `request`, several times if need be and if it may, and takes any answer that the page
    /// can read.
    pub async fn send(&self, request: Request) -> Result<Answer, Failure> {
        let mut attempt = 1;
        loop {
            let outcome = self.attempt(&request, attempt).await;
            let trouble = trouble(&outcome);
            if outcome.is_ok() && trouble.is_none() {
                self.budget.borrow_mut().earn();
            }
            match trouble.filter(|_| request.repeatable) {
                Some(trouble) if self.prepare_repeat(&request.name, &trouble, attempt).await => {
                    attempt += 1;
                }
                _ => return outcome,
            }
        }
    }

    /// Tells of the repeat that comes after attempt number `attempt`, and waits for its time.
    /// `false` if there shall be none.
    pub async fn prepare_repeat(&self, name: &str, trouble: &Trouble, attempt: u32) -> bool {
        let attempt = attempt + 1;
        let Some(delay) = repeat::wait(attempt, trouble, js_sys::Math::random()) else {
            return false;
        };
        if !self.budget.borrow_mut().spend() {
            return false;
        }
        self.tell_repeat(name, attempt, trouble.to_string(), delay);
        page::sleep(delay).await;
        true
    }

    /// Tells of a repeat, whoever has decided on it.
    pub(crate) fn tell_repeat(&self, name: &str, attempt: u32, why: String, delay: Duration) {
        (self.record)(&News::Repeat(Repeat {
            name: name.to_owned(),
            attempt,
            why,
            delay,
        }));
    }

    async fn attempt(&self, request: &Request, attempt: u32) -> Result<Answer, Failure> {
        let sent = Sent::now(request, attempt, self.deadline(request));
        let milliseconds = u32::try_from(sent.deadline.as_millis()).unwrap_or(u32::MAX);
        let signal = AbortSignal::timeout_with_u32(milliseconds);
        let outcome = match request.clone().build(&signal) {
            Ok(request) => request.send().await,
            Err(error) => Err(error),
        };
        match outcome {
            Ok(response) => {
                self.silence.borrow_mut().heard(request.service);
                if response.ok() {
                    let succeeded = (request.service, request.method.clone());
                    self.succeeded.borrow_mut().insert(succeeded);
                }
                self.note(&sent, sent.started.elapsed(), Some(response.status()), None);
                Ok(Answer {
                    http: self.clone(),
                    request: Box::new(request.clone()),
                    sent,
                    response: response.into(),
                })
            }
            Err(_) if signal.aborted() => {
                self.silence.borrow_mut().unheard(request.service);
                let problem = Problem::TimedOut(sent.deadline);
                Err(self.fail(sent, None, problem))
            }
            Err(_) => {
                let duration = sent.started.elapsed();
                let problem = diagnosis::diagnose(request, sent.started_at, &self.succeeded).await;
                self.note(&sent, duration, None, Some(&problem));
                Err(Failure { sent, problem })
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
        self.note(&sent, sent.started.elapsed(), status, Some(&problem));
        Failure { sent, problem }
    }

    fn note(
        &self,
        sent: &Sent,
        duration: Duration,
        status: Option<u16>,
        problem: Option<&Problem>,
    ) {
        (self.record)(&News::Exchange(Exchange {
            sent,
            duration,
            status,
            problem,
        }));
    }
}

/// The trouble that a request met, where it may pass by itself.
fn trouble(outcome: &Result<Answer, Failure>) -> Option<Trouble> {
    match outcome {
        Ok(answer) => answer.trouble(),
        Err(failure) => failure.problem.trouble(),
    }
}

/// Whether anything answers at `url`: a `no-cors` request resolves, unread, as soon as it does
/// (Fetch standard, "HTTP fetch": its response is opaque). Where nothing does, it fails at once; an
/// answer that is late says nothing.
async fn answers_at_all(url: &str) -> bool {
    let signal = AbortSignal::timeout_with_u32(3000);
    let answered = RequestBuilder::new(url)
        .mode(web_sys::RequestMode::NoCors)
        .abort_signal(Some(&signal))
        .send()
        .await;
    answered.is_ok() || signal.aborted()
}
