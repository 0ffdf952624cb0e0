//! `cargo e2e faults`: what it says of a suite, and how it ends.

use std::{fs, process::Command};

use serde_json::Value;
use tempfile::TempDir;

/// `cargo e2e faults` with `args` in two browsers: the exit code, stdout, stderr.
fn faults(temporary: &TempDir, args: &[&str]) -> (Option<i32>, String, String) {
    command(temporary, &[&["--browsers", "2"], args].concat())
}

/// `cargo e2e faults` with `args`: the exit code, stdout, stderr.
fn command(temporary: &TempDir, args: &[&str]) -> (Option<i32>, String, String) {
    let json = temporary.path().join("score.json");
    let output = Command::new(env!("CARGO_BIN_EXE_opencloud-e2e"))
        .arg("faults")
        .arg("--json")
        .arg(json)
        .args(args)
        .env("TMPDIR", temporary.path())
        .env("GITHUB_STEP_SUMMARY", temporary.path().join("summary.md"))
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

/// A file of expectations with this text.
fn expectations(temporary: &TempDir, text: &str) -> String {
    let path = temporary.path().join("faults.yaml");
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn what_is_noticed_and_what_is_not() {
    let temporary = tempfile::tempdir().unwrap();
    // The first is as it should be, the second would be if the suite said such things, and the third
    // cannot be seen from a frontend whose origin has a port.
    let text = "
        cors-no-headers-on-401: { test: access::user, says: [those that report an error do not] }
        cors-no-headers-on-put: { test: files::rename_and_move, says: [the moon is blue] }
        cors-origin-unescaped-dot: { test: origins::cors, says: [github] }";
    let expectations = expectations(&temporary, text);
    let args = [
        "--only",
        "on-401",
        "--only",
        "on-put",
        "--only",
        "unescaped-dot",
        "--expectations",
        &expectations,
    ];
    let summary = temporary.path().join("summary.md");
    let (code, stdout, stderr) = faults(&temporary, &args);

    assert_eq!(code, Some(1), "{stdout}\n{stderr}");
    let judged = |fault: &str| stdout.lines().find(|line| line.contains(fault)).unwrap();
    assert!(judged("on-401").starts_with("detected "), "{stdout}");
    assert!(judged("on-put").starts_with("misattributed "), "{stdout}");
    assert!(judged("unescaped-dot").starts_with("missed "), "{stdout}");
    assert!(
        stdout.contains("    must say: the moon is blue\n"),
        "{stdout}"
    );
    let told = "the answer itself carries no access-control-allow-origin";
    assert!(stdout.contains(told), "{stdout}");
    assert_eq!(
        stdout.lines().last(),
        Some("faults: 1 of 3 detected; disturbances: 0 of 0 tolerated (files in s3)")
    );
    let summary = fs::read_to_string(summary).unwrap();
    for part in [
        "### faults: 1 of 3 detected; ",
        "\ncors-user-api ",
        "\nmissed         cors-origin-unescaped-dot ",
    ] {
        assert!(summary.contains(part), "{part}: {summary}");
    }
    let json = fs::read_to_string(temporary.path().join("score.json")).unwrap();
    let score: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(score["full"], false);
    let faults = score["faults"].as_array().unwrap();
    let judgements: Vec<_> = faults.iter().map(|fault| &fault["judgement"]).collect();
    assert_eq!(judgements, ["misattributed", "detected", "missed"]);
}

/// With the whole suite, every test meets the fault, and the start comes before the first.
#[test]
fn the_whole_suite_notices_what_each_test_notices_alone() {
    let temporary = tempfile::tempdir().unwrap();
    let args = [
        "--whole",
        "--only",
        "cors-no-headers-on-put",
        "--only",
        "cors-allow-origin-twice",
    ];
    let (code, stdout, stderr) = faults(&temporary, &args);
    assert_eq!(code, Some(0), "{stdout}\n{stderr}");
    assert!(stdout.contains(" start: find OpenCloud\n"), "{stdout}");
    assert_eq!(
        stdout.lines().last(),
        Some("faults: 2 of 2 detected; disturbances: 0 of 0 tolerated (files in s3)")
    );
}

#[test]
fn what_is_awkward_is_tolerated() {
    let temporary = tempfile::tempdir().unwrap();
    let (code, stdout, stderr) = faults(
        &temporary,
        &["--files", "local", "--only", "upload-answers-204"],
    );
    assert_eq!(code, Some(0), "{stdout}\n{stderr}");
    assert_eq!(
        stdout.lines().last(),
        Some(
            "faults: 0 of 0 detected; disturbances: 1 of 1 tolerated (files on the UserAPI's disk)"
        )
    );
}

#[test]
fn bad_input_is_one_line() {
    let temporary = tempfile::tempdir().unwrap();
    let text = "cors-origin-reflected: { test: origins::moon, says: [evil] }";
    let misspelt = expectations(&temporary, text);
    let args = [
        "--only",
        "cors-origin-reflected",
        "--expectations",
        &misspelt,
    ];
    let (code, _, stderr) = faults(&temporary, &args);
    assert_eq!(code, Some(2), "{stderr}");
    let line = format!(
        "error: {misspelt} cannot be used: cors-origin-reflected: there is no test origins::moon; the tests \
         are "
    );
    let said = stderr.lines().find(|said| said.starts_with("error: "));
    assert!(said.unwrap_or_default().starts_with(&line), "{stderr}");
    for (args, line) in [
        (
            &["--only", "moon"][..],
            "error: --only moon matches no fault and no disturbance: cargo e2e stack \
             --list-faults tells all names\n",
        ),
        (
            &["--files", "local", "--only", "s3-cors-no-rules"],
            "error: --only s3-cors-no-rules matches no fault and no disturbance: it is about the \
             other mode of --files\n",
        ),
        (
            &["--expectations", "no-such-file"],
            "error: no-such-file cannot be used: No such file or directory (os error 2)\n",
        ),
        (
            // Nobody would notice that a fault is left out.
            &[
                "--expectations",
                "/dev/null",
                "--only",
                "cors-no-headers-on-put",
            ],
            "error: /dev/null does not say who must notice cors-no-headers-on-put\n",
        ),
    ] {
        let (code, stdout, stderr) = faults(&temporary, args);
        assert_eq!((code, stderr.as_str()), (Some(2), line), "{stdout}");
    }
}

/// The names in the rows of a score, in their order.
fn names(stdout: &str) -> Vec<&str> {
    let rows = stdout
        .lines()
        .filter_map(|line| line.strip_prefix("detected "));
    rows.filter_map(|row| row.split_whitespace().next())
        .collect()
}

#[test]
fn shares_make_one_score() {
    let temporary = tempfile::tempdir().unwrap();
    let of = |share: &str| {
        let json = temporary.path().join("score.json");
        let args = ["--only", "cors-no-headers-on-", "--partition", share];
        let (code, stdout, stderr) = faults(&temporary, &args);
        assert_eq!(code, Some(0), "{stdout}\n{stderr}");
        let kept = temporary.path().join(share.replace('/', "-"));
        fs::rename(json, &kept).unwrap();
        (kept.to_str().unwrap().to_owned(), stdout)
    };
    let (first, said) = of("1/2");
    let (second, also) = of("2/2");
    let last = said.lines().last().unwrap();
    assert!(last.ends_with(" (files in s3, share 1/2)"), "{last}");
    let merge = |files: &[&str]| command(&temporary, &[&["--merge"], files].concat());
    let error = |files: &[&str], part: &str| {
        let (code, stdout, stderr) = merge(files);
        assert_eq!((code, &*stdout), (Some(2), ""), "{stderr}");
        assert!(
            stderr.starts_with("error: ") && stderr.contains(part),
            "{stderr}"
        );
        assert_eq!(stderr.trim_end().lines().count(), 1, "{stderr}");
    };

    let (code, stdout, stderr) = merge(&[&second, &first]);
    assert_eq!(code, Some(0), "{stdout}\n{stderr}");
    let mut apart = [names(&said), names(&also)].concat();
    assert!(
        apart.len() > 2 && apart.len() > names(&said).len(),
        "{apart:?}"
    );
    let together = names(&stdout);
    apart.sort_by_key(|name| together.iter().position(|other| other == name));
    assert_eq!(together, apart);
    let count = apart.len();
    assert_eq!(
        stdout.lines().last().unwrap(),
        format!(
            "faults: {count} of {count} detected; disturbances: 0 of 0 tolerated (files in s3)"
        )
    );

    error(&[&first], "share 2/2 of Chrome, files in s3, is missing");
    error(&[&first, &second, &first], "is share 1/2 too");
    error(
        &[&first, "nowhere.json"],
        "nowhere.json cannot be merged: No such file",
    );
    let changed = |from: &str, to: &str| {
        let text = fs::read_to_string(&second).unwrap();
        assert!(text.contains(from), "{text}");
        let path = temporary.path().join("changed");
        fs::write(&path, text.replace(from, to)).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let other = "is not a share of the same score as";
    error(
        &[&first, &changed("\"whole\": false", "\"whole\": true")],
        other,
    );
    error(
        &[&first, &changed("cors-no-headers-on-\"", "cors-\"")],
        other,
    );
    error(&[&first, &changed("2/2", "2/3")], other);
    let version = "the shares are of another version";
    error(
        &[
            &first,
            &changed(names(&also)[0], "cors-no-headers-on-the-moon"),
        ],
        version,
    );
    error(
        &[&first, &changed("\"detected\"", "\"guessed\"")],
        "unknown variant `guessed`",
    );
    error(
        &[&first, &changed("2/2", "3/2")],
        "is not the score of a share",
    );
    error(
        &[&first, &changed("chromium", "netscape")],
        "netscape is not a browser",
    );
    // A share in which something was missed is one of a score that is not full.
    let missed = changed("\"detected\"", "\"missed\"");
    let (code, stdout, _) = merge(&[&first, &missed]);
    assert_eq!(code, Some(1), "{stdout}");
    assert!(stdout.contains("\nmissed "), "{stdout}");
}
