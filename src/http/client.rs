//! Sends a request once, and keeps what all requests of a run share: how long answers may take, how
//! many retries are left, and which services do not answer.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, HashMap},
    pin::pin,
    rc::Rc,
    time::Duration,
};

use futures_util::future::{Either, select};
use opencloud_model::{event::Event, service::Service};
use tokio::sync::Semaphore;
use web_sys::{AbortSignal, Response};

use super::{
    diagnosis::{self, Known},
    failure::{Failure, Problem, Sent},
    request::{Kind, Method, Request},
};
use crate::{
    page, report,
    retry::{self, Ending, RetryBudget, Transient, Unresponsive},
};

/// How long an answer may take until the settings are known.
const DEADLINE: Duration = Duration::from_secs(30);
/// An unresponsive service gets this part of the time: enough to notice that it is back.
const UNRESPONSIVE_PART: u32 = 10;

/// How many requests a service gets at once. A browser sends no more to a host at a time and lets the others
/// wait, which would count as time that the service takes, and would delay a diagnosis.
const AT_ONCE: usize = 6;

/// Sends requests. Clones share the deadline and the retry budget.
#[derive(Clone, Debug)]
pub struct Http {
    deadline: Rc<Cell<Duration>>,
    budget: Rc<RefCell<RetryBudget>>,
    places: Rc<RefCell<HashMap<Service, Rc<Semaphore>>>>,
    unresponsive: Rc<RefCell<Unresponsive>>,
    /// The answers that the browser may use again, by service and kind, each with the header that says so.
    /// It is asked not to: that a list is stale is one finding, and not one in each test.
    cached: Rc<RefCell<BTreeMap<(Service, &'static str), String>>>,
    /// Whether something between the page and the UserAPI stores its answers.
    stored: Rc<Cell<bool>>,
    /// What earlier answers have shown, from which a diagnosis concludes what a service lets the page
    /// read.
    known: Rc<Known>,
}

impl Default for Http {
    fn default() -> Self {
        Self {
            deadline: Rc::new(Cell::new(DEADLINE)),
            budget: Rc::default(),
            places: Rc::default(),
            unresponsive: Rc::default(),
            cached: Rc::default(),
            stored: Rc::default(),
            known: Rc::default(),
        }
    }
}

impl Http {
    /// Changes how long answers may take from now on.
    pub fn set_deadline(&self, deadline: Duration) {
        self.deadline.set(deadline);
    }

    /// What it may mean that requests of this method had no effect, for the end of a sentence: that some were
    /// redirected. Empty if none was.
    #[must_use]
    pub fn explain_redirects(&self, method: &Method) -> String {
        let redirects = self.known.redirects.borrow();
        let Some((from, to)) = redirects.get(method) else {
            return String::new();
        };
        if from.strip_suffix('/') == Some(to) {
            return format!(
                "; a {method} was redirected to the same address without the slash at its end, which names no folder in \
                 S3 (UserAPI, or the proxy before it: what redirects there)"
            );
        }
        format!(
            "; a {method} for {from} was redirected to {to}, and a browser follows a redirect with status 303 by a GET \
             (UserAPI, what redirects there: 307 and 308 keep the method)"
        )
    }

    /// Tells a diagnosis of public addresses of `service`, which answer every GET with success.
    pub fn set_public_addresses(&self, service: Service, urls: Vec<String>) {
        self.known.public.borrow_mut().insert(service, urls);
    }

    /// How long the answer to `request`, its body included, may take.
    #[must_use]
    pub fn deadline(&self, request: &Request) -> Duration {
        if self.unresponsive.borrow().contains(request.service) {
            return self.deadline.get() / UNRESPONSIVE_PART;
        }
        self.deadline.get() * request.deadline_factor
    }

    /// For how long a body may stand still: as long as an answer may take to begin.
    pub(super) fn longest_pause(&self) -> Duration {
        self.deadline.get()
    }

    /// A service that does not answer, if there is one.
    #[must_use]
    pub fn unresponsive(&self) -> Option<Service> {
        self.unresponsive.borrow().first()
    }

    /// Asks the browser from now on to fetch every answer of the same service anew, because this `header`
    /// lets it use that to `request` again.
    pub(super) fn bypass_cache(&self, request: &Request, header: String) {
        let kind = (request.service, request.pattern);
        self.cached.borrow_mut().entry(kind).or_insert(header);
    }

    /// The kinds of the UserAPI's answers so far that the browser may use again, each with the header that
    /// says so: those whose address begins with `path`.
    #[must_use]
    pub fn reusable_answers(&self, path: &str) -> Vec<String> {
        let cached = self.cached.borrow();
        let of_user_api = cached
            .iter()
            .filter(|((service, _), _)| *service == Service::UserApi)
            .filter(|((_, pattern), _)| !pattern.is_empty() && pattern.starts_with(path));
        of_user_api
            .map(|((_, pattern), header)| format!("GET {pattern} ({header})"))
            .collect()
    }

    /// Asks for no answer of the UserAPI at the same address twice from now on, because something
    /// between it and the page stores them.
    pub fn bypass_shared_caches(&self) {
        self.stored.set(true);
    }

    /// Whether a request of the same kind has succeeded before, whoever asked and for whatever.
    pub(crate) fn has_succeeded(&self, kind: &Kind) -> bool {
        self.known.kinds.borrow().contains(kind)
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
        report_retry(name, attempt, transient.to_string(), delay);
        page::sleep(delay).await;
        true
    }

