//! Makes the model of a run from what was told while it ran.

use opencloud_browser::traffic::Traffic;
use opencloud_model::{
    event::{self, Blame, Event, Failure, Timed},
    origin_table::OriginTable,
};
use opencloud_reports::model::{
    Advice, Environment, Job, Leftovers, Measured, NotChecked, Origin, Origins, Outcome, Repeat,
    Requeued, Row, Run, SCHEMA_VERSION, State, Step, Test, TestResult, Versions, Wait,
};

use super::requests::Requests;

/// What is known of a run besides its events.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    /// The run's name.
    pub(crate) id: String,
    /// When the page was opened, in milliseconds since 1970.
    pub(crate) started_at: f64,
    /// How long it took from then on.
    pub(crate) seconds: f64,
    /// The run in one line.
    pub(crate) verdict: String,
    /// The exit code.
    pub(crate) exit_code: u8,
    /// Why there is no verdict on the tests, if so.
    pub(crate) failure: Option<Failure>,
    /// What was under test.
    pub(crate) environment: Environment,
    /// What it was tested with.
    pub(crate) versions: Versions,
}

/// The run that `events` tell of. `traffic` is what the browser knows of its requests.
pub(crate) fn run(frame: Frame, events: &[Timed], traffic: &Traffic) -> Run {
    let mut builder = Builder::default();
    for Timed { at, event } in events {
        builder.take(*at, event);
    }
    let end = frame.started_at + frame.seconds * 1000.0;
    builder.finish(end, frame.failure.as_ref());
    let Builder {
        mut tests,
        jobs,
        origins,
        leftovers,
        requests,
        ..
    } = builder;
    let exchanges = requests.merge(&traffic.0, &mut tests);
    let outcome = match (frame.exit_code, &frame.failure) {
        (0, _) => Outcome::Passed,
        (1, _) => Outcome::Failed,
        (2 | 3, _) => Outcome::Error,
        _ => Outcome::Interrupted,
    };
    Run {
        schema_version: SCHEMA_VERSION,
        id: frame.id,
        started_at: frame.started_at,
        seconds: frame.seconds,
        outcome,
        exit_code: frame.exit_code,
        verdict: frame.verdict,
        failure: frame.failure,
        environment: frame.environment,
        versions: frame.versions,
        tests,
        jobs,
        origins,
        leftovers,
        exchanges,
    }
}

#[derive(Default)]
struct Builder {
    tests: Vec<Test>,
    jobs: Vec<Job>,
    origins: Vec<Origins>,
    leftovers: Vec<Leftovers>,
    requests: Requests,
    /// Whether the last test, and its last step, are still running.
    in_test: bool,
    in_step: bool,
}

impl Builder {
    fn take(&mut self, at: f64, event: &Event) {
        match event {
            Event::TestStarted { test, about } => {
                self.close(at, panicked());
                self.tests.push(self::test(test, about, at));
                (self.in_test, self.in_step) = (true, false);
            }
            Event::TestSkipped { test, why } => {
                self.close(at, panicked());
                let mut test = self::test(test, "", at);
                test.result = TestResult::Skipped;
                test.skipped = Some(why.clone());
                self.tests.push(test);
            }
            Event::TestFinished {
                seconds, failure, ..
            } => self.test_finished(at, *seconds, failure.as_ref()),
            Event::JobState {
                job,
                state,
                seconds,
                seen_at,
            } => self.job_state(*job, state, *seconds, *seen_at),
            Event::JobRequeued { job, details } => {
                let test = self.tests.last().map_or("", |test| &test.name);
                let known = |known: &&mut Job| known.id == *job && known.test == test;
                if let Some(job) = self.jobs.iter_mut().find(known) {
                    job.requeued.push(Requeued {
                        seen_at: at,
                        details: details.clone(),
                    });
                }
            }
            Event::Origins { table } => self.origins.push(origins(table)),
            Event::Leftovers { found, remedy } => self.leftovers.push(Leftovers {
                found: found.clone(),
                remedy: remedy.clone(),
            }),
            Event::StepStarted { .. }
            | Event::StepExpects { .. }
            | Event::StepWaiting { .. }
            | Event::StepFinished { .. }
            | Event::Repeated { .. }
            | Event::Request { .. }
            | Event::Tried { .. }
            | Event::Advice { .. }
            | Event::NotChecked { .. }
            | Event::Measured { .. } => {
                if let Some(test) = self.tests.last_mut() {
                    take_in_test(test, &mut self.requests, &mut self.in_step, at, event);
                }
            }
        }
    }

    fn test_finished(&mut self, at: f64, seconds: f64, failure: Option<&Failure>) {
        (self.in_test, self.in_step) = (false, false);
        let Some(test) = self.tests.last_mut() else {
            return;
        };
        test.seconds = seconds;
        let repeated = test.steps.iter().any(|step| !step.repeated.is_empty());
        test.result = result(failure, repeated);
        test.failure = failure.cloned();
        if test.failure.is_none() && has_checked_nothing(test) {
            let gaps = test.not_checked.iter();
            let gaps: Vec<_> = gaps
                .map(|gap| format!("{}: {}", gap.what, gap.why))
                .collect();
            test.result = TestResult::Skipped;
            test.skipped = Some(gaps.join("; "));
        }
        let watched = self.jobs.iter_mut().filter(|job| job.test == test.name);
        watched.for_each(|job| job.until = at);
    }

