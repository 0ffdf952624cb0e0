//! The real suite in the real browser, against the embedded OpenCloud.

use std::{collections::BTreeSet, net::TcpListener};

use crate::{
    common::{E2e, Ended},
    coverage::{assert_complete_in_s3, assert_complete_on_disk},
    tokens::assert_signs_in_once,
};
use serde_json::Value;

#[test]
fn the_suite_passes_with_files_in_s3_while_another_server_has_the_frontends_port() {
    // Whoever has the port already will do as well.
    let _other = TcpListener::bind("127.0.0.1:8080");
    let ended = E2e::new(&["--files", "s3"], "").run();
    ended.assert_code(0);
    let verdict = ended.verdict();
    assert!(verdict.starts_with("passed: "), "{verdict}");
    assert!(verdict.ends_with("(embedded, files in s3)"), "{verdict}");
    assert_tests_ran_at_once(&ended);
    assert_signs_in_once(&ended);
    assert_complete_in_s3(&ended);
    ended.assert_nothing_left();
}

/// Tests run beside one another, but none beside one that runs alone. Jobs run one after the other, in the
/// order of their tests.
fn assert_tests_ran_at_once(ended: &Ended) {
    let results = ended.results();
    let list = |value: &Value| value.as_array().unwrap().clone();
    let name = |value: &Value| value["name"].as_str().unwrap().to_owned();
    let mut steps = Vec::new();
    for test in list(&results["tests"]) {
        for step in list(&test["steps"]) {
            let from = step["started_at"].as_f64().unwrap();
            let until = from + step["seconds"].as_f64().unwrap() * 1000.0;
            steps.push((name(&test), from, until));
        }
    }
    let beside = |name: &str| {
        let (own, others): (Vec<_>, Vec<_>) = steps.iter().partition(|(test, ..)| test == name);
        let is_beside = |(_, from, until): &&(String, f64, f64)| {
            own.iter()
                .any(|(_, start, end)| start < until && from < end)
        };
        let beside = others.into_iter().filter(is_beside);
        beside
            .map(|(test, ..)| test.as_str())
            .collect::<BTreeSet<_>>()
    };
    let longest = beside("lifecycle::decode_v0_10_1_train");
    assert!(longest.len() > 5, "{longest:?}");
    assert_eq!(beside("leftovers::earlier_runs"), BTreeSet::new());

    let mut jobs: Vec<_> = list(&results["jobs"])
        .iter()
        .map(|job| {
            let states = list(&job["states"]);
            let seen = |state: &Value| state["seen_at"].as_f64().unwrap();
            let (first, end) = (states.first().unwrap(), states.last().unwrap());
            let test = job["test"].as_str().unwrap().to_owned();
            (test, seen(first), seen(end))
        })
        .collect();
    jobs.sort_by(|one, other| one.1.total_cmp(&other.1));
    for pair in jobs.windows(2) {
        assert!(pair[0].2 <= pair[1].1, "{jobs:?}");
    }
    let order: Vec<_> = jobs.iter().map(|(test, ..)| test.as_str()).collect();
    let chain = "lifecycle::decode_v0_10_1_train";
    let others =
        ["comet_latest_run", "decode_latest_train"].map(|test| format!("lifecycle::{test}"));
    assert_eq!(order, [chain, chain, &others[0], &others[1]]);
}

#[test]
fn the_suite_passes_with_files_on_the_user_apis_disk() {
    let ended = E2e::new(&["--files", "local"], "").run();
    ended.assert_code(0);
    let verdict = ended.verdict();
    assert!(
        verdict.ends_with("(embedded, files on the UserAPI's disk)"),
        "{verdict}"
    );
    assert_complete_on_disk(&ended);
    ended.assert_nothing_left();
}

/// A browser refuses a blob of this size where it would have to hold it in memory.
#[test]
fn a_file_of_a_gigabyte_goes_up_and_comes_down() {
    let args = ["--filter", "transfer::memory"];
    let ended = E2e::new(&args, "TRANSFER_MEGABYTES=1000").run();
    ended.assert_code(0);
    ended.says("upload 1000 MB");
    ended.assert_nothing_left();
}

/// As with the deployments, on which another test runs the whole suite: the page has the public frontend's
/// origin, and that of a developer's own is as foreign as any other.
#[test]
fn a_page_of_the_public_frontends_origin_may_read_and_no_other() {
    let settings = "FRONTEND_URL=https://ries-lab.github.io";
    let ended = E2e::new(&["--filter", "origins::"], settings).run();
    ended.assert_code(0);
    let mut letters = ["https://ries-lab.github.io", "http://localhost:8080"].map(|origin| {
        let line = ended
            .stdout
            .lines()
            .find(|line| line.contains(&format!("  {origin}  (")));
        line.and_then(|line| line.trim().split(' ').next())
            .expect(origin)
            .to_owned()
    });
    letters.sort_unstable();
    assert_eq!(letters, ["a", "i"], "{}", ended.stdout);
    let row = ended
        .stdout
        .lines()
        .find(|line| line.contains("get the user (UserAPI)"));
    let row: Vec<_> = row.unwrap_or_default().split_whitespace().collect();
    assert_eq!(row[4..], ["r", "-", "?", "-", "-", "-", "-", "-", "-"]);
    ended.assert_nothing_left();
}

/// With files in S3, names are in no URL for an upload.
#[test]
fn a_run_that_can_check_nothing_passes_nothing_and_says_why() {
    let ended = E2e::new(&["--files", "s3", "--filter", "names_in_urls"], "").run();
    ended.assert_code(0);
    let verdict = ended.verdict();
    assert!(
        verdict.starts_with(
            "0 passed, 1 skipped (upload URLs are percent-encoded: user files are in S3 here"
        ),
        "{verdict}"
    );
    assert!(verdict.ends_with("(embedded, files in s3)"), "{verdict}");
    let results = ended.results();
    assert_eq!(results["tests"][0]["result"], "skipped");
    assert_eq!(results["outcome"], "passed");
    ended.assert_nothing_left();
}

#[test]
fn a_job_that_ends_in_error_is_the_stacks_fault_and_told_with_its_details() {
    let ended = E2e::new(&["--fail-jobs", "--filter", "lifecycle::"], "").run();
    ended.assert_code(1);
    for part in [
        "the job ended in error",
        // From the job's runtime_details.
        "Traceback (most recent call last):",
        "remove what the test has created",
    ] {
        ended.says(part);
    }
    let verdict = ended.verdict();
    // The error may be seen before the job goes through its last states, or after.
    assert!(
        verdict.starts_with("failed: lifecycle::decode_v0_10_1_train, step \"wait for "),
        "{verdict}"
    );
    ended.assert_nothing_left();
}