    /// Sends `request` as attempt number `attempt`.
    pub(super) async fn attempt(
        &self,
        request: &Request,
        attempt: u32,
    ) -> Result<(Sent, Response), Failure> {
        let places = self.places(request.service);
        let place = places.acquire().await;
        let sent = Sent::now(request, attempt, self.deadline(request));
        if let Some(name) = request.illegal_header() {
            return Err(fail(sent, None, Problem::unsendable(name)));
        }
        let milliseconds = u32::try_from(sent.deadline.as_millis()).unwrap_or(u32::MAX);
        let signal = AbortSignal::timeout_with_u32(milliseconds);
        let mut built = request.clone();
        let is_of_service = |(service, _): &(Service, _)| *service == request.service;
        built.bypass_cache |= self.cached.borrow().keys().any(is_of_service);
        let is_read = request.service == Service::UserApi && request.method == Method::GET;
        if self.stored.get() && is_read {
            built = built.unrepeated();
        }
        let outcome = match built.build(&signal) {
            // Boxed because the future is part of that of every request.
            Ok(built) => Box::pin(self.begun(request, built)).await,
            Err(error) => Some(Err(error)),
        };
        match outcome {
            Some(Ok(response)) => {
                self.record(request.service, Ending::Answered);
                if response.ok() {
                    let succeeded = (request.service, request.method.clone());
                    self.known.succeeded.borrow_mut().insert(succeeded);
                    self.known.kinds.borrow_mut().insert(request.kind());
                }
                if response.redirected() && request.method != Method::GET {
                    let url = response.url();
                    let to = url.split(['?', '#']).next().unwrap_or_default();
                    let redirect = (request.bare_url().to_owned(), to.to_owned());
                    let mut redirects = self.known.redirects.borrow_mut();
                    redirects.insert(request.method.clone(), redirect);
                }
                report(&sent, sent.started.elapsed(), Some(response.status()), None);
                Ok((sent, response.into()))
            }
            Some(Err(_)) if !signal.aborted() => {
                let duration = sent.started.elapsed();
                // Boxed because the future is large and seldom needed.
                let diagnosis = diagnosis::diagnose(request, sent.started_at, &self.known);
                let problem = Box::pin(diagnosis).await;
                if matches!(problem, Problem::Blocked { .. }) {
                    self.record(request.service, Ending::Blocked);
                }
                report(&sent, duration, None, Some(&problem));
                Err(Failure {
                    sent,
                    problem,
                    is_explained: false,
                })
            }
            None | Some(Err(_)) => {
                let at = |milliseconds: f64| Duration::from_secs_f64(milliseconds / 1000.0);
                let (from, until) = (at(sent.started_at), at(page::wall_clock()));
                self.record(request.service, Ending::TimedOut { from, until });
                let duration = sent.started.elapsed();
                drop(place);
                let meaning = if self.unresponsive.borrow().contains(request.service) {
                    ""
                } else {
                    // Boxed because the future is large and seldom needed.
                    Box::pin(diagnosis::of_silence(request, &self.known)).await
                };
                let limit = if signal.aborted() {
                    sent.deadline
                } else {
                    self.longest_pause()
                };
                let problem = Problem::TimedOut { limit, meaning };
                report(&sent, duration, None, Some(&problem));
                Err(Failure {
                    sent,
                    problem,
                    is_explained: false,
                })
            }
        }
    }

    /// The answer to `request`, which is `built` to be sent; `None` if it does not begin in time. Only a body may take
    /// longer than other answers: what comes down begins at once, and what goes up is answered at its end.
    async fn begun(
        &self,
        request: &Request,
        built: gloo_net::http::Request,
    ) -> Option<Result<gloo_net::http::Response, gloo_net::Error>> {
        if request.method != Method::GET || request.deadline_factor == 1 {
            return Some(built.send().await);
        }
        let silence = pin!(page::sleep(self.longest_pause()));
        match select(pin!(built.send()), silence).await {
            Either::Left((outcome, _)) => Some(outcome),
            Either::Right(_) => None,
        }
    }

    /// The places for requests to `service`.
    fn places(&self, service: Service) -> Rc<Semaphore> {
        let mut places = self.places.borrow_mut();
        let places = places.entry(service);
        places
            .or_insert_with(|| Rc::new(Semaphore::new(AT_ONCE)))
            .clone()
    }

    fn record(&self, service: Service, ending: Ending) {
        self.unresponsive.borrow_mut().record(service, ending);
    }
}

/// Reports that a request has failed, and returns the failure.
pub(super) fn fail(sent: Sent, status: Option<u16>, problem: Problem) -> Failure {
    report(&sent, sent.started.elapsed(), status, Some(&problem));
    Failure {
        sent,
        problem,
        is_explained: false,
    }
}

fn report(sent: &Sent, duration: Duration, status: Option<u16>, problem: Option<&Problem>) {
    report::write(&Event::Request {
        name: sent.name.clone(),
        method: sent.method.clone(),
        url: sent.url.clone(),
        body: sent.body.as_deref().cloned(),
        started_at: sent.started_at,
        seconds: duration.as_secs_f64(),
        status,
        problem: problem.map(ToString::to_string),
        cause: match problem {
            Some(Problem::Blocked { cause, .. }) => Some(cause.clone()),
            _ => None,
        },
    });
}

/// Reports attempt number `attempt` of the request `name`, which follows after `delay`.
pub(crate) fn report_retry(name: &str, attempt: u32, why: String, delay: Duration) {
    report::write(&Event::Repeated {
        name: name.into(),
        attempt,
        why,
        delay: delay.as_secs_f64(),
    });
}
