//! What the suite is tried on: a fault, a disturbance, or nothing out of the ordinary.

use std::{collections::BTreeSet, iter, time::Duration};

use opencloud_browser::process::Failure;
use opencloud_model::job_state::JobState;
use opencloud_stack::{Disturbance, Fault, config::FileMode};

use super::expectations::{Expectation, Expectations};
use crate::{browser_location::BrowserLocation, given::Given, options::RunArgs, plan::Plan};

/// One stack to try the suite on.
#[derive(Clone, Debug)]
pub(crate) enum Item {
    /// A sound stack, for a frontend of this origin, and the only test that runs on it, if not all do.
    Sound(String, Option<String>),
    /// A stack that is wrong in one way, and what the suite must notice of it.
    Fault(Fault, Expectation),
    /// A stack that is awkward in one way.
    Disturbance(Disturbance),
    /// A sound stack, on which a second suite runs at the same time with the same account.
    SecondSuite,
}

impl Item {
    /// Its name.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Sound(..) => "sound",
            Self::Fault(fault, _) => fault.name(),
            Self::Disturbance(disturbance) => disturbance.name(),
            Self::SecondSuite => "second-suite",
        }
    }

    /// Whether a run on it mostly waits for late answers, and so leaves the processors to others.
    pub(crate) fn is_slow(&self) -> bool {
        use Disturbance::{Latency, SlowBodies, SlowStart};
        matches!(self, Self::Disturbance(Latency | SlowBodies | SlowStart))
    }

    /// The test that runs on it first, or alone; all of them without one.
    pub(crate) fn test(&self) -> Option<&str> {
        match self {
            Self::Fault(_, expectation) => Some(expectation.test.as_deref().unwrap_or(ANY_TEST)),
            Self::Sound(_, test) => test.as_deref(),
            Self::Disturbance(_) | Self::SecondSuite => None,
        }
    }

    /// Whether the suite must fail on it.
    pub(crate) fn is_fault(&self) -> bool {
        matches!(self, Self::Fault(..))
    }
}

/// A test that is soon over, for faults that let none begin.
const ANY_TEST: &str = "access::access_info";

/// All that exists in `mode` and whose name `is_chosen`: faults in the order of their table, then
/// disturbances.
pub(crate) fn choose(
    expectations: &Expectations,
    mode: FileMode,
    is_chosen: impl Fn(&str) -> bool,
) -> Result<Vec<Item>, Failure> {
    let faults = Fault::ALL.iter().filter(|fault| fault.exists_in(mode));
    let faults = faults.filter(|fault| is_chosen(fault.name()));
    let faults = faults.map(|fault| Ok(Item::Fault(*fault, expectations.of(*fault)?.clone())));
    let mut items: Vec<_> = faults.collect::<Result<_, Failure>>()?;
    let disturbances = Disturbance::ALL.iter().copied();
    let disturbances = disturbances.filter(|disturbance| disturbance.exists_in(mode));
    let disturbances = disturbances.map(Item::Disturbance);
    let others = disturbances.chain([Item::SecondSuite]);
    items.extend(others.filter(|item| is_chosen(item.name())));
    Ok(items)
}

/// How long a job stays in each state.
const SECONDS_PER_STATE: Duration = Duration::from_millis(100);

/// Which answers are lost where some are: a score is the same each time.
const SEED: u16 = 1;

/// A large file tells no more than a small one.
const SETTINGS: &str = "TRANSFER_MEGABYTES=2\n";

/// What difficult answers do to one chain of applications they do to all.
const ONE_CHAIN: &str = "APPLICATIONS=decode_v0_10_1_fit\n";

/// The time limits of faults that only these end, scaled down: the embedded stack answers within
/// milliseconds, and what it does not do within these limits it will not do. All others keep the
/// usual limits, so that a machine that is busy for a while changes no result.
fn short_limits() -> String {
    let waits = JobState::ALL.iter().filter_map(|state| state.time_limit());
    // A worker asks for a job now and then.
    let seconds = iter::once(8).chain(iter::repeat(4));
    let waits = waits.zip(seconds);
    let waits = waits.map(|(limit, seconds)| format!("{}={seconds}s\n", limit.key));
    waits.collect::<String>() + "TIME_LIMIT_ANSWER=6s\n"
}

/// Makes the plans of runs.
#[derive(Debug)]
pub(crate) struct ItemPlans {
    files: FileMode,
    location: BrowserLocation,
}

impl ItemPlans {
    /// Plans for stacks that keep user files there, and browsers at `location`.
    pub(crate) fn new(files: FileMode, location: &BrowserLocation) -> Self {
        Self {
            files,
            location: location.clone(),
        }
    }

