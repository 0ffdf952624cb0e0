//! What came out of a run.

use opencloud_suite::report::{Blame, Event, Failure};

use crate::{
    delay::Sighting,
    failure::{INPUT_IS_WRONG, OUR_FAILURE, STACK_IS_WRONG},
};

/// What the events of a run come to.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    tests: usize,
    steps: usize,
    not_checked: usize,
    /// Whether the current test has repeated a request.
    repeated: bool,
    /// Tests that passed, but only because requests were repeated.
    flaky: Vec<String>,
    failed: Vec<FailedTest>,
    /// Tests that began and never told their end: they panicked.
    aborted: Vec<String>,
    test: Option<String>,
    step: Option<String>,
    failed_step: Option<String>,
    waiting_for: Option<String>,
    sightings: Vec<Sighting>,
}

#[derive(Debug)]
struct FailedTest {
    test: String,
    step: Option<String>,
    failure: Failure,
}

impl Tally {
    /// Counts `event`.
    pub(crate) fn record(&mut self, event: &Event) {
        match event {
            Event::TestStarted { test, .. } => {
                self.aborted.extend(self.test.replace(test.clone()));
                self.tests += 1;
                self.repeated = false;
                self.step = None;
                self.failed_step = None;
            }
            Event::StepStarted { step } => {
                self.step = Some(step.clone());
                self.waiting_for = None;
            }
            Event::StepWaiting { waiting_for, .. } => self.waiting_for = Some(waiting_for.clone()),
            Event::StepFinished { step, failure, .. } => {
                self.steps += 1;
                self.step = None;
                if failure.is_some() {
                    // A later one is the teardown's.
                    self.failed_step.get_or_insert_with(|| step.clone());
                }
            }
            Event::TestFinished { test, failure, .. } => {
                self.test = None;
                if let Some(failure) = failure {
                    self.failed.push(FailedTest {
                        test: test.clone(),
                        step: self.failed_step.take(),
                        failure: failure.clone(),
                    });
                } else if self.repeated {
                    self.flaky.push(test.clone());
                }
            }
            Event::Repeated { .. } => self.repeated = true,
            Event::NotChecked { .. } => self.not_checked += 1,
            Event::JobState {
                job,
                state,
                seen_at,
                ..
            } => self.sightings.push(Sighting {
                job: *job,
                state: state.clone(),
                seen_at: *seen_at,
            }),
            _ => {}
        }
    }

    /// Call it when no more events come.
    pub(crate) fn end(&mut self) {
        self.aborted.extend(self.test.take());
    }

    /// The states that jobs were seen in.
    pub(crate) fn sightings(&self) -> &[Sighting] {
        &self.sightings
    }

    /// Whether a test passed only because requests were repeated.
    pub(crate) fn is_flaky(&self) -> bool {
        !self.flaky.is_empty()
    }

    /// Whether any test has begun.
    pub(crate) fn has_started(&self) -> bool {
        self.tests > 0
    }

    /// Tests that began and never told their end.
    pub(crate) fn aborted(&self) -> &[String] {
        &self.aborted
    }

    /// Where the run is, for a message about its sudden end.
    pub(crate) fn place(&self) -> String {
        match (&self.test, &self.step, &self.waiting_for) {
            (None, ..) => "before the first test or between two".into(),
            (Some(test), None, _) => format!("in {test}, between two steps"),
            (Some(test), Some(step), None) => format!("in {test}, step \"{step}\""),
            (Some(test), Some(step), Some(waiting_for)) => {
                format!("in {test}, step \"{step}\", which was waiting for {waiting_for}")
            }
        }
    }

    /// The gravest failure: one of ours puts the others in doubt, and so does bad input.
    pub(crate) fn gravest(&self) -> Option<&Failure> {
        let gravity = |blame| match blame {
            Blame::Stack => 0,
            Blame::Input => 1,
            Blame::Ourselves => 2,
        };
        let failures = self.failed.iter().map(|failed| &failed.failure);
        // Of several equally grave ones the first: the others may follow from it.
        failures.rev().max_by_key(|failure| gravity(failure.blame))
    }

    /// The exit code.
    pub(crate) fn exit_code(&self) -> u8 {
        match self.gravest().map(|failure| failure.blame) {
            None => 0,
            Some(Blame::Stack) => STACK_IS_WRONG,
            Some(Blame::Input) => INPUT_IS_WRONG,
            Some(Blame::Ourselves) => OUR_FAILURE,
        }
    }

