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

#[cfg(test)]
mod tests {
    use std::{
        collections::{BTreeMap, BTreeSet},
        path::PathBuf,
    };

    use super::*;

    /// Tests that no fault is meant for, and why.
    const WITHOUT_FAULT: [(&str, &str); 5] = [
        ("advice::members_of_no_group", "it gives advice"),
        ("advice::names_in_urls", "it gives advice"),
        ("advice::unhandled_errors", "it gives advice"),
        (
            "leftovers::earlier_runs",
            "it looks at the suite's own leavings",
        ),
    ];

    /// The names that the suite's tests have in reports.
    fn tests() -> BTreeSet<String> {
        let mut tests = BTreeSet::new();
        for file in sources(project::root().join("tests/suite")) {
            let text = fs::read_to_string(file).unwrap();
            for call in ["on_bench(\"", "suite::test(\""] {
                let calls = text.split(call).skip(1);
                let names = calls.filter_map(|rest| rest.split('"').next());
                tests.extend(names.map(ToOwned::to_owned));
            }
        }
        let applications = fs::read_dir(project::root().join("tests/applications")).unwrap();
        for path in applications.map(|entry| entry.unwrap().path()) {
            if path
                .extension()
                .is_some_and(|extension| extension == "yaml")
            {
                let application = path.file_stem().unwrap().to_str().unwrap();
                tests.insert(format!("lifecycle::{application}"));
            }
        }
        tests
    }

    fn sources(directory: PathBuf) -> Vec<PathBuf> {
        let entries = fs::read_dir(directory).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        let files = paths.map(|path| {
            if path.is_dir() {
                sources(path)
            } else {
                vec![path]
            }
        });
        files.flatten().collect()
    }

    #[test]
    fn every_test_is_meant_to_notice_a_fault() {
        let meant: BTreeSet<_> = read(None).unwrap().into_values().map(|e| e.test).collect();
        let excused: BTreeSet<_> = WITHOUT_FAULT.map(|(test, _)| test.to_owned()).into();
        let tests = tests();
        let idle: Vec<_> = tests.difference(&meant).collect();
        assert_eq!(
            idle,
            Vec::from_iter(&excused),
            "no fault is meant for these"
        );
        let unknown: Vec<_> = meant.difference(&tests).collect();
        assert!(
            unknown.is_empty(),
            "the suite has no such tests: {unknown:?}"
        );
    }

    #[test]
    fn no_two_faults_are_noticed_by_the_same_test_in_the_same_words() {
        let mut faults = BTreeMap::<_, Vec<String>>::new();
        for (fault, expectation) in read(None).unwrap() {
            let Expectation {
                test,
                mut says,
                frontend,
                ..
            } = expectation;
            says.sort();
            faults
                .entry((test, says, frontend))
                .or_default()
                .push(fault);
        }
        faults.retain(|_, twins| twins.len() > 1);
        assert!(faults.is_empty(), "told in the same words: {faults:?}");
    }
}
