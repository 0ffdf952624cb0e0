//! What a run on a stack that is wrong, or merely awkward, says of the suite.

use opencloud_model::event::{Blame, SET_UP};
use opencloud_stack::{Family, Fault};
use serde::{Deserialize, Serialize};

use super::{
    expectations::Expectation,
    observed::{FailedTest, Observed},
};

/// What a run says of the suite.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "judgement", rename_all = "snake_case")]
pub(crate) enum Judgement {
    /// The test meant to notice the fault failed, in this step, and what it said names the cause.
    Detected { step: String },
    /// Something failed, but another test, or without naming the cause, or in a way that leads
    /// astray; what was said.
    Misattributed { said: String },
    /// Nothing failed.
    Missed,
    /// Only a time limit ended the test, although nothing of the fault is endless; what was said.
    Hung { said: String },
    /// The suite passed under the disturbance.
    Tolerated,
    /// The suite failed under the disturbance; what was said.
    #[serde(rename = "false alarm")]
    FalseAlarm { said: String },
}

impl Judgement {
    /// Its name.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Detected { .. } => "detected",
            Self::Misattributed { .. } => "misattributed",
            Self::Missed => "missed",
            Self::Hung { .. } => "hung",
            Self::Tolerated => "tolerated",
            Self::FalseAlarm { .. } => "false alarm",
        }
    }

    /// Whether it is as it should be.
    pub(crate) fn is_good(&self) -> bool {
        matches!(self, Self::Detected { .. } | Self::Tolerated)
    }

    /// What the suite said, where that is not as it should be.
    pub(crate) fn said(&self) -> Option<&str> {
        match self {
            Self::Misattributed { said } | Self::Hung { said } | Self::FalseAlarm { said } => {
                Some(said)
            }
            _ => None,
        }
    }

    /// Judges a run of the test meant to notice a fault, and of it alone. `None`: it passed.
    pub(crate) fn of_meant_test(
        fault: Fault,
        expectation: &Expectation,
        run: &Observed,
    ) -> Option<Self> {
        let said = || run.describe();
        if run.hung.is_some() {
            return Some(Self::Hung { said: said() });
        }
        if run.panicked.is_some() {
            return Some(Self::Misattributed { said: said() });
        }
        let failed = match &expectation.test {
            Some(test) => run.failure(test),
            None => run.failed().next(),
        }?;
        let flaw = flaw(fault, expectation, &failed);
        let said = failed.said.clone();
        Some(if failed.failure.out_of_time && !expectation.hangs {
            Self::Hung { said }
        } else if let Some(flaw) = flaw {
            let said = format!("{flaw}\n{said}");
            Self::Misattributed { said }
        } else if names_the_cause(expectation, &failed) {
            let step = failed.step.unwrap_or_default().to_owned();
            Self::Detected { step }
        } else {
            Self::Misattributed { said }
        })
    }

    /// Judges a fault by a run of the whole suite: other tests may fail as well, but none may lead
    /// astray.
    pub(crate) fn of_whole_suite(fault: Fault, expectation: &Expectation, run: &Observed) -> Self {
        let astray = |said| Self::Misattributed { said };
        match Self::of_meant_test(fault, expectation, run) {
            None if run.passed() => Self::Missed,
            None => astray(run.describe()),
            Some(Self::Detected { step }) => {
                match run.failed().find_map(|failed| misleads(&failed)) {
                    Some(flaw) => astray(format!("{flaw}\n{}", run.describe())),
                    None => Self::Detected { step },
                }
            }
            Some(judgement) => judgement,
        }
    }

    /// Judges a run that should pass.
    pub(crate) fn of_sound_run(run: &Observed) -> Self {
        if run.passed() {
            Self::Tolerated
        } else {
            let said = run.describe();
            Self::FalseAlarm { said }
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
