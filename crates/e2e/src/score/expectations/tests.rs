use std::collections::BTreeSet;

use opencloud_model::application;

use super::*;

/// Faults that one test notices in the same words, and why no words can tell them apart.
const TWINS: [(&[&str], &str); 0] = [];

/// Tests that no fault is meant for, and why.
const WITHOUT_FAULT: [(&str, &str); 7] = [
    (
        "advice::listing_beside_changes",
        "it gives advice about a disturbance",
    ),
    ("advice::members_of_no_group", "it gives advice"),
    ("advice::names_in_urls", "it gives advice"),
    ("advice::tested_applications", "it gives advice"),
    (
        "advice::unescaped_names",
        "it gives advice about the frontend",
    ),
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
        for call in ["with_fixture(", "suite::test("] {
            let calls = text.split(call).skip(1);
            let names = calls.filter_map(|rest| rest.split('"').nth(1));
            let names = names.filter(|name| name.contains("::"));
            tests.extend(names.map(ToOwned::to_owned));
        }
    }
    let applications = application::check_all(&project::root().join("tests/applications"));
    let first = applications.unwrap().into_iter();
    // Those that come after others belong to the others' tests.
    let first = first.filter(|(_, application)| application.after.is_none());
    tests.extend(first.map(|(name, _)| format!("lifecycle::{name}")));
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
    let expected = Expectations::read(None).unwrap().by_fault;
    let meant: BTreeSet<_> = expected.into_values().filter_map(|e| e.test).collect();
    let excused: BTreeSet<String> = WITHOUT_FAULT.map(|(test, _)| test.to_owned()).into();
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
    for (fault, expectation) in Expectations::read(None).unwrap().by_fault {
        let place = expectation.to_string();
        let Expectation {
            mut says, frontend, ..
        } = expectation;
        says.sort();
        faults
            .entry((place, says, frontend))
            .or_default()
            .push(fault);
    }
    faults.retain(|_, twins| twins.len() > 1);
    let twins: Vec<_> = faults.values().collect();
    let known: Vec<_> = TWINS.iter().map(|(twins, _)| twins.to_vec()).collect();
    assert_eq!(twins, Vec::from_iter(&known), "told in the same words");
}

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
