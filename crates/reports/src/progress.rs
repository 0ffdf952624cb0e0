//! The reducer: it takes the events of a run one by one and keeps the run's tests, jobs and
//! requests. The verdict, the score and the reports are all read from these.

mod request;

use std::mem;

use opencloud_model::{
    event::{self, Blame, Event, Failure, Timed},
    origin_table::OriginTable,
};

use self::request::{culprit, exchange, is_same_request};
use super::model::{
    Advice, Exchange, Job, Leftovers, Measured, NotChecked, Repeat, Requeued, Run, Sender, State,
    Step, Test, TestResult, Wait,
};

/// The part of a run that its events have reported so far.
#[derive(Debug, Default)]
pub struct Progress {
    /// The tests in the order in which they began.
    pub tests: Vec<Test>,
    /// The jobs of the tests.
    pub jobs: Vec<Job>,
    origins: Vec<OriginTable>,
    /// Leftovers of earlier runs in the account.
    pub leftovers: Vec<Leftovers>,
    /// The requests in the order of their events.
    pub(crate) exchanges: Vec<Exchange>,
    /// Whether the last test, and its last step, are still running.
    in_test: bool,
    in_step: bool,
    /// Repeated requests of the last test before its first step.
    repeated: Vec<Repeat>,
}

impl Progress {
    /// Adds an event.
    pub fn record(&mut self, Timed { at, event }: Timed) {
        match event {
            Event::TestStarted { test, about } => self.begin(at, test, about),
            Event::TestSkipped { test, why } => {
                self.begin(at, test, String::new());
                self.in_test = false;
                if let Some(test) = self.tests.last_mut() {
                    test.result = TestResult::Skipped;
                    test.skipped = Some(why);
                }
            }
            Event::TestFinished {
                seconds, failure, ..
            } => self.finish_test(at, seconds, failure),
            Event::StepStarted { step } => self.begin_step(at, step),
            Event::StepExpects { waiting_for, limit } => self.wait(waiting_for, Some(limit)),
            Event::StepWaiting {
                waiting_for, limit, ..
            } => self.wait(waiting_for, limit),
            Event::StepFinished {
                seconds, failure, ..
            } => self.finish_step(seconds, failure),
            Event::Repeated {
                name,
                attempt,
                why,
                delay,
            } => self.repeat(Repeat {
                name,
                attempt,
                why,
                delay,
            }),
            Event::JobState {
                job,
                state: name,
                seconds,
                seen_at,
            } => self.job_state(
                job,
                State {
                    name,
                    seen_at,
                    seconds,
                },
            ),
            Event::JobRequeued { job, details } => {
                if let Some(job) = self.job(job) {
                    job.requeued.push(Requeued {
                        seen_at: at,
                        details,
                    });
                }
            }
            Event::Origins { table } => self.origins.push(table),
            Event::Leftovers { found, remedy } => self.leftovers.push(Leftovers { found, remedy }),
            Event::Advice { what, fix } => {
                self.in_last_test(|test| test.advice.push(Advice { what, fix }));
            }
            Event::NotChecked { what, why } => {
                self.in_last_test(|test| test.not_checked.push(NotChecked { what, why }));
            }
            Event::Measured { what, value } => {
                self.in_last_test(|test| test.measured.push(Measured { what, value }));
            }
            event @ (Event::Request { .. } | Event::Tried { .. }) => {
                if let Some(exchange) = exchange(event) {
                    self.add_exchange(exchange);
                }
            }
        }
    }

    /// The run with all that its events have reported. A test that is still running ends with the
    /// run, for the same reason.
    #[must_use]
    pub fn into_run(mut self, run: Run) -> Run {
        let end = run.started_at + run.seconds * 1000.0;
        self.abort(end, run.failure.as_ref().unwrap_or(&panicked()));
        for step in self.tests.iter_mut().flat_map(|test| &mut test.steps) {
            if let Some(failure) = &step.failure {
                step.culprit = culprit(&self.exchanges, &step.exchanges, &failure.message);
            }
        }
        Run {
            tests: self.tests,
            jobs: self.jobs,
            origins: self.origins,
            leftovers: self.leftovers,
            exchanges: self.exchanges,
            ..run
        }
    }

    /// The refused or unanswered request of the running step that a failure with this message rests on.
    #[must_use]
    pub fn culprit(&self, message: &str) -> Option<&Exchange> {
        let own = self.running_step()?.exchanges.iter().copied();
        let failed = own.filter(|place| {
            let exchange = &self.exchanges[*place];
            exchange.sender == Sender::Step && exchange.problem.is_some()
        });
        let culprit = culprit(&self.exchanges, &failed.collect::<Vec<_>>(), message)?;
        Some(&self.exchanges[culprit])
    }

    /// The test that is running.
    pub(crate) fn running_test(&self) -> Option<&Test> {
        self.tests.last().filter(|_| self.in_test)
    }

    /// The step that is running.
    pub(crate) fn running_step(&self) -> Option<&Step> {
        self.running_test()?.steps.last().filter(|_| self.in_step)
    }

    fn running_step_mut(&mut self) -> Option<&mut Step> {
        let test = self.tests.last_mut()?;
        test.steps.last_mut().filter(|_| self.in_step)
    }

    fn in_last_test(&mut self, change: impl FnOnce(&mut Test)) {
        self.tests.last_mut().map(change);
    }

