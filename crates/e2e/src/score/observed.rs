//! What came of one run of the suite.

use opencloud_model::event::{Blame, EngineReason, Event, Failure, TEARDOWN};

/// What came of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Observed {
    /// The tests that failed.
    pub(crate) failed: Vec<FailedTest>,
    /// Whether the run did not end by itself, and where it was.
    pub(crate) hung: Option<String>,
    /// Whether the suite panicked, and where it was.
    pub(crate) panicked: Option<String>,
    current: Vec<FailedStep>,
    repeated: Vec<String>,
}

/// A test that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FailedTest {
    /// Its name.
    pub(crate) name: String,
    /// Its first step that failed.
    pub(crate) step: Option<String>,
    /// What its steps said. The teardown's words count only if nothing failed before it.
    pub(crate) told: String,
    /// The requests that it sent once more, and why.
    pub(crate) repeated: Vec<String>,
    /// Whom the first failure blames.
    pub(crate) blame: Blame,
    /// Whether the first failure was found out only by a time limit.
    pub(crate) out_of_time: bool,
    /// What the browser's engine said instead of what the test did.
    pub(crate) contradiction: Option<EngineReason>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct FailedStep {
    name: String,
    failure: Failure,
}

impl Observed {
    /// Takes in what happened.
    pub(crate) fn record(&mut self, event: &Event) {
        match event {
            Event::TestStarted { .. } => {
                self.current.clear();
                self.repeated.clear();
            }
            Event::Repeated { name, why, .. } => self.repeated.push(format!("{name}: {why}")),
            Event::StepFinished {
                step,
                failure: Some(failure),
                ..
            } if step != TEARDOWN || self.current.is_empty() => self.current.push(FailedStep {
                name: step.clone(),
                failure: failure.clone(),
            }),
            Event::TestFinished {
                test,
                failure: Some(failure),
                ..
            } => {
                let steps = std::mem::take(&mut self.current);
                let first = steps.first();
                let told: Vec<_> = steps.iter().map(|step| step.failure.text()).collect();
                let cause = first.map_or(failure, |step| &step.failure);
                let mut reasons = steps.iter().filter_map(|step| step.failure.engine.as_ref());
                let contradiction = reasons.find(|reason| !reason.agrees).cloned();
                self.failed.push(FailedTest {
                    name: test.clone(),
                    step: first.map(|step| step.name.clone()),
                    told: if told.is_empty() {
                        failure.text()
                    } else {
                        told.join("\n")
                    },
                    repeated: std::mem::take(&mut self.repeated),
                    blame: cause.blame,
                    out_of_time: cause.out_of_time,
                    contradiction,
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
            .chain(self.panicked.clone())
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// Whether nothing failed.
    pub(crate) fn passed(&self) -> bool {
        self.failed.is_empty() && self.hung.is_none() && self.panicked.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_teardown_counts_only_where_nothing_failed_before_it() {
        let failed = |step: &str, message: &str| Event::StepFinished {
            step: step.into(),
            seconds: 0.0,
            failure: Some(Failure::stack(message)),
        };
        let ended = Event::TestFinished {
            test: "files::delete".into(),
            seconds: 0.0,
            failure: Some(Failure::stack("all of it")),
        };
        let told = |events: &[Event]| {
            let mut observed = Observed::default();
            for event in events {
                observed.record(event);
            }
            observed.failed.remove(0).told
        };
        let teardown = failed(TEARDOWN, "still there");
        assert_eq!(told(&[teardown.clone(), ended.clone()]), "still there");
        let steps = [
            failed("one", "a"),
            failed("two", "b"),
            teardown,
            ended.clone(),
        ];
        assert_eq!(told(&steps), "a\nb");
        assert_eq!(told(&[ended]), "all of it");
    }
}
