//! What the suite must notice of each fault: `tests/faults.yaml`.

use std::{collections::BTreeMap, fs, path::Path};

use serde::Deserialize;

use crate::{failure::Failure, project};

/// Who must notice a fault, and how.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expectation {
    /// The test that must fail, by the name that its report has.
    pub(crate) test: String,
    /// Words that what it says must hold, all of them.
    pub(crate) says: Vec<String>,
    /// The frontend's origin, where the fault shows only with this one.
    pub(crate) frontend: Option<String>,
    /// Whether the fault is that something never ends, so that only a time limit can end the test.
    #[serde(default)]
    pub(crate) hangs: bool,
}

/// The expectations by the faults' names.
pub(crate) type Expectations = BTreeMap<String, Expectation>;

/// Reads the file at `path`, the project's own without one.
pub(crate) fn read(path: Option<&Path>) -> Result<Expectations, Failure> {
    let own = project::root().join("tests/faults.yaml");
    let path = path.unwrap_or(&own);
    let wrong = |error: &dyn std::fmt::Display| {
        Failure::Input(format!("{} cannot be used: {error}", path.display()))
    };
    let text = fs::read_to_string(path).map_err(|error| wrong(&error))?;
    serde_yaml::from_str(&text).map_err(|error| wrong(&error))
}