    /// The plan for `item`.
    pub(crate) fn plan(&self, item: &Item) -> Result<Plan, Failure> {
        let mut args = RunArgs {
            files: Some(self.files),
            seconds_per_state: Some(SECONDS_PER_STATE),
            seed: Some(SEED),
            ..RunArgs::default()
        };
        let mut frontend = None;
        let mut text = SETTINGS.to_owned();
        match item {
            Item::Sound(origin, _) => frontend = Some(origin),
            Item::Fault(fault, expectation) => {
                args.faults = vec![*fault];
                frontend = expectation.frontend.as_ref();
                if expectation.hangs {
                    text.push_str(&short_limits());
                }
            }
            Item::Disturbance(disturbance) => {
                args.disturbances = vec![*disturbance];
                text.push_str(ONE_CHAIN);
            }
            Item::SecondSuite => text.push_str(ONE_CHAIN),
        }
        if let Some(origin) = frontend {
            text.extend(["FRONTEND_URL=", origin, "\n"]);
        }
        let mut plan = Plan::of(&args, Given::file(Some(&text), ".env")?)?;
        plan.location = self.location.clone();
        Ok(plan)
    }

    /// The origins of the frontends of all `items`, the usual one first.
    pub(crate) fn frontends(&self, items: &[Item]) -> Result<Vec<String>, Failure> {
        let mut frontends = vec![self.plan(&Item::SecondSuite)?.settings.frontend];
        for item in items {
            let frontend = self.plan(item)?.settings.frontend;
            if !frontends.contains(&frontend) {
                frontends.push(frontend);
            }
        }
        Ok(frontends)
    }

    /// The sound stacks on which the suite must pass, or what it says of `items` tells nothing: one for each
    /// origin of a frontend, on which all tests run if `whole`, else those that run on the items.
    pub(crate) fn sound(&self, items: &[Item], whole: bool) -> Result<Vec<Item>, Failure> {
        let mut runs = BTreeSet::new();
        for item in items {
            let test = item.test().filter(|_| !whole).map(str::to_owned);
            runs.insert((self.plan(item)?.settings.frontend, test));
        }
        // A run of all tests is one of each.
        let is_needed = |(origin, test): &(String, Option<String>)| {
            test.is_none() || !runs.contains(&(origin.clone(), None))
        };
        let needed = runs.iter().filter(|run| is_needed(run)).cloned();
        Ok(needed
            .map(|(origin, test)| Item::Sound(origin, test))
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_and_disturbance_is_an_item_in_its_mode() {
        let expectations = Expectations::read(None).unwrap();
        let names = |mode| -> Vec<_> {
            let items = choose(&expectations, mode, |_| true).unwrap();
            items.iter().map(Item::name).collect()
        };
        let (s3, local) = (names(FileMode::S3), names(FileMode::Local));
        for fault in Fault::ALL {
            assert_eq!(s3.contains(&fault.name()), fault.exists_in(FileMode::S3));
            assert_eq!(
                local.contains(&fault.name()),
                fault.exists_in(FileMode::Local)
            );
        }
        for disturbance in Disturbance::ALL {
            let (name, of) = (disturbance.name(), |mode| disturbance.exists_in(mode));
            assert_eq!(s3.contains(&name), of(FileMode::S3));
            assert_eq!(local.contains(&name), of(FileMode::Local));
        }
    }

    #[test]
    fn plans_have_the_fault_and_its_frontend() {
        let plans = ItemPlans::new(
            FileMode::S3,
            &BrowserLocation::of(&Given::default()).unwrap(),
        );
        let expectation = Expectation {
            test: Some("origins::cors".into()),
            start: None,
            says: Vec::new(),
            frontend: Some("https://ries-lab.github.io".into()),
            hangs: true,
            not_tried: None,
            may_repeat: false,
        };
        let item = Item::Fault(Fault::CorsNoHeaders, expectation);
        let plan = plans.plan(&item).unwrap();
        assert_eq!(plan.settings.frontend, "https://ries-lab.github.io");
        assert_eq!(plan.embedded.unwrap().faults, [Fault::CorsNoHeaders]);
        assert_eq!(plan.settings.limits.answer, Duration::from_secs(6));
        assert_eq!(plans.frontends(&[item]).unwrap().len(), 2);
    }

    #[test]
    fn the_suite_must_pass_where_it_is_tried() {
        let plans = ItemPlans::new(
            FileMode::S3,
            &BrowserLocation::of(&Given::default()).unwrap(),
        );
        let expectations = Expectations::read(None).unwrap();
        let sound = |names: &[&str], whole| -> Vec<String> {
            let items = choose(&expectations, FileMode::S3, |name| names.contains(&name));
            let sound = plans.sound(&items.unwrap(), whole).unwrap();
            let texts = sound.into_iter().map(|item| match item {
                Item::Sound(origin, test) => format!("{origin} {}", test.unwrap_or_default()),
                _ => panic!("{item:?}"),
            });
            texts.collect()
        };
        let faults = [
            "cors-no-headers-on-put",
            "cors-origin-reflected",
            "cors-origin-suffix-matched",
            "cors-origin-unescaped-dot",
        ];
        let (usual, public) = ("http://localhost:8080", "https://ries-lab.github.io");
        assert_eq!(
            sound(&faults, false),
            [
                format!("{usual} files::rename_and_move"),
                format!("{usual} origins::cors"),
                format!("{public} origins::cors"),
            ]
        );
        let all = [format!("{usual} "), format!("{public} ")];
        assert_eq!(sound(&faults, true), all);
        // A disturbance must not keep any test from passing.
        let disturbed = [&faults[..], &["latency"]].concat();
        assert_eq!(sound(&disturbed, false)[0], all[0]);
        assert_eq!(sound(&disturbed, false).len(), 2);
    }
}