    fn begin(&mut self, at: f64, name: String, about: String) {
        self.abort(at, &panicked());
        self.repeated.clear();
        self.tests.push(Test {
            name,
            about,
            started_at: at,
            ..Test::default()
        });
        (self.in_test, self.in_step) = (true, false);
    }

    fn finish_test(&mut self, at: f64, seconds: f64, failure: Option<Failure>) {
        (self.in_test, self.in_step) = (false, false);
        let Some(test) = self.tests.last_mut() else {
            return;
        };
        let repeated = test.steps.iter().any(|step| !step.repeated.is_empty());
        test.seconds = seconds;
        test.result = result(failure.as_ref(), repeated || !self.repeated.is_empty());
        test.failure = failure;
        if test.failure.is_none() && has_checked_nothing(test) {
            let gaps = test.not_checked.iter();
            let gaps: Vec<_> = gaps
                .map(|gap| format!("{}: {}", gap.what, gap.why))
                .collect();
            test.result = TestResult::Skipped;
            test.skipped = Some(gaps.join("; "));
        }
        let jobs = self.jobs.iter_mut().filter(|job| job.test == test.name);
        jobs.for_each(|job| job.until = at);
    }

    fn begin_step(&mut self, at: f64, name: String) {
        let repeated = mem::take(&mut self.repeated);
        self.in_last_test(|test| {
            test.steps.push(Step {
                name,
                started_at: at,
                repeated,
                ..Step::default()
            });
        });
        self.in_step = true;
    }

    fn finish_step(&mut self, seconds: f64, failure: Option<Failure>) {
        if let Some(step) = self.running_step_mut() {
            step.seconds = seconds;
            step.result = result(failure.as_ref(), !step.repeated.is_empty());
            step.failure = failure;
        }
        self.in_step = false;
    }

    fn wait(&mut self, what: String, limit: Option<f64>) {
        if let Some(step) = self.running_step_mut() {
            step.waited_for = Some(Wait { what, limit });
        }
    }

    /// A repeat between two steps counts with the step before it.
    fn repeat(&mut self, repeat: Repeat) {
        let test = self.tests.last_mut();
        let Some(step) = test.and_then(|test| test.steps.last_mut()) else {
            self.repeated.push(repeat);
            return;
        };
        step.repeated.push(repeat);
        if step.result == TestResult::Passed {
            step.result = TestResult::Flaky;
        }
    }

    /// The job with this id. Ids are used again after a job was deleted, so each test has jobs of its
    /// own.
    fn job(&mut self, id: i64) -> Option<&mut Job> {
        let test = self.tests.last().map_or("", |test| &test.name);
        let mut jobs = self.jobs.iter_mut();
        jobs.find(|job| job.id == id && job.test == test)
    }

    fn job_state(&mut self, id: i64, state: State) {
        if let Some(job) = self.job(id) {
            job.until = state.seen_at;
            job.states.push(state);
            return;
        }
        self.jobs.push(Job {
            id,
            test: self
                .tests
                .last()
                .map_or(String::new(), |test| test.name.clone()),
            until: state.seen_at,
            states: vec![state],
            requeued: Vec::new(),
        });
    }

    fn add_exchange(&mut self, exchange: Exchange) {
        let place = self.exchanges.len();
        let test = self.tests.last_mut();
        let step = test.and_then(|test| test.steps.last_mut());
        if let Some(step) = step.filter(|_| self.in_step) {
            // An answer that turns out to be wrong is reported twice.
            let same = step.exchanges.iter().copied().find(|&known| {
                let known = &self.exchanges[known];
                known.problem.is_none() && is_same_request(known, &exchange)
            });
            if let Some(known) = same {
                self.exchanges[known] = exchange;
                return;
            }
            step.exchanges.push(place);
        }
        self.exchanges.push(exchange);
    }

    /// Ends the running test, and its running step, without an event of their own.
    fn abort(&mut self, end: f64, why: &Failure) {
        if !self.in_test {
            return;
        }
        if let Some(test) = self.tests.last_mut() {
            test.result = result(Some(why), false);
            test.seconds = seconds(test.started_at, end);
            test.failure = Some(why.clone());
            if let Some(step) = test.steps.last_mut().filter(|_| self.in_step) {
                step.result = result(Some(why), false);
                step.seconds = seconds(step.started_at, end);
                step.failure = Some(why.clone());
            }
            let jobs = self.jobs.iter_mut().filter(|job| job.test == test.name);
            jobs.for_each(|job| job.until = end);
        }
        (self.in_test, self.in_step) = (false, false);
    }
}

/// The failure of a test without an end: `wasm32` aborts on a panic.
pub(crate) fn panicked() -> Failure {
    Failure::ourselves("it panicked: it never reported its end")
}

/// Whether a test could not make a check, and no step has checked anything.
fn has_checked_nothing(test: &Test) -> bool {
    let checked = test.steps.iter().any(|step| event::is_check(&step.name));
    !checked && !test.not_checked.is_empty()
}

fn result(failure: Option<&Failure>, is_repeated: bool) -> TestResult {
    match failure.map(|failure| failure.blame) {
        None if is_repeated => TestResult::Flaky,
        None => TestResult::Passed,
        Some(Blame::Stack) => TestResult::Failed,
        Some(Blame::Input | Blame::Ourselves) => TestResult::Error,
    }
}

fn seconds(from: f64, to: f64) -> f64 {
    ((to - from) / 1000.0).max(0.0)
}
