//! The checkout in which the command runs, wherever it was compiled.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::common::E2e;
use tempfile::TempDir;

/// The files of this checkout, in a directory with a name that programs trip over.
fn copied() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let copy = directory.path().join("eine Kopie für später");
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for part in ["crates/e2e", "tests"] {
        let to = copy.join(part);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        let status = Command::new("cp")
            .arg("-r")
            .arg(project.join(part))
            .arg(to)
            .status();
        assert!(status.unwrap().success());
    }
    fs::copy(project.join("Cargo.toml"), copy.join("Cargo.toml")).unwrap();
    (directory, copy)
}

/// The command with `args` as it runs in `directory`, which another checkout has compiled.
fn in_directory(directory: &Path, args: &[&str]) -> E2e {
    let mut e2e = E2e::bare(args);
    e2e.command
        .current_dir(directory)
        .env_remove("CARGO_MANIFEST_DIR");
    e2e
}

#[test]
fn settings_tests_and_reports_are_those_of_the_checkout_in_which_one_stands() {
    let (_directory, copy) = copied();
    let below = copy.join("tests/suite");
    let applications = copy.join("tests/applications");
    fs::write(copy.join(".env"), "\nSTRICT=moon\n").unwrap();
    let ended = in_directory(&below, &[]).run();
    let told = "STRICT=moon is unknown: it can be yes or no (from .env, line 2)";
    ended.refused(&[told]);

    fs::write(copy.join(".env"), "").unwrap();
    let one = applications.join("comet_latest_run.yaml");
    fs::copy(one, applications.join("of_the_copy.yaml")).unwrap();
    let ended = in_directory(&below, &["--application", "nope"]).run();
    ended.refused(&["of_the_copy"]);

    let report = in_directory(&below, &["report"]);
    let ended = report.run();
    let place = copy.join("target/e2e").display().to_string();
    ended.refused(&[&place]);
    let run = copy.join("target/e2e/20261123T124101Z_9c1f");
    fs::create_dir_all(&run).unwrap();
    fs::write(run.join("report.html"), "").unwrap();
    let ended = in_directory(&below, &["report"]).run();
    assert!(
        ended
            .assert_code(0)
            .stdout
            .contains("20261123T124101Z_9c1f")
    );
}

#[test]
fn outside_of_a_checkout_a_line_says_so() {
    let directory = tempfile::tempdir().unwrap();
    for args in [
        &[][..],
        &["report"],
        &["inputs"],
        &["clean-up"],
        &["coverage"],
    ] {
        let ended = in_directory(directory.path(), args).run();
        ended.refused(&["is in no checkout of this project"]);
    }
}

#[test]
fn a_variable_of_the_environment_wins_over_the_file_and_an_option_over_both() {
    let run = |args: &[&str], value: &str| {
        let e2e = E2e::new(args, "ENVIRONMENT=prod\n").env("ENVIRONMENT", value);
        e2e.run()
    };
    let unknown = run(&[], "staging");
    let told = "ENVIRONMENT=staging is unknown: it can be embedded, local, dev or prod (from the environment)";
    unknown.refused(&[told]);
    // An empty one counts as none.
    let empty = run(&[], "");
    let file = empty.temporary.path().join(".env").display().to_string();
    let in_place = format!("in place of .env, {file} is read");
    empty.refused(&["environment prod needs", &in_place]);
    let option = run(&["--dev"], "staging");
    option.refused(&["environment dev needs"]);
}

#[test]
fn a_run_tells_and_reports_what_comes_from_the_environment() {
    let e2e = E2e::new(
        &["--filter", "access::user"],
        "TIME_LIMIT_ANSWER= #hunter2\nSECOND_EMAIL=b@x\n",
    );
    let secret = "hunter2-of-the-environment";
    let e2e = e2e.env("TRANSFER_MEGABYTES", "3");
    let ended = e2e.env("SECOND_PASSWORD", secret).run();
    ended.assert_code(0);
    for part in [
        "line 1: TIME_LIMIT_ANSWER: python-dotenv and Docker Compose read this line differently",
        "note: from the environment: SECOND_PASSWORD, TRANSFER_MEGABYTES\n",
    ] {
        ended.tells(part);
    }
    let results = ended.results();
    let settings = results["environment"]["settings"].as_array().unwrap();
    let source = |name: &str| {
        let mut all = settings.iter();
        let found = all.find(|setting| setting["name"] == name);
        found.map(|setting| setting["source"].as_str().unwrap())
    };
    assert_eq!(source("TRANSFER_MEGABYTES"), Some("the environment"));
    assert_eq!(source("USERFACING_API_URL"), Some("cargo e2e"));
    assert_eq!(source("SECOND_PASSWORD"), None);
    for name in ["results.json", "report.html", "trace.har"] {
        assert!(!ended.report(name).contains(secret), "{name}");
    }
    assert!(!ended.stdout.contains("hunter2") && !ended.stderr.contains("hunter2"));
}
