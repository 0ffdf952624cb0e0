//! What came of one run of the suite.

use opencloud_suite::report::Event;

/// What came of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Observed {
    /// The tests that failed.
    pub(crate) failed: Vec<FailedTest>,
    /// Whether the run did not end by itself, and where it was.
    pub(crate) hung: Option<String>,
    told: String,
    first: Option<(String, bool)>,
}

/// A test that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FailedTest {
    /// Its name.
    pub(crate) name: String,
    /// Its first step that failed.
    pub(crate) step: Option<String>,
    /// What its steps said.
    pub(crate) told: String,
    /// Whether the first failure was found out only by a time limit.
    pub(crate) out_of_time: bool,
}

impl Observed {
    /// Takes in what happened.
    pub(crate) fn record(&mut self, event: &Event) {
        match event {
            Event::TestStarted { .. } => {
                self.told.clear();
                self.first = None;
            }
            Event::StepFinished {
                step,
                failure: Some(failure),
                ..
            } => {
                self.told.push_str(&failure.message);
                self.told.push('\n');
                self.first
                    .get_or_insert_with(|| (step.clone(), failure.out_of_time));
            }
            Event::TestFinished {
                test,
                failure: Some(failure),
                ..
            } => {
                if self.told.is_empty() {
                    self.told.push_str(&failure.message);
                }
                let (step, out_of_time) = match self.first.take() {
                    Some((step, out_of_time)) => (Some(step), out_of_time),
                    None => (None, failure.out_of_time),
                };
                self.failed.push(FailedTest {
                    name: test.clone(),
                    step,
                    told: std::mem::take(&mut self.told).trim_end().into(),
                    out_of_time,
                });
            }
            _ => {}
        }
    }

    /// The failure of the test of this name.
    pub(crate) fn failure(&self, test: &str) -> Option<&FailedTest> {
        self.failed.iter().find(|failed| failed.name == test)
    }

    /// All that failed, for a person.
    pub(crate) fn describe(&self) -> String {
        let failed = self.failed.iter();
        let failed = failed.map(|failed| format!("{}: {}", failed.name, failed.told));
        failed
            .chain(self.hung.clone())
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// Whether nothing failed.
    pub(crate) fn passed(&self) -> bool {
        self.failed.is_empty() && self.hung.is_none()
    }
}
