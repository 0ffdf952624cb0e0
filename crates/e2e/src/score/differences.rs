//! Where an engine differs from the usual one in what it lets the suite notice: `tests/engines.yaml`.

use std::{collections::BTreeMap, fs};

use opencloud_browser::process::Failure;
use serde::Deserialize;

use crate::project;

/// The file.
pub(crate) const PATH: &str = "tests/engines.yaml";

/// What is otherwise in an engine, by name.
#[derive(Debug, Default)]
pub(crate) struct Differences {
    /// How faults show there.
    pub(crate) faults: BTreeMap<String, Difference>,
    /// Why the suite cannot tolerate disturbances there.
    pub(crate) not_tolerated: BTreeMap<String, String>,
}

/// How a fault shows in an engine.
#[derive(Clone, Debug)]
pub(crate) struct Difference {
    /// Why.
    pub(crate) because: String,
    /// The words that the message must hold there. Without them, the fault cannot be noticed.
    pub(crate) says: Option<Vec<String>>,
}

/// What differs in one way.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    #[serde(default)]
    faults: Vec<String>,
    #[serde(default)]
    disturbances: Vec<String>,
    because: String,
    says: Option<Vec<String>>,
}

/// The differences of the engine of this name.
pub(crate) fn read(engine: &str) -> Result<Differences, Failure> {
    let wrong = |error: &dyn std::fmt::Display| Failure::Input(format!("{PATH}: {error}"));
    let text = fs::read_to_string(project::root().join(PATH)).map_err(|error| wrong(&error))?;
    let mut engines: BTreeMap<String, Vec<Group>> =
        serde_yaml::from_str(&text).map_err(|error| wrong(&error))?;
    let mut all = Differences::default();
    for group in engines.remove(engine).unwrap_or_default() {
        for name in group.disturbances {
            all.not_tolerated.insert(name, group.because.clone());
        }
        let difference = Difference {
            because: group.because,
            says: group.says,
        };
        for name in group.faults {
            all.faults.insert(name, difference.clone());
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use opencloud_browser::engine::ENGINES;

    use super::{super::expectations::Expectations, *};

    #[test]
    fn every_difference_is_one_of_an_engine_and_of_a_fault_with_a_reason() {
        let text = fs::read_to_string(project::root().join(PATH)).unwrap();
        let engines: BTreeMap<String, Vec<Group>> = serde_yaml::from_str(&text).unwrap();
        for (name, groups) in &engines {
            assert!(ENGINES.iter().any(|engine| engine.id() == name), "{name}");
            for group in groups {
                assert!(!group.because.trim().is_empty(), "{group:?}");
                // A disturbance that is not tolerated has no words.
                let is_silent = group.disturbances.is_empty() || group.says.is_none();
                assert!(is_silent, "{group:?}");
            }
        }
        for engine in ENGINES {
            Expectations::read(None).unwrap().in_engine(engine).unwrap();
        }
    }
}
