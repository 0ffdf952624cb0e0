//! What a run on a stack that is wrong, or merely awkward, says of the suite.

use super::{
    expectations::Expectation,
    observed::{FailedTest, Observed},
};

/// What a run says of the suite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Judgement {
    /// The test meant to notice the fault failed, in this step, and what it said names the cause.
    Detected(String),
    /// Something failed, but another test, or without naming the cause; what was said.
    Misattributed(String),
    /// Nothing failed.
    Missed,
    /// Only a time limit ended the test, although nothing of the fault is endless; what was said.
    Hung(String),
    /// The suite passed under the disturbance.
    Tolerated,
    /// The suite failed under the disturbance; what was said.
    FalseAlarm(String),
}

impl Judgement {
    /// Its name.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Detected(_) => "detected",
            Self::Misattributed(_) => "misattributed",
            Self::Missed => "missed",
            Self::Hung(_) => "hung",
            Self::Tolerated => "tolerated",
            Self::FalseAlarm(_) => "false alarm",
        }
    }

    /// Whether it is as it should be.
    pub(crate) fn is_good(&self) -> bool {
        matches!(self, Self::Detected(_) | Self::Tolerated)
    }

    /// The step that noticed the fault.
    pub(crate) fn step(&self) -> Option<&str> {
        match self {
            Self::Detected(step) => Some(step),
            _ => None,
        }
    }

    /// What the suite said, where that is not as it should be.
    pub(crate) fn said(&self) -> Option<&str> {
        match self {
            Self::Misattributed(said) | Self::Hung(said) | Self::FalseAlarm(said) => Some(said),
            _ => None,
        }
    }

    /// Judges a run of the test meant to notice a fault, and of it alone. `None`: it takes a run of
    /// the whole suite to judge.
    pub(crate) fn of_meant_test(expectation: &Expectation, run: &Observed) -> Option<Self> {
        if run.hung.is_some() {
            return Some(Self::Hung(run.describe()));
        }
        let failed = run.failure(&expectation.test)?;
        if failed.out_of_time && !expectation.hangs {
            return Some(Self::Hung(failed.told.clone()));
        }
        let step = || Self::Detected(failed.step.clone().unwrap_or_default());
        names_the_cause(expectation, failed).then(step)
    }

    /// Judges a fault that the test meant to notice it did not notice, by a run of the whole suite.
    pub(crate) fn of_whole_suite(alone: &Observed, whole: &Observed) -> Self {
        if whole.hung.is_some() {
            return Self::Hung(whole.describe());
        }
        match alone.failed.first() {
            Some(failed) => Self::Misattributed(failed.told.clone()),
            None if whole.passed() => Self::Missed,
            None => Self::Misattributed(whole.describe()),
        }
    }

    /// Judges a run that should pass.
    pub(crate) fn of_sound_run(run: &Observed) -> Self {
        if run.passed() {
            Self::Tolerated
        } else {
            Self::FalseAlarm(run.describe())
        }
    }
}

fn names_the_cause(expectation: &Expectation, failed: &FailedTest) -> bool {
    let says = &expectation.says;
    says.iter().all(|words| failed.told.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expectation(hangs: bool) -> Expectation {
        Expectation {
            test: "files::delete".into(),
            says: vec!["DELETE".into(), "allow_methods".into()],
            frontend: None,
            hangs,
        }
    }

    fn failed(test: &str, told: &str, out_of_time: bool) -> Observed {
        let mut observed = Observed::default();
        observed.failed.push(FailedTest {
            name: test.into(),
            step: Some("delete one file".into()),
            told: told.into(),
            out_of_time,
        });
        observed
    }

    #[test]
    fn a_fault_is_detected_by_the_meant_test_with_the_meant_words() {
        let said = "DELETE /files: refused (allow_methods)";
        let run = failed("files::delete", said, false);
        let judged = Judgement::of_meant_test(&expectation(false), &run);
        assert_eq!(judged, Some(Judgement::Detected("delete one file".into())));
    }

    #[test]
    fn other_words_or_another_test_misattribute_it() {
        let vague = failed("files::delete", "DELETE failed", false);
        assert_eq!(Judgement::of_meant_test(&expectation(false), &vague), None);
        let judged = Judgement::of_whole_suite(&vague, &vague);
        assert_eq!(judged, Judgement::Misattributed("DELETE failed".into()));

        let other = failed("jobs::refusals", "DELETE allow_methods", false);
        assert_eq!(Judgement::of_meant_test(&expectation(false), &other), None);
        let judged = Judgement::of_whole_suite(&Observed::default(), &other);
        assert_eq!(judged.name(), "misattributed");
    }

    #[test]
    fn where_nothing_fails_it_is_missed() {
        let passed = Observed::default();
        assert_eq!(Judgement::of_meant_test(&expectation(false), &passed), None);
        let judged = Judgement::of_whole_suite(&passed, &passed);
        assert_eq!(judged, Judgement::Missed);
        assert!(!judged.is_good());
    }

    #[test]
    fn a_time_limit_detects_only_what_never_ends() {
        let said = "DELETE allow_methods";
        let late = failed("files::delete", said, true);
        let judged = Judgement::of_meant_test(&expectation(false), &late);
        assert_eq!(judged, Some(Judgement::Hung(said.into())));
        let judged = Judgement::of_meant_test(&expectation(true), &late);
        assert_eq!(judged, Some(Judgement::Detected("delete one file".into())));

        let mut stuck = Observed::default();
        stuck.hung = Some("in files::delete".into());
        let judged = Judgement::of_meant_test(&expectation(true), &stuck);
        assert_eq!(judged, Some(Judgement::Hung("in files::delete".into())));
    }

    #[test]
    fn under_a_disturbance_nothing_may_fail() {
        assert!(Judgement::of_sound_run(&Observed::default()).is_good());
        let alarm = Judgement::of_sound_run(&failed("files::names", "404", false));
        assert_eq!(alarm.said(), Some("files::names: 404"));
        assert!(!alarm.is_good());
    }
}
