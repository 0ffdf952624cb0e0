//! The result of one run of the suite, as the score reads it.

use opencloud_model::event::{EngineReason, Failure};
use opencloud_reports::model::Test;

use crate::run::watch::Ending;

/// The result of a run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Observed {
    tests: Vec<Test>,
    /// Whether the run did not end by itself, and where it was.
    pub(crate) hung: Option<String>,
    /// Whether the suite panicked, and where it was.
    pub(crate) panicked: Option<String>,
}

/// A test that failed.
#[derive(Debug)]
pub(crate) struct FailedTest<'a> {
    /// Its name.
    pub(crate) name: &'a str,
    /// Its first step that failed.
    pub(crate) step: Option<&'a str>,
    /// Its first failure.
    pub(crate) failure: &'a Failure,
    /// The messages of all its failures.
    pub(crate) said: String,
    /// The first request that it repeated, and why.
    pub(crate) repeated: Option<String>,
    /// A reason that the browser's engine gives and that contradicts the test.
    pub(crate) contradiction: Option<&'a EngineReason>,
}

impl Observed {
    /// The result of a run with these tests.
    pub(crate) fn new(tests: Vec<Test>, ending: Ending) -> Self {
        let mut observed = Self {
            tests,
            ..Self::default()
        };
        match ending {
            Ending::Complete => {}
            Ending::Hung { message, .. } => observed.hung = Some(message),
            Ending::Panicked { message, .. } => observed.panicked = Some(message),
        }
        observed
    }

    /// The tests that failed.
    pub(crate) fn failed(&self) -> impl Iterator<Item = FailedTest<'_>> {
        self.tests.iter().filter_map(FailedTest::of)
    }

    /// The failure of the test of this name.
    pub(crate) fn failure(&self, test: &str) -> Option<FailedTest<'_>> {
        self.failed().find(|failed| failed.name == test)
    }

    /// All failures, for a person.
    pub(crate) fn describe(&self) -> String {
        let failed = self.failed();
        let failed = failed.map(|failed| format!("{}: {}", failed.name, failed.said));
        failed
            .chain(self.hung.clone())
            .chain(self.panicked.clone())
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// Whether nothing failed.
    pub(crate) fn passed(&self) -> bool {
        self.failed().next().is_none() && self.hung.is_none() && self.panicked.is_none()
    }
}

impl<'a> FailedTest<'a> {
    fn of(test: &'a Test) -> Option<Self> {
        let failures = test.failures();
        let (step, failure) = failures.first().copied()?;
        let said: Vec<_> = failures.iter().map(|(_, failure)| failure.text()).collect();
        let mut reasons = failures
            .iter()
            .filter_map(|(_, failure)| failure.engine.as_ref());
        let mut repeated = test.steps.iter().flat_map(|step| &step.repeated);
        Some(Self {
            name: &test.name,
            step: step.map(|step| &*step.name),
            failure,
            said: said.join("\n"),
            repeated: repeated
                .next()
                .map(|repeat| format!("{}: {}", repeat.name, repeat.why)),
            contradiction: reasons.find(|reason| !reason.agrees),
        })
    }
}

#[cfg(test)]
mod tests {
    use opencloud_model::event::TEARDOWN;
    use opencloud_reports::model::Step;

    use super::*;

    #[test]
    fn the_teardown_counts_only_where_nothing_failed_before_it() {
        let failed = |step: &str, message: &str| Step {
            name: step.into(),
            failure: Some(Failure::stack(message)),
            ..Step::default()
        };
        let said = |steps: &[Step]| {
            let test = Test {
                name: "files::delete".into(),
                failure: Some(Failure::stack("all of it")),
                steps: steps.into(),
                ..Test::default()
            };
            let observed = Observed::new(vec![test], Ending::Complete);
            let failure = observed.failure("files::delete").unwrap();
            failure.said
        };
        let teardown = failed(TEARDOWN, "still there");
        assert_eq!(said(std::slice::from_ref(&teardown)), "still there");
        let steps = [failed("one", "a"), failed("two", "b"), teardown];
        assert_eq!(said(&steps), "a\nb");
        assert_eq!(said(&[]), "all of it");
    }
}
