//! What came out of a run.

use opencloud_browser::process::{INPUT_IS_WRONG, OUR_FAILURE, STACK_IS_WRONG};
use opencloud_model::event::{Blame, Event, Failure, is_check};

use crate::run::delay::Sighting;

/// What the events of a run come to.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Tests that have begun; those that did not run are none of them.
    tests: usize,
    skipped: usize,
    steps: usize,
    not_checked: usize,
    /// What the current test could not check, and whether it has checked anything.
    gaps: usize,
    has_checked: bool,
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
                (self.gaps, self.has_checked) = (0, false);
                self.step = None;
                self.failed_step = None;
            }
            Event::TestSkipped { .. } => self.skipped += 1,
            Event::StepStarted { step } => {
                self.step = Some(step.clone());
                self.waiting_for = None;
            }
            Event::StepWaiting { waiting_for, .. } => self.waiting_for = Some(waiting_for.clone()),
            Event::StepFinished { step, failure, .. } => {
                self.steps += 1;
                self.has_checked |= is_check(step);
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
                } else if self.gaps > 0 && !self.has_checked {
                    // Not checked is not passed.
                    self.tests -= 1;
                    self.skipped += 1;
                } else if self.repeated {
                    self.flaky.push(test.clone());
                }
            }
            Event::Repeated { .. } => self.repeated = true,
            Event::NotChecked { .. } => {
                self.gaps += 1;
                self.not_checked += 1;
            }
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
        let flaky = match self.flaky.len() {
            0 => String::new(),
            flaky => format!(" ({flaky} flaky)"),
        };
        let skipped = match self.skipped {
            0 => String::new(),
            skipped => format!(", {skipped} skipped,"),
        };
        let tests = format!("{}{flaky}{skipped}", count(self.tests, "test"));
        let steps = match (count(self.steps, "step"), self.not_checked) {
            (steps, 0) => steps,
            (steps, more) => format!("{steps}, {more} not checked,"),
        };
        let Some((first, rest)) = self.failed.split_first() else {
            let tests = tests.trim_end_matches(',');
            return format!("passed: {tests}, {steps} in {seconds:.1} s ({about})");
        };
        let step = match &first.step {
            Some(step) => format!(", step \"{step}\""),
            None => String::new(),
        };
        let more = match rest.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        format!(
            "failed: {}{step}{more}{}, of {tests} in {seconds:.1} s ({about})",
            first.test,
            self.apart()
        )
    }

    /// How many of the failures are no fault of the stack's, where some are.
    fn apart(&self) -> String {
        let is_stacks = |failed: &&FailedTest| failed.failure.blame == Blame::Stack;
        let of_the_stack = self.failed.iter().filter(is_stacks).count();
        match (of_the_stack, self.failed.len() - of_the_stack) {
            (0, _) | (_, 0) => String::new(),
            (stack, other) => format!(" ({stack} by OpenCloud, {other} by the suite or its input)"),
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
mod tests;