    /// Ids are used again after a job was deleted, so a new test's job is another.
    fn job_state(&mut self, id: i64, state: &str, seconds: f64, seen_at: f64) {
        let test = self.tests.last().map_or("", |test| &test.name);
        let state = State {
            name: state.into(),
            seen_at,
            seconds,
        };
        let known = |job: &&mut Job| job.id == id && job.test == test;
        if let Some(job) = self.jobs.iter_mut().find(known) {
            job.states.push(state);
            job.until = seen_at;
        } else {
            self.jobs.push(Job {
                id,
                test: test.into(),
                states: vec![state],
                requeued: Vec::new(),
                until: seen_at,
            });
        }
    }

    /// What was still running when the run ended has no result of its own: it ended with the run.
    fn finish(&mut self, end: f64, failure: Option<&Failure>) {
        self.close(end, failure.cloned().unwrap_or_else(panicked));
    }

    /// The last test ends without having told so, if it has begun and not ended.
    fn close(&mut self, end: f64, why: Failure) {
        if !self.in_test {
            return;
        }
        if let Some(test) = self.tests.last_mut() {
            test.result = TestResult::Error;
            test.seconds = seconds(test.started_at, end);
            test.failure = Some(why.clone());
            if let Some(step) = test.steps.last_mut().filter(|_| self.in_step) {
                step.result = TestResult::Error;
                step.seconds = seconds(step.started_at, end);
                step.failure = Some(why);
            }
            let watched = self.jobs.iter_mut().filter(|job| job.test == test.name);
            watched.for_each(|job| job.until = end);
        }
        (self.in_test, self.in_step) = (false, false);
    }
}

/// Why a test never tells its end: `wasm32` aborts on a panic.
fn panicked() -> Failure {
    Failure::ourselves("it panicked: it never told its end")
}

/// Whether a test has told what it could not check, and no step has checked anything.
fn has_checked_nothing(test: &Test) -> bool {
    let checked = test.steps.iter().any(|step| event::is_check(&step.name));
    !checked && !test.not_checked.is_empty()
}

fn take_in_test(
    test: &mut Test,
    requests: &mut Requests,
    in_step: &mut bool,
    at: f64,
    event: &Event,
) {
    match event {
        Event::StepStarted { step } => {
            test.steps.push(self::step(step, at));
            *in_step = true;
        }
        Event::Advice { what, mend } => test.advice.push(Advice {
            what: what.clone(),
            mend: mend.clone(),
        }),
        Event::NotChecked { what, why } => test.not_checked.push(NotChecked {
            what: what.clone(),
            why: why.clone(),
        }),
        Event::Measured { what, value } => test.measured.push(Measured {
            what: what.clone(),
            value: *value,
        }),
        _ => {
            let running = test.steps.last_mut().filter(|_| *in_step);
            if matches!(event, Event::Request { .. } | Event::Tried { .. }) {
                requests.take(event, running);
            } else if let Some(step) = running {
                take_in_step(step, in_step, event);
            }
        }
    }
}

fn take_in_step(step: &mut Step, in_step: &mut bool, event: &Event) {
    match event {
        Event::StepExpects { waiting_for, limit } => {
            step.waited_for = Some(Wait {
                what: waiting_for.clone(),
                limit: Some(*limit),
            });
        }
        Event::StepWaiting {
            waiting_for, limit, ..
        } => {
            step.waited_for = Some(Wait {
                what: waiting_for.clone(),
                limit: *limit,
            });
        }
        Event::Repeated {
            name,
            attempt,
            why,
            delay,
        } => step.repeated.push(Repeat {
            name: name.clone(),
            attempt: *attempt,
            why: why.clone(),
            delay: *delay,
        }),
        Event::StepFinished {
            seconds, failure, ..
        } => {
            step.seconds = *seconds;
            step.result = result(failure.as_ref(), !step.repeated.is_empty());
            step.failure.clone_from(failure);
            *in_step = false;
        }
        _ => {}
    }
}

fn result(failure: Option<&Failure>, repeated: bool) -> TestResult {
    match failure.map(|failure| failure.blame) {
        None if repeated => TestResult::Flaky,
        None => TestResult::Passed,
        Some(Blame::Stack) => TestResult::Failed,
        Some(Blame::Input | Blame::Ourselves) => TestResult::Error,
    }
}

fn seconds(from: f64, to: f64) -> f64 {
    ((to - from) / 1000.0).max(0.0)
}

fn origins(table: &OriginTable) -> Origins {
    let origins = table.origins.iter();
    let rows = table.rows.iter();
    Origins {
        origins: origins
            .map(|(origin, difference)| Origin {
                origin: origin.clone(),
                difference: difference.clone(),
            })
            .collect(),
        rows: rows
            .map(|row| Row {
                call: row.call.clone(),
                cells: row.cells.clone(),
            })
            .collect(),
    }
}

fn test(name: &str, about: &str, at: f64) -> Test {
    Test {
        name: name.into(),
        about: about.into(),
        result: TestResult::Passed,
        started_at: at,
        seconds: 0.0,
        failure: None,
        skipped: None,
        steps: Vec::new(),
        not_checked: Vec::new(),
        advice: Vec::new(),
        measured: Vec::new(),
    }
}

fn step(name: &str, at: f64) -> Step {
    Step {
        name: name.into(),
        result: TestResult::Passed,
        started_at: at,
        seconds: 0.0,
        failure: None,
        waited_for: None,
        repeated: Vec::new(),
        exchanges: Vec::new(),
        culprit: None,
    }
}
