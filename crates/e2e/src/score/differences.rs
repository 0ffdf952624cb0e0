//! Where an engine differs from the usual one in what it lets the suite notice: `tests/engines.yaml`.

use std::{collections::BTreeMap, fs};

use opencloud_browser::process::Failure;
use serde::Deserialize;

use crate::project;

/// The file.
pub(crate) const PATH: &str = "tests/engines.yaml";

/// How a fault shows in an engine.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Difference {
    /// Why.
    pub(crate) because: String,
    /// The words that the message must hold there. Without them, the fault cannot be noticed.
    pub(crate) says: Option<Vec<String>>,
}

/// Faults that show in one way.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    faults: Vec<String>,
    #[serde(flatten)]
    difference: Difference,
}

/// The differences of the engine of this name, by fault.
pub(crate) fn read(engine: &str) -> Result<BTreeMap<String, Difference>, Failure> {
    let wrong = |error: &dyn std::fmt::Display| Failure::Input(format!("{PATH}: {error}"));
    let text = fs::read_to_string(project::root().join(PATH)).map_err(|error| wrong(&error))?;
    let mut engines: BTreeMap<String, Vec<Group>> =
        serde_yaml::from_str(&text).map_err(|error| wrong(&error))?;
    let groups = engines.remove(engine).unwrap_or_default();
    let all = groups.into_iter().flat_map(|group| {
        let Group { faults, difference } = group;
        let difference = move |fault| (fault, difference.clone());
        faults.into_iter().map(difference)
    });
    Ok(all.collect())
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
                assert!(
                    !group.difference.because.trim().is_empty(),
                    "{:?}",
                    group.faults
                );
            }
        }
        for engine in ENGINES {
            Expectations::read(None)
                .unwrap()
                .in_engine(engine.id())
                .unwrap();
        }
    }
}