    /// The run in one line.
    pub(crate) fn verdict(&self, seconds: f64, about: &str) -> String {
        let tests = match (count(self.tests, "test"), self.flaky.len()) {
            (tests, 0) => tests,
            (tests, flaky) => format!("{tests} ({flaky} flaky)"),
        };
        let steps = match (count(self.steps, "step"), self.not_checked) {
            (steps, 0) => steps,
            (steps, more) => format!("{steps}, {more} not checked,"),
        };
        match self.failed.split_first() {
            None => format!("passed: {tests}, {steps} in {seconds:.1} s ({about})"),
            Some((first, rest)) => {
                let step = match &first.step {
                    Some(step) => format!(", step \"{step}\""),
                    None => String::new(),
                };
                let more = match rest.len() {
                    0 => String::new(),
                    more => format!(" and {more} more"),
                };
                format!(
                    "failed: {}{step}{more}, of {tests} in {seconds:.1} s ({about})",
                    first.test
                )
            }
        }
    }
}

fn count(number: usize, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        _ => format!("{number} {what}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test(tally: &mut Tally, name: &str, failure: Option<Failure>) {
        tally.record(&Event::TestStarted {
            test: name.into(),
            about: String::new(),
        });
        let step = String::from("start a job");
        tally.record(&Event::StepStarted { step: step.clone() });
        let seconds = 0.1;
        tally.record(&Event::StepFinished {
            step,
            seconds,
            failure: failure.clone(),
        });
        tally.record(&Event::TestFinished {
            test: name.into(),
            seconds,
            failure,
        });
    }

    fn failure(blame: Blame) -> Failure {
        Failure {
            blame,
            message: format!("{blame:?}"),
            out_of_time: false,
        }
    }

    #[test]
    fn a_run_without_a_failure_passes() {
        let mut tally = Tally::default();
        test(&mut tally, "one", None);
        tally.end();
        assert_eq!(tally.exit_code(), 0);
        assert!(tally.aborted().is_empty());
        assert_eq!(
            tally.verdict(2.345, "embedded, files in s3"),
            "passed: 1 test, 1 step in 2.3 s (embedded, files in s3)"
        );
    }

    #[test]
    fn a_test_that_passes_only_by_a_repeat_is_flaky() {
        let mut tally = Tally::default();
        let repeat = Event::Repeated {
            name: "list jobs".into(),
            attempt: 2,
            why: "answered 503".into(),
            delay: 0.1,
        };
        for (name, failure) in [("one", None), ("two", Some(failure(Blame::Stack)))] {
            tally.record(&Event::TestStarted {
                test: name.into(),
                about: String::new(),
            });
            tally.record(&repeat);
            tally.record(&Event::TestFinished {
                test: name.into(),
                seconds: 0.1,
                failure,
            });
        }
        test(&mut tally, "three", None);
        assert_eq!(
            tally.verdict(1.0, "dev"),
            "failed: two, of 3 tests (1 flaky) in 1.0 s (dev)"
        );
    }

    #[test]
    fn the_gravest_failure_decides_the_exit_code() {
        let mut tally = Tally::default();
        test(&mut tally, "one", Some(failure(Blame::Stack)));
        assert_eq!(tally.exit_code(), 1);
        assert_eq!(
            tally.verdict(1.0, "dev"),
            "failed: one, step \"start a job\", of 1 test in 1.0 s (dev)"
        );
        test(&mut tally, "two", Some(failure(Blame::Input)));
        assert_eq!(tally.exit_code(), 2);
        test(&mut tally, "three", Some(failure(Blame::Ourselves)));
        assert_eq!(tally.exit_code(), 3);
        tally.record(&Event::NotChecked {
            what: "an expired token".into(),
            why: "there is none".into(),
        });
        assert!(
            tally
                .verdict(1.0, "dev")
                .starts_with("failed: one, step \"start a job\" and 2 more")
        );
    }

    #[test]
    fn a_test_that_never_ends_is_told_with_its_place() {
        let mut tally = Tally::default();
        assert_eq!(tally.place(), "before the first test or between two");
        tally.record(&Event::TestStarted {
            test: "one".into(),
            about: String::new(),
        });
        tally.record(&Event::StepStarted {
            step: "wait".into(),
        });
        tally.record(&Event::StepWaiting {
            step: "wait".into(),
            seconds: 5.0,
            limit: None,
            waiting_for: "job 1 to be running".into(),
        });
        assert_eq!(
            tally.place(),
            "in one, step \"wait\", which was waiting for job 1 to be running"
        );
        test(&mut tally, "two", None);
        tally.end();
        assert_eq!(tally.aborted(), ["one"]);
    }
}
