//! What the suite must notice of each fault: `tests/faults.yaml`.

use std::{
    collections::BTreeMap,
    fmt, fs,
    path::{Path, PathBuf},
};

use opencloud_browser::{engine::Engine, process::Failure};
use opencloud_model::event::SET_UP;
use opencloud_stack::{Disturbance, Fault};
use serde::Deserialize;

use super::differences::{self, Differences};
use crate::project;

/// Who must notice a fault, and how.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expectation {
    /// The test that must fail, by the name that its report has. None if it is the start.
    pub(crate) test: Option<String>,
    /// The step of the start that must fail, where the fault lets no test begin.
    pub(crate) start: Option<String>,
    /// Words that what it says must hold, all of them.
    pub(crate) says: Vec<String>,
    /// The frontend's origin, where the fault shows only with this one.
    pub(crate) frontend: Option<String>,
    /// Whether the fault is that something never ends, so that only a time limit can end the test.
    #[serde(default)]
    pub(crate) hangs: bool,
    /// Why it cannot be tried in the engine, if so.
    #[serde(skip)]
    pub(crate) not_tried: Option<String>,
    /// Whether the engine cannot tell what is refused from what is lost, so that it may be sent again.
    #[serde(skip)]
    pub(crate) may_repeat: bool,
}

/// Where the fault must be noticed.
impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.test, &self.start) {
            (Some(test), _) => f.write_str(test),
            (None, start) => write!(f, "start: {}", start.as_deref().unwrap_or_default()),
        }
    }
}

impl Expectation {
    /// What is wrong with it, if anything is.
    fn flaw(&self) -> Option<&'static str> {
        let is_of_start = |step: &String| SET_UP.contains(&step.as_str());
        if self.test.is_some() == self.start.is_some() {
            return Some("expected either a test or a step of the start");
        }
        if !self.start.iter().all(is_of_start) {
            return Some("the start has no such step");
        }
        // Without any, whatever fails would do.
        let is_empty =
            self.says.is_empty() || self.says.iter().any(|words| words.trim().is_empty());
        is_empty.then_some("says nothing")
    }
}

/// What a file expects of the suite.
#[derive(Debug)]
pub(crate) struct Expectations {
    path: PathBuf,
    by_fault: BTreeMap<String, Expectation>,
    /// The disturbances that the engine does not let the suite tolerate, with the reasons.
    not_tolerated: BTreeMap<String, String>,
}

impl Expectations {
    /// The same for `engine`, with what differs there by `tests/engines.yaml`.
    pub(crate) fn in_engine(mut self, engine: &dyn Engine) -> Result<Self, Failure> {
        let unknown = |kind: &str, name: &str| {
            let path = differences::PATH;
            Failure::Input(format!("{path}: there is no {kind} {name}"))
        };
        let Differences {
            faults,
            not_tolerated,
        } = differences::read(engine.id())?;
        for expectation in self.by_fault.values_mut() {
            expectation.may_repeat = !engine.has_network_log();
        }
        for (name, difference) in faults {
            let expectation = self.by_fault.get_mut(&name);
            let expectation = expectation.ok_or_else(|| unknown("fault", &name))?;
            match difference.says {
                Some(says) => expectation.says = says,
                None => expectation.not_tried = Some(difference.because),
            }
        }
        let is_known = |name: &str| Disturbance::ALL.iter().any(|all| all.name() == name);
        if let Some(name) = not_tolerated.keys().find(|name| !is_known(name)) {
            return Err(unknown("disturbance", name));
        }
        self.not_tolerated = not_tolerated;
        Ok(self)
    }

    /// Why the suite cannot tolerate the disturbance of this name in the engine, if so.
    pub(crate) fn not_tolerated(&self, name: &str) -> Option<&String> {
        self.not_tolerated.get(name)
    }

    /// Reads the file at `path`, the project's own without one.
    pub(crate) fn read(path: Option<&Path>) -> Result<Self, Failure> {
        let own = project::root().join("tests/faults.yaml");
        let path = path.unwrap_or(&own);
        let wrong = |error: &dyn fmt::Display| {
            Failure::Input(format!("{} cannot be used: {error}", path.display()))
        };
        let text = fs::read_to_string(path).map_err(|error| wrong(&error))?;
        let by_fault: BTreeMap<String, Expectation> =
            serde_yaml::from_str(&text).map_err(|error| wrong(&error))?;
        for (name, expectation) in &by_fault {
            if !Fault::ALL.iter().any(|fault| fault.name() == name) {
                return Err(wrong(&format!("there is no fault {name}")));
            }
            if let Some(flaw) = expectation.flaw() {
                return Err(wrong(&format!("{name}: {flaw}")));
            }
        }
        Ok(Self {
            path: path.to_owned(),
            by_fault,
            not_tolerated: BTreeMap::new(),
        })
    }

    /// Whether the suite has every test that must notice a fault, where its tests have these names.
    pub(crate) fn judge_tests(&self, names: &[String]) -> Result<(), Failure> {
        for (fault, expectation) in &self.by_fault {
            if let Some(test) = &expectation.test
                && !names.contains(test)
            {
                return Err(Failure::Input(format!(
                    "{} cannot be used: {fault}: there is no test {test}; the tests are {}",
                    self.path.display(),
                    names.join(", ")
                )));
            }
        }
        Ok(())
    }

    /// What is expected of `fault`. A fault without a test that must notice it is bad input: left
    /// out, it would be counted nowhere.
    pub(crate) fn of(&self, fault: Fault) -> Result<&Expectation, Failure> {
        let expectation = self.by_fault.get(fault.name());
        expectation.ok_or_else(|| {
            let path = self.path.display();
            Failure::Input(format!("{path} does not say who must notice {fault}"))
        })
    }
}

#[cfg(test)]
mod tests;
