//! Steps: named parts of a test, each with its own result and time.

use std::{
    cell::{Cell, RefCell},
    pin::pin,
    time::Duration,
};

use futures_util::future::{Either, select};
use opencloud_model::event::{Event, Failure};

use super::writer::write;
use crate::page::{self, Instant};

/// A step that takes longer than this reports that it is still running.
const FIRST_REPORT: Duration = Duration::from_secs(5);
/// It then reports this often.
const NEXT_REPORTS: Duration = Duration::from_secs(25);

/// The failure of a step, which has been reported. Only [`Steps`] makes one, so nothing of a test can fail
/// outside of its steps.
#[derive(Clone, Debug)]
pub struct StepFailure(Failure);

impl StepFailure {
    /// The failure.
    #[must_use]
    pub fn failure(&self) -> &Failure {
        &self.0
    }

    /// The failure with a further line.
    #[must_use]
    pub fn followed_by(mut self, line: &str) -> Self {
        self.0.message = format!("{}\n{line}", self.0.message);
        self
    }

    /// The failure with a line before it.
    #[must_use]
    pub fn preceded_by(mut self, line: &str) -> Self {
        self.0.message = format!("{line}\n{}", self.0.message);
        self
    }
}

/// Runs the steps of one test.
#[derive(Debug, Default)]
pub struct Steps {
    waiting: RefCell<Option<Waiting>>,
    /// How long the current step has waited for other tests.
    for_others: Cell<Duration>,
}

#[derive(Debug)]
struct Waiting {
    what: String,
    /// How long that may take, if that is known.
    limit: Option<Duration>,
}

impl Steps {
    /// No steps yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Runs `work` as the step `name`, and reports how long it took and whether it failed. Fails at once
    /// if the run has been ended.
    pub async fn run<T>(
        &self,
        name: &str,
        work: impl Future<Output = Result<T, impl Into<Failure>>>,
    ) -> Result<T, StepFailure> {
        if page::stopped() {
            return Err(StepFailure(stopped()));
        }
        let work = async {
            match select(pin!(work), pin!(page::until_stopped())).await {
                Either::Left((result, _)) => result.map_err(Into::into),
                Either::Right(_) => Err(stopped()),
            }
        };
        self.finish(name, work).await
    }

    /// Like [`Steps::run`], but also runs if the run has been ended.
    pub async fn finish<T>(
        &self,
        name: &str,
        work: impl Future<Output = Result<T, impl Into<Failure>>>,
    ) -> Result<T, StepFailure> {
        write(&Event::StepStarted { step: name.into() });
        self.waiting.take();
        self.for_others.take();
        let started = Instant::now();
        let mut work = pin!(work);
        let mut interval = FIRST_REPORT;
        let result: Result<T, Failure> = loop {
            match select(work.as_mut(), pin!(page::sleep(interval))).await {
                Either::Left((result, _)) => break result.map_err(Into::into),
                Either::Right(_) => self.report_waiting(name, started.elapsed()),
            }
            interval = NEXT_REPORTS;
        };
        write(&Event::StepFinished {
            step: name.into(),
            seconds: started
                .elapsed()
                .saturating_sub(self.for_others.get())
                .as_secs_f64(),
            failure: result.as_ref().err().cloned(),
        });
        result.map_err(StepFailure)
    }

    /// Sets what the current step waits for, and for how long at most. It is reported if the step takes
    /// long.
    pub fn waiting_for(&self, what: impl Into<String>, limit: Duration) {
        let what = what.into();
        write(&Event::StepExpects {
            waiting_for: what.clone(),
            limit: limit.as_secs_f64(),
        });
        let limit = Some(limit);
        self.waiting.replace(Some(Waiting { what, limit }));
    }

    /// Lets the current step wait for other tests. That is reported if it takes long, and does not count as
    /// the step's time.
    pub async fn wait_for_others<T>(&self, what: &str, wait: impl Future<Output = T>) -> T {
        let since = Instant::now();
        let what = what.to_owned();
        let before = self.waiting.replace(Some(Waiting { what, limit: None }));
        let result = wait.await;
        self.waiting.replace(before);
        let all = self.for_others.get() + since.elapsed();
        self.for_others.set(all);
        result
    }

    fn report_waiting(&self, step: &str, elapsed: Duration) {
        let waiting = self.waiting.borrow();
        write(&Event::StepWaiting {
            step: step.into(),
            seconds: elapsed.as_secs_f64(),
            limit: waiting
                .as_ref()
                .and_then(|waiting| Some(waiting.limit?.as_secs_f64())),
            waiting_for: waiting
                .as_ref()
                .map_or("an answer", |waiting| &waiting.what)
                .into(),
        });
    }
}

fn stopped() -> Failure {
    Failure::ourselves("the run was ended before it was complete")
}
