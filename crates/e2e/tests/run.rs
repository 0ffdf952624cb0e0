//! The real suite in the real browser, against the embedded OpenCloud.

use std::net::TcpListener;

use crate::common::{E2e, Ended};
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
    assert!(
        ended.stdout.contains("job 1 is finished"),
        "{}",
        ended.stdout
    );
    assert_tests_ran_at_once(&ended);
    ended.assert_nothing_left();
}

/// Each test waits for most of its time, so together they take longer than the run. Those that run alone
/// overlap with none, and of those that wait for a job one runs after the other.
fn assert_tests_ran_at_once(ended: &Ended) {
    let results: Value = serde_json::from_str(&ended.report("results.json")).unwrap();
    let test = |test: &Value| {
        let from = test["started_at"].as_f64().unwrap();
        let until = from + test["seconds"].as_f64().unwrap() * 1000.0;
        (test["name"].as_str().unwrap().to_owned(), from, until)
    };
    let tests: Vec<_> = results["tests"]
        .as_array()
        .unwrap()
        .iter()
        .map(test)
        .collect();
    let beside = |name: &str| {
        let (_, from, until) = tests.iter().find(|(test, ..)| test == name).unwrap();
        let others = tests.iter().filter(|(test, ..)| test != name);
        let beside = others.filter(|(_, start, end)| start < until && from < end);
        beside.map(|(test, ..)| test.as_str()).collect::<Vec<_>>()
    };
    let longest = beside("lifecycle::decode_v0_10_1_train");
    assert!(longest.len() > 5, "{longest:?}");
    assert!(
        !longest.iter().any(|test| test.starts_with("lifecycle::")),
        "{longest:?}"
    );
    assert_eq!(beside("leftovers::earlier_runs"), [""; 0]);
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
    ended.assert_nothing_left();
}

/// A browser refuses a blob of this size where it would have to hold it in memory.
#[test]
fn a_file_of_a_gigabyte_goes_up_and_comes_down() {
    let args = ["--filter", "transfer::memory"];
    let ended = E2e::new(&args, "TRANSFER_MEGABYTES=1000").run();
    ended.assert_code(0);
    assert!(ended.stdout.contains("upload 1000 MB"), "{}", ended.stdout);
    ended.assert_nothing_left();
}

/// As with the deployments: the page has the public frontend's origin, and that of a developer's own
/// is as foreign as any other.
#[test]
fn the_suite_passes_on_a_page_of_the_public_frontends_origin() {
    let ended = E2e::new(&[], "FRONTEND_URL=https://ries-lab.github.io").run();
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
    let results: Value = serde_json::from_str(&ended.report("results.json")).unwrap();
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
        assert!(ended.stdout.contains(part), "{part}:\n{}", ended.stdout);
    }
    let verdict = ended.verdict();
    // The error may be seen before the job goes through its last states, or after.
    assert!(
        verdict.starts_with("failed: lifecycle::decode_v0_10_1_train, step \"wait for "),
        "{verdict}"
    );
    ended.assert_nothing_left();
}
