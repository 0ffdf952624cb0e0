//! What a run on a stack that is wrong, or merely awkward, says of the suite.

use opencloud_model::event::{Blame, SET_UP};
use opencloud_stack::{Family, Fault};

use super::{
    expectations::Expectation,
    observed::{FailedTest, Observed},
};

/// What a run says of the suite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Judgement {
    /// The test meant to notice the fault failed, in this step, and what it said names the cause.
    Detected(String),
    /// Something failed, but another test, or without naming the cause, or in a way that leads
    /// astray; what was said.
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

    /// The one of that name, with the step or with what was said. `None` if there is none.
    pub(crate) fn named(name: &str, step: Option<String>, said: Option<String>) -> Option<Self> {
        let said = said.unwrap_or_default();
        let all = [
            Self::Detected(step.unwrap_or_default()),
            Self::Misattributed(said.clone()),
            Self::Missed,
            Self::Hung(said.clone()),
            Self::Tolerated,
            Self::FalseAlarm(said),
        ];
        all.into_iter().find(|judgement| judgement.name() == name)
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

    /// Judges a run of the test meant to notice a fault, and of it alone. `None`: it passed.
    pub(crate) fn of_meant_test(
        fault: Fault,
        expectation: &Expectation,
        run: &Observed,
    ) -> Option<Self> {
        if run.hung.is_some() {
            return Some(Self::Hung(run.describe()));
        }
        if run.panicked.is_some() {
            return Some(Self::Misattributed(run.describe()));
        }
        let failed = match &expectation.test {
            Some(test) => run.failure(test),
            None => run.failed().next(),
        }?;
        Some(if failed.failure.out_of_time && !expectation.hangs {
            Self::Hung(failed.said)
        } else if let Some(flaw) = flaw(fault, expectation, &failed) {
            Self::Misattributed(format!("{flaw}\n{}", failed.said))
        } else if names_the_cause(expectation, &failed) {
            Self::Detected(failed.step.unwrap_or_default().to_owned())
        } else {
            Self::Misattributed(failed.said)
        })
    }

    /// Judges a fault by a run of the whole suite: other tests may fail as well, but none may lead
    /// astray.
    pub(crate) fn of_whole_suite(fault: Fault, expectation: &Expectation, run: &Observed) -> Self {
        match Self::of_meant_test(fault, expectation, run) {
            None if run.passed() => Self::Missed,
            None => Self::Misattributed(run.describe()),
            Some(Self::Detected(step)) => match run.failed().find_map(|failed| misleads(&failed)) {
                Some(flaw) => Self::Misattributed(format!("{flaw}\n{}", run.describe())),
                None => Self::Detected(step),
            },
            Some(judgement) => judgement,
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

/// Why a failure does not do, whatever its words are.
fn flaw(fault: Fault, expectation: &Expectation, failed: &FailedTest<'_>) -> Option<String> {
    let step = failed.step.unwrap_or_default();
    let is_start = SET_UP.contains(&step);
    // What is refused is a finding at once. To send it again would hide one that comes and goes.
    let is_cors = matches!(fault.family(), Family::CorsUserApi | Family::CorsS3Cognito);
    let must_not_repeat = is_cors && !expectation.may_repeat;
    match (&expectation.start, &failed.repeated) {
        (None, _) if is_start => Some(format!("the run did not get past its start: {step}")),
        (Some(start), _) if start != step => Some(format!("another step than {start}: {step}")),
        (_, Some(repeated)) if must_not_repeat => Some(format!("sent once more: {repeated}")),
        _ => misleads(failed),
    }
}

/// How a failure leads astray, if it does.
fn misleads(failed: &FailedTest<'_>) -> Option<String> {
    let name = &failed.name;
    match failed.failure.blame {
        Blame::Input => return Some(format!("{name} blames the user's input")),
        Blame::Ourselves => return Some(format!("{name} blames this project")),
        Blame::Stack => {}
    }
    let contradiction = failed.contradiction;
    contradiction.map(|reason| format!("{name}: {} does not agree", reason.engine))
}

fn names_the_cause(expectation: &Expectation, failed: &FailedTest<'_>) -> bool {
    let says = &expectation.says;
    says.iter().all(|words| failed.said.contains(words))
}

#[cfg(test)]
mod tests;
