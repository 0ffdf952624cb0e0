//! Steps: named parts of a test, each with its own result and time.

use std::{cell::RefCell, pin::pin, time::Duration};

use futures_util::future::{Either, select};
use opencloud_model::event::{Event, Failure};

use super::writer::write;
use crate::page::{self, Instant};

/// A step that takes longer than this says that it is still at it.
const FIRST_SIGN: Duration = Duration::from_secs(5);
/// And from then on this often.
const NEXT_SIGNS: Duration = Duration::from_secs(25);

/// Runs the steps of one test.
#[derive(Debug, Default)]
pub struct Steps {
    waiting: RefCell<Option<Waiting>>,
}

#[derive(Debug)]
struct Waiting {
    what: String,
    limit: Duration,
}

impl Steps {
    /// No step yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Runs `work` as the step `name`, and tells how long it took and whether it failed. It fails
    /// at once when the run is to end.
    pub async fn run<T>(
        &self,
        name: &str,
        work: impl Future<Output = Result<T, impl Into<Failure>>>,
    ) -> Result<T, Failure> {
        if page::stopped() {
            return Err(stopped());
        }
        let work = async {
            match select(pin!(work), pin!(page::until_stopped())).await {
                Either::Left((result, _)) => result.map_err(Into::into),
                Either::Right(_) => Err(stopped()),
            }
        };
        self.finish(name, work).await
    }

    /// Like [`Steps::run`], for what has to be done even when the run is to end.
    pub async fn finish<T>(
        &self,
        name: &str,
        work: impl Future<Output = Result<T, impl Into<Failure>>>,
    ) -> Result<T, Failure> {
        write(&Event::StepStarted { step: name.into() });
        self.waiting.take();
        let started = Instant::now();
        let mut work = pin!(work);
        let mut patience = FIRST_SIGN;
        let result = loop {
            match select(work.as_mut(), pin!(page::sleep(patience))).await {
                Either::Left((result, _)) => break result.map_err(Into::into),
                Either::Right(_) => self.tell_waiting(name, started.elapsed()),
            }
            patience = NEXT_SIGNS;
        };
        write(&Event::StepFinished {
            step: name.into(),
            seconds: started.elapsed().as_secs_f64(),
            failure: result.as_ref().err().cloned(),
        });
        result
    }

    /// Says what the current step is waiting for and how long it may, for the case that it takes
    /// long.
    pub fn waiting_for(&self, what: impl Into<String>, limit: Duration) {
        let what = what.into();
        write(&Event::StepExpects {
            waiting_for: what.clone(),
            limit: limit.as_secs_f64(),
        });
        self.waiting.replace(Some(Waiting { what, limit }));
    }

    fn tell_waiting(&self, step: &str, elapsed: Duration) {
        let waiting = self.waiting.borrow();
        write(&Event::StepWaiting {
            step: step.into(),
            seconds: elapsed.as_secs_f64(),
            limit: waiting.as_ref().map(|waiting| waiting.limit.as_secs_f64()),
            waiting_for: waiting
                .as_ref()
                .map_or("an answer", |waiting| &waiting.what)
                .into(),
        });
    }
}

fn stopped() -> Failure {
    Failure::ourselves("somebody has ended the run")
}
