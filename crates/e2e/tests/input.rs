//! Bad input: exit code 2, one line that says what to do, nothing started.

use crate::common::E2e;

#[track_caller]
fn refused(args: &[&str], dotenv: &str, part: &str) {
    let ended = E2e::new(args, dotenv).run();
    let error = ended.refused(&[part]).only_error();
    assert!(error.starts_with("error: "), "{error}");
    assert_eq!(ended.stdout, "");
    ended.assert_nothing_left();
}

#[test]
fn options_that_do_not_exist_or_exclude_each_other() {
    refused(&["--files", "ftp"], "", "possible values: s3, local");
    refused(&["--seconds-per-state", "soon"], "", "expected seconds");
    refused(&["--dev", "--prod"], "", "cannot be used with");
    refused(&["--fault", "cors-no"], "", "close to it: cors-no-headers");
    refused(
        &["--fault", "s3-cors-no-rules", "--files", "local"],
        "",
        "--fault s3-cors-no-rules is about the other mode of --files",
    );
    refused(
        &["--dev", "--fault", "cors-no-headers"],
        "TEST_EMAIL=a@x\nTEST_PASSWORD=b",
        "--fault is about the embedded OpenCloud",
    );
    refused(&["--nonsense"], "", "unexpected argument '--nonsense'");
    refused(
        &["--local", "--cloud"],
        "EMAIL=a@x\nPASSWORD=b",
        "WORKER=cloud",
    );
    refused(
        &["--dev", "--files", "local"],
        "TEST_EMAIL=a@x\nTEST_PASSWORD=b",
        "--files is about the embedded OpenCloud, but the environment is dev",
    );
}

#[test]
fn applications_that_have_no_file_or_no_sound_configuration() {
    refused(
        &["--application", "nope"],
        "",
        "APPLICATIONS names nope, but the files of",
    );
    refused(
        &[],
        "APPLICATIONS=nope",
        "APPLICATIONS names nope, but the files of",
    );
    refused(
        &["--applications", "/no/such.yaml"],
        "",
        "/no/such.yaml is not a configuration of applications: No such file",
    );
    refused(
        &["--dev", "--applications", "x"],
        "TEST_EMAIL=a@x\nTEST_PASSWORD=b",
        "--applications is about the embedded OpenCloud",
    );
}

#[test]
fn settings_that_are_missing_or_wrong() {
    refused(&["--dev"], "", "TEST_EMAIL is missing or empty in .env");
    refused(&["--prod"], "TEST_EMAIL=a@b.c", "TEST_PASSWORD is missing");
    refused(&[], "ENVIRONMENT=moon", "embedded, local, dev or prod");
    refused(&[], "WORKER=moon", "local or cloud");
    refused(&[], "DEVICE=moon", "cpu or gpu");
    refused(&[], "TIME_LIMIT_RUNNING=soon", "TIME_LIMIT_RUNNING=soon");
    refused(&[], "just words", ".env, line 1: expected KEY=value");
    refused(
        &["--dev"],
        "USERFACING_API_URL=dev.api\nTEST_EMAIL=a@x\nTEST_PASSWORD=b",
        "USERFACING_API_URL=dev.api is not an usable URL",
    );
}

#[test]
fn a_file_of_settings_that_is_not_there() {
    let ended = E2e::bare(&["--dev", "--env-file", "/no/such/.env"]).run();
    ended.assert_code(2);
    assert_eq!(ended.only_error(), "error: there is no file /no/such/.env");
    assert_eq!(ended.stdout, "");
}

#[test]
fn a_filter_that_matches_no_test_names_those_there_are() {
    refused(
        &["--filter", "no such"],
        "",
        "lifecycle::decode_v0_10_1_train",
    );
}

#[test]
fn programs_that_are_named_but_not_there() {
    let ended = E2e::new(&[], "").env("CHROME", "/no/such/chrome").run();
    ended.refused(&["CHROME=/no/such/chrome is not a program"]);
}

#[test]
fn what_is_missing_is_only_told_with_no_install() {
    let empty = tempfile::tempdir().unwrap();
    let e2e = E2e::new(&["--no-install"], "");
    let ended = e2e.with_only(&[empty.path()]).run();
    let parts = [
        "missing: the wasm32-unknown-unknown target",
        "rustup target add wasm32-unknown-unknown",
    ];
    ended.refused(&parts).assert_nothing_left();
}

#[test]
fn a_stack_is_not_served_where_no_browser_asks() {
    for option in ["--user-api-port", "--cognito-port", "--s3-port"] {
        let ended = E2e::bare(&["stack", option, "6000"]).run();
        let expected = format!("{option} 6000: browsers send no request to that port");
        ended.refused(&[&expected]).assert_nothing_left();
    }
}

#[test]
fn no_browser_is_shown_where_there_is_no_display() {
    let mut e2e = E2e::new(&["--headed"], "");
    e2e.command
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY");
    let ended = e2e.run();
    ended
        .refused(&["--headed: there is no display"])
        .assert_nothing_left();
}

#[test]
fn help_says_it_all() {
    let ended = E2e::new(&["--help"], "").run();
    ended.assert_code(0);
    for part in [
        "Usage: cargo e2e",
        "--files <MODE>",
        "--seconds-per-state <S>",
        "--filter <NAME>",
        "--headed",
        "--no-install",
        "stack",
        "Exit codes: 0 nothing failed, 1",
    ] {
        ended.says(part);
    }
    assert!(!ended.stdout.contains("serve-page"), "{}", ended.stdout);
    assert_eq!(ended.stderr, "");
}
