//! `--strict`: advice counts as failure.

use crate::common::E2e;

#[track_caller]
fn advice_is_failure(files: &str, advice: &[&str]) {
    let args = ["--files", files, "--strict", "--filter", "advice::"];
    let ended = E2e::new(&args, "").run();
    ended.assert_code(1);
    for part in advice {
        let failed = ended.stdout.split("FAILED").skip(1);
        assert!(
            failed.into_iter().any(|failed| failed.contains(part)),
            "{part}:\n{}",
            ended.stdout
        );
    }
    ended.assert_nothing_left();
}

const UNHANDLED: &str = "(a job with hardware: null, or with data_ids: null)";
const NO_GROUP: &str = "a user in no group is answered 401 instead of 403";
const NAMES: &str = "the URL for an upload contains an unescaped #";

#[test]
fn a_listing_that_races_with_changes() {
    let args = [
        "--files",
        "local",
        "--disturbance",
        "listings-race-with-changes",
        "--filter",
        "advice::listing",
    ];
    let advice = "listings of a directory were kept from the page while files of it were deleted";
    let strict = E2e::new(&[&args[..], &["--strict"]].concat(), "").run();
    strict.assert_code(1);
    strict.says(advice);
    let tolerated = E2e::new(&args, "").run();
    tolerated.assert_code(0);
    tolerated.says(advice);
}

#[test]
fn with_files_in_s3() {
    advice_is_failure("s3", &[UNHANDLED, NO_GROUP]);
}

#[test]
fn with_files_on_the_user_apis_disk() {
    advice_is_failure("local", &[UNHANDLED, NO_GROUP, NAMES]);
}
