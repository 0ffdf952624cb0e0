//! What the tests of a run come to: the verdict in one line and the exit code.

use std::collections::BTreeMap;

use opencloud_model::event::{Blame, Failure};

use super::{
    model::{Test, TestResult},
    progress::{Progress, panicked},
    words::count,
};

impl Progress {
    /// Whether any test has begun.
    #[must_use]
    pub fn has_started(&self) -> bool {
        !self.tests.is_empty()
    }

    /// Whether a test passed only because requests were repeated.
    #[must_use]
    pub fn is_flaky(&self) -> bool {
        self.with(TestResult::Flaky).next().is_some()
    }

    /// The first test that began and never ended, once no further events come.
    #[must_use]
    pub fn panicked_test(&self) -> Option<&Test> {
        let panicked = Some(panicked());
        let mut tests = self.tests.iter();
        let test = tests.find(|test| test.failure == panicked);
        test.or(self.running_test())
    }

    /// Where the run is, for a message about its sudden end.
    #[must_use]
    pub fn place(&self) -> String {
        let Some(test) = self.running_test() else {
            return "before the first test or between two".into();
        };
        let Some(step) = self.running_step() else {
            return format!("in {}, between two steps", test.name);
        };
        let wait = step.waited_for.as_ref();
        let wait = wait.map(|wait| format!(", which was waiting for {}", wait.what));
        let wait = wait.unwrap_or_default();
        format!("in {}, step \"{}\"{wait}", test.name, step.name)
    }

    /// The gravest failure: one of ours puts the others in doubt, and so does bad input.
    #[must_use]
    pub fn gravest(&self) -> Option<&Failure> {
        let failures = self.failed().filter_map(|test| test.failure.as_ref());
        // Of several equally grave ones the first: the others may follow from it.
        let failures: Vec<_> = failures.collect();
        failures
            .into_iter()
            .rev()
            .max_by_key(|failure| failure.blame)
    }

    /// The exit code that the tests call for.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        self.gravest()
            .map_or(0, |failure| failure.blame.exit_code())
    }

    /// The run in one line. `about` names the environment.
    #[must_use]
    pub fn verdict(&self, seconds: f64, about: &str) -> String {
        let end = format!("in {seconds:.1} s ({about})");
        let skipped = self.with(TestResult::Skipped).count();
        let run = self.tests.len() - skipped;
        if run == 0 {
            let reasons = self.tests.iter().filter_map(|test| test.skipped.as_deref());
            let reasons: Vec<_> = reasons.filter_map(|reason| reason.lines().next()).collect();
            let reasons = reasons.join("; ");
            return format!("0 passed, {skipped} skipped ({reasons}) {end}");
        }
        let flaky = unless_zero(self.with(TestResult::Flaky).count(), " (", " flaky)");
        let tests = count(run, "test") + &flaky + &unless_zero(skipped, ", ", " skipped");
        let failed: Vec<_> = self.failed().collect();
        let Some((first, rest)) = failed.split_first() else {
            let tests_of_run = self.tests.iter();
            let steps = tests_of_run.clone().map(|test| test.steps.len()).sum();
            let gaps = tests_of_run.map(|test| test.not_checked.len()).sum();
            let gaps = unless_zero(gaps, ", ", " not checked,");
            return format!("passed: {tests}, {}{gaps} {end}", count(steps, "step"));
        };
        let step = first.failures().first().and_then(|(step, _)| *step);
        let step = step.map_or(String::new(), |step| format!(", step \"{}\"", step.name));
        let more = unless_zero(rest.len(), " and ", " more");
        let (name, by) = (&first.name, by(&failed));
        let comma = if skipped > 0 { "," } else { "" };
        format!("failed: {name}{step}{more}{by}, of {tests}{comma} {end}")
    }

    /// How many requests had to be sent again, and why most of them, if they are so many that people meet it.
    #[must_use]
    pub fn many_repeats(&self) -> Option<String> {
        const FEWEST: usize = 5;
        const ONE_IN: usize = 50;
        let steps = self.tests.iter().flat_map(|test| &test.steps);
        let mut reasons = BTreeMap::<&str, usize>::new();
        for repeat in steps.flat_map(|step| &step.repeated) {
            *reasons.entry(&repeat.why).or_default() += 1;
        }
        let repeats: usize = reasons.values().sum();
        let requests = self.exchanges.len();
        let (why, times) = reasons.into_iter().max_by_key(|(_, times)| *times)?;
        (repeats >= FEWEST && repeats * ONE_IN >= requests).then(|| {
            format!(
                "{repeats} of {requests} requests were repeated, which the frontend does not do; {times} of them \
                 because: {why}"
            )
        })
    }

    fn with(&self, result: TestResult) -> impl Iterator<Item = &Test> {
        self.tests.iter().filter(move |test| test.result == result)
    }

    fn failed(&self) -> impl Iterator<Item = &Test> {
        self.tests.iter().filter(|test| test.failure.is_some())
    }
}

fn unless_zero(number: usize, before: &str, after: &str) -> String {
    match number {
        0 => String::new(),
        number => format!("{before}{number}{after}"),
    }
}

/// How many of the failures are no fault of the stack's, where some are.
fn by(failed: &[&Test]) -> String {
    let is_stacks = |test: &&&Test| {
        let failure = test.failure.as_ref();
        failure.is_some_and(|failure| failure.blame == Blame::Stack)
    };
    let of_the_stack = failed.iter().filter(is_stacks).count();
    match (of_the_stack, failed.len() - of_the_stack) {
        (0, _) | (_, 0) => String::new(),
        (stack, other) => format!(" ({stack} by OpenCloud, {other} by the suite or its input)"),
    }
}

#[cfg(test)]
mod tests;
