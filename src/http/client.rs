//! Sends a request once, and keeps what all requests of a run share: how long answers may take, how
//! many retries are left, and which services do not answer.

use std::{
    cell::{Cell, RefCell},
    collections::HashSet,
    fmt,
    rc::Rc,
    time::Duration,
};

use opencloud_model::cause::Service;
use web_sys::{AbortSignal, Response};

use super::{
    diagnosis,
    failure::{Exchange, Failure, HttpEvent, Problem, Retry, Sent},
    request::{Method, Request},
};
use crate::{
    page,
    retry::{self, Ending, RetryBudget, Transient, Unresponsive},
};

/// How long an answer may take until the settings are known.
const DEADLINE: Duration = Duration::from_secs(30);
/// An unresponsive service gets this part of the time: enough to notice that it is back.
const UNRESPONSIVE_PART: u32 = 10;

/// Sends requests. Clones share the observer, the deadline and the retry budget.
#[derive(Clone)]
pub struct Http {
    observer: Rc<dyn Fn(&HttpEvent<'_>)>,
    deadline: Rc<Cell<Duration>>,
    budget: Rc<RefCell<RetryBudget>>,
    unresponsive: Rc<RefCell<Unresponsive>>,
    /// Which methods have succeeded at which service: the diagnosis concludes from it what the
    /// service lets the page read.
    succeeded: Rc<RefCell<HashSet<(Service, Method)>>>,
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Http")
    }
}

impl Http {
    /// Calls `observer` for every request once its outcome is known, and for every retry.
    pub fn new(observer: impl Fn(&HttpEvent<'_>) + 'static) -> Self {
        Self {
            observer: Rc::new(observer),
            deadline: Rc::new(Cell::new(DEADLINE)),
            budget: Rc::default(),
            unresponsive: Rc::default(),
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
        if self.unresponsive.borrow().contains(request.service) {
            return self.deadline.get() / UNRESPONSIVE_PART;
        }
        self.deadline.get() * request.deadline_factor
    }

    /// A service that does not answer, if there is one.
    #[must_use]
    pub fn unresponsive(&self) -> Option<Service> {
        self.unresponsive.borrow().first()
    }

    /// A request has succeeded, which allows for more retries.
    pub(super) fn earn_retries(&self) {
        self.budget.borrow_mut().earn();
    }

    /// Reports the retry that follows attempt number `attempt`, and waits until it is due. `false`
    /// if there is none.
    pub async fn prepare_retry(&self, name: &str, transient: &Transient, attempt: u32) -> bool {
        let attempt = attempt + 1;
        let Some(delay) = retry::delay(attempt, transient, js_sys::Math::random()) else {
            return false;
        };
        if !self.budget.borrow_mut().spend() {
            return false;
        }
        self.report_retry(name, attempt, transient.to_string(), delay);
        page::sleep(delay).await;
        true
    }

    /// Reports a retry that the caller has decided on.
    pub(crate) fn report_retry(&self, name: &str, attempt: u32, why: String, delay: Duration) {
        (self.observer)(&HttpEvent::Retry(Retry {
            name: name.to_owned(),
            attempt,
            why,
            delay,
        }));
    }

    /// Sends `request` as attempt number `attempt`.
    pub(super) async fn attempt(
        &self,
        request: &Request,
        attempt: u32,
    ) -> Result<(Sent, Response), Failure> {
        let sent = Sent::now(request, attempt, self.deadline(request));
        let milliseconds = u32::try_from(sent.deadline.as_millis()).unwrap_or(u32::MAX);
        let signal = AbortSignal::timeout_with_u32(milliseconds);
        let outcome = match request.clone().build(&signal) {
            Ok(request) => request.send().await,
            Err(error) => Err(error),
        };
        match outcome {
            Ok(response) => {
                self.record(request.service, Ending::Answered);
                if response.ok() {
                    let succeeded = (request.service, request.method.clone());
                    self.succeeded.borrow_mut().insert(succeeded);
                }
                self.report(&sent, sent.started.elapsed(), Some(response.status()), None);
                Ok((sent, response.into()))
            }
            Err(_) if signal.aborted() => {
                self.record(request.service, Ending::TimedOut);
                let problem = Problem::TimedOut(sent.deadline);
                Err(self.fail(sent, None, problem))
            }
            Err(_) => {
                let duration = sent.started.elapsed();
                let problem = diagnosis::diagnose(request, sent.started_at, &self.succeeded).await;
                if matches!(problem, Problem::Blocked { .. }) {
                    self.record(request.service, Ending::Blocked);
                }
                self.report(&sent, duration, None, Some(&problem));
                Err(Failure { sent, problem })
            }
        }
    }

    fn record(&self, service: Service, ending: Ending) {
        self.unresponsive.borrow_mut().record(service, ending);
    }

    /// Reports that a request has failed, and returns the failure.
    pub(super) fn fail(&self, sent: Sent, status: Option<u16>, problem: Problem) -> Failure {
        self.report(&sent, sent.started.elapsed(), status, Some(&problem));
        Failure { sent, problem }
    }

    fn report(
        &self,
        sent: &Sent,
        duration: Duration,
        status: Option<u16>,
        problem: Option<&Problem>,
    ) {
        (self.observer)(&HttpEvent::Exchange(Exchange {
            sent,
            duration,
            status,
            problem,
        }));
    }
}
