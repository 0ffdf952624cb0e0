//! What the suite must notice of each fault: `tests/faults.yaml`.

use std::{
    collections::BTreeMap,
    fmt, fs,
    path::{Path, PathBuf},
};

use opencloud_stack::Fault;
use serde::Deserialize;

use crate::{failure::Failure, project};

/// The steps of a run's start. Whichever test runs first takes them, so a fault that breaks one of
/// them is noticed by no test of its own.
pub(crate) const START: [&str; 3] = ["read the settings", "find OpenCloud", "sign in"];

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
        let is_of_start = |step: &String| START.contains(&step.as_str());
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
}

impl Expectations {
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
        })
    }

    /// What is expected of `fault`. A fault that nobody is expected to notice is bad input: left
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
mod tests {
    use super::*;

    #[test]
    fn what_would_count_anything_as_noticed_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("faults.yaml");
        for (text, flaw) in [
            ("cors-no-headers: { test: a, says: [] }", "says nothing"),
            ("cors-no-headers: { test: a, says: [\"\"] }", "says nothing"),
            ("cors-no-headers: { says: [x] }", "either a test or"),
            (
                "cors-no-headers: { start: walk, says: [x] }",
                "no such step",
            ),
            (
                "cors-no-header: { test: a, says: [x] }",
                "there is no fault",
            ),
        ] {
            fs::write(&path, text).unwrap();
            let refused = Expectations::read(Some(&path)).unwrap_err();
            assert!(refused.to_string().contains(flaw), "{text}: {refused}");
        }
        fs::write(&path, "cors-no-headers: { start: sign in, says: [x] }").unwrap();
        let read = Expectations::read(Some(&path)).unwrap();
        let expectation = read.of(Fault::CorsNoHeaders).unwrap();
        assert_eq!(expectation.to_string(), "start: sign in");
        let missing = read.of(Fault::CorsOriginReflected).unwrap_err();
        assert!(matches!(missing, Failure::Input(_)), "{missing}");
    }
}

#[cfg(test)]
mod tests {
    use std::{
        collections::{BTreeMap, BTreeSet},
        path::PathBuf,
    };

    use super::*;

    /// Faults that one test notices in the same words, and why no words can tell them apart.
    const TWINS: [(&[&str], &str); 0] = [];

    /// Tests that no fault is meant for, and why.
    const WITHOUT_FAULT: [(&str, &str); 4] = [
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
        let excused = WITHOUT_FAULT.map(|(test, _)| test.to_owned()).into();
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
        let twins: Vec<_> = faults.values().collect();
        let known: Vec<_> = TWINS.iter().map(|(twins, _)| twins.to_vec()).collect();
        assert_eq!(twins, Vec::from_iter(&known), "told in the same words");
    }
}
