//! The one door for requests: nothing else in the suite calls `fetch`.
//!
//! Each request has a name, a deadline, a start and an end, and fails in one of a closed set of
//! ways ([`Problem`]).

mod answer;
mod diagnosis;
mod failure;
pub mod frame;
mod request;

use std::{cell::RefCell, collections::HashSet, fmt, rc::Rc, time::Duration};

use gloo_net::http::RequestBuilder;
use web_sys::AbortSignal;

pub use answer::Answer;
pub use failure::{Exchange, Failure, Problem, Sent};
pub use gloo_net::http::Method;
pub use request::{DEADLINE, Form, Request};

use crate::cors::Service;

/// Sends requests. Clones share the record keeper.
#[derive(Clone)]
pub struct Http {
    record: Rc<dyn Fn(&Exchange<'_>)>,
    /// What succeeded before tells a diagnosis what the service lets the page read.
    succeeded: Rc<RefCell<HashSet<(Service, Method)>>>,
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
            succeeded: Rc::default(),
        }
    }

    /// Sends `request` and takes any answer that the page can read.
    pub async fn send(&self, request: Request) -> Result<Answer, Failure> {
        let sent = Sent::now(&request);
        let milliseconds = u32::try_from(request.deadline.as_millis()).unwrap_or(u32::MAX);
        let signal = AbortSignal::timeout_with_u32(milliseconds);
        let outcome = match request.clone().build(&signal) {
            Ok(request) => request.send().await,
            Err(error) => Err(error),
        };
        match outcome {
            Ok(response) => {
                if response.ok() {
                    let succeeded = (request.service, request.method);
                    self.succeeded.borrow_mut().insert(succeeded);
                }
                self.note(&sent, sent.started.elapsed(), Some(response.status()), None);
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
                let duration = sent.started.elapsed();
                let problem = diagnosis::diagnose(&request, &self.succeeded).await;
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
        (self.record)(&Exchange {
            sent,
            duration,
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
