//! Deployments elsewhere, for which an embedded stack stands in: it allows the public frontend's
//! origin, as theirs do.

use std::{fs, path::Path};

use crate::common::{
    E2e,
    stack::{Stack, inputs_zip},
};

/// The settings for a deployment like `stack`, whose inputs are still to be fetched.
fn settings(stack: &Stack, inputs: &tempfile::TempDir) -> String {
    let zip = inputs.path().join("inputs.zip");
    inputs_zip(&zip);
    let account = stack.settings_of_dev();
    format!(
        "{account}\nFRONTEND_URL=\nINPUTS_SOURCE={}\nINPUTS_DIRECTORY={}\n",
        zip.display(),
        inputs.path().join("inputs").display()
    )
}

#[test]
fn the_suite_passes_on_a_deployment_for_the_public_frontend() {
    let stack = Stack::start(&[
        "--frontend-url",
        "https://ries-lab.github.io",
        "--workers",
        "local,cloud",
    ]);
    let inputs = tempfile::tempdir().unwrap();
    let settings = settings(&stack, &inputs);

    let ended = E2e::new(&["--dev", "--filter", "lifecycle::"], &settings).run();
    ended.assert_code(0);
    assert!(ended.verdict().ends_with("(dev)"), "{}", ended.verdict());
    // Fetched by this run, and used by the next.
    let fetched = inputs.path().join("inputs/decode_v0_10_1_train/SHA256SUMS");
    assert!(fetched.exists());

    let ended = E2e::new(&["--prod", "--cloud", "--gpu"], &settings).run();
    ended.assert_code(0);
    let verdict = ended.verdict();
    assert!(verdict.ends_with("(prod, cloud workers, GPU)"), "{verdict}");
    let frontend = "a  https://ries-lab.github.io  ";
    ended.says(frontend);
    assert!(!ended.stderr.contains("inputs: "), "{}", ended.stderr);
    ended.assert_nothing_left();
}

/// The inputs of all applications but the first, as a user would keep them.
fn directory_of_inputs(inputs: &tempfile::TempDir) -> String {
    let applications = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/applications");
    for name in [
        "decode_v0_10_1_fit",
        "decode_latest_train",
        "comet_latest_run",
    ] {
        let folder = inputs.path().join("others").join(name);
        fs::create_dir_all(&folder).unwrap();
        for file in fs::read_dir(applications.join(name)).unwrap() {
            let file = file.unwrap();
            fs::copy(file.path(), folder.join(file.file_name())).unwrap();
        }
    }
    inputs.path().join("others").display().to_string()
}

#[test]
fn a_deployment_is_tested_with_further_applications_only_if_they_are_chosen() {
    let stack = Stack::start(&["--frontend-url", "https://ries-lab.github.io"]);
    let inputs = tempfile::tempdir().unwrap();
    let settings = settings(&stack, &inputs);
    let run = |args: &[&str], more: &str| {
        let args = [&["--dev", "--filter", "lifecycle::"], args].concat();
        let ended = E2e::new(&args, &format!("{settings}{more}")).run();
        ended.assert_code(0);
        ended
    };
    let tested = |ended: &crate::common::Ended, names: &[&str]| {
        for name in [
            "decode_v0_10_1_fit",
            "decode_latest_train",
            "comet_latest_run",
        ] {
            let line = format!("the application {name}: ");
            let is_tested = !ended.stdout.contains(&line);
            assert_eq!(is_tested, names.contains(&name), "{name}: {}", ended.stdout);
        }
    };

    let ended = run(&[], "");
    tested(&ended, &[]);
    ended.says("`cargo e2e --application comet_latest_run` tests it");
    let ended = run(&["--application", "all"], "");
    tested(&ended, &[]);
    ended.says("that holds the folder comet_latest_run");
    let others = format!("APPLICATION_INPUTS={}\n", directory_of_inputs(&inputs));
    let ended = run(&["--application", "decode_v0_10_1_fit"], &others);
    tested(&ended, &["decode_v0_10_1_fit"]);
    ended.says("decode_v0_10_1_fit: wait for finished");
    assert!(!inputs.path().join("inputs/comet_latest_run").exists());
    let ended = run(&[], &format!("{others}APPLICATIONS=all\n"));
    tested(
        &ended,
        &[
            "decode_v0_10_1_fit",
            "decode_latest_train",
            "comet_latest_run",
        ],
    );
    assert!(
        inputs
            .path()
            .join("inputs/comet_latest_run/SHA256SUMS")
            .exists()
    );
    ended.assert_nothing_left();
}

/// What a setting of the deployment is.
fn value<'a>(settings: &'a str, key: &str) -> &'a str {
    let mut lines = settings.lines().filter_map(|line| line.split_once('='));
    lines.find(|(name, _)| *name == key).unwrap().1
}

#[test]
fn what_is_not_what_its_key_says_is_bad_input_and_not_the_deployments_fault() {
    let stack = Stack::start(&["--frontend-url", "https://ries-lab.github.io"]);
    let inputs = tempfile::tempdir().unwrap();
    let settings = settings(&stack, &inputs);
    let of = |key: &str| value(&settings, key);
    let (email, password) = (of("WORKER_EMAIL"), of("WORKER_PASSWORD"));
    let no_worker = "WORKER_EMAIL=\nWORKER_PASSWORD=\n";
    for (filter, changed, part) in [
        (
            "another_user",
            format!("{no_worker}SECOND_EMAIL={email}\nSECOND_PASSWORD={password}"),
            "(SECOND_EMAIL) is in `workers`, but it must be in `users`",
        ),
        (
            "members_of_no_group",
            format!("{no_worker}NOGROUP_EMAIL={email}\nNOGROUP_PASSWORD={password}"),
            "(NOGROUP_EMAIL) is in `workers`, but it must be in no group",
        ),
        (
            "another_user",
            "SECOND_PASSWORD=Wrong-Aa1-password".into(),
            "(SECOND_EMAIL) cannot sign in with SECOND_PASSWORD",
        ),
        (
            "forged_tokens",
            format!("EXPIRED_TOKEN={}", of("OTHER_CLIENT_TOKEN")),
            "EXPIRED_TOKEN is not an ID token that the UserAPI's client was given and that has expired",
        ),
    ] {
        let settings = format!("{settings}\n{changed}\n");
        let ended = E2e::new(&["--dev", "--filter", filter], &settings).run();
        ended.assert_code(2);
        let error = ended
            .stderr
            .lines()
            .find(|line| line.starts_with("error: "));
        let error = error.unwrap_or_default();
        assert!(error.contains(part), "{error}");
        assert!(error.contains(".env, line "), "{error}");
    }
}

#[test]
fn inputs_that_cannot_be_fetched_are_told_before_anything_is_started() {
    let inputs = tempfile::tempdir().unwrap();
    let settings = format!(
        "TEST_EMAIL=a@b.c\nTEST_PASSWORD=x\nINPUTS_SOURCE=/no/such.zip\nINPUTS_DIRECTORY={}\n",
        inputs.path().display()
    );
    let ended = E2e::new(&["--prod"], &settings).run();
    ended.refused(&["/no/such.zip: No such file"]);
    assert_eq!(ended.stdout, "");
    ended.assert_nothing_left();
}

#[test]
fn a_wrong_password_is_the_users_to_mend_and_never_shown() {
    let stack = Stack::start(&["--frontend-url", "https://ries-lab.github.io"]);
    let inputs = tempfile::tempdir().unwrap();
    let password = "not-the-password-8c1f";
    // The last one of a key counts.
    let settings = format!("{}TEST_PASSWORD={password}\n", settings(&stack, &inputs));
    let ended = E2e::new(&["--dev", "--filter", "access::"], &settings).run();
    ended.assert_code(2);
    let told = format!("{}{}", ended.stdout, ended.stderr);
    assert!(told.contains("TEST_PASSWORD"), "{told}");
    assert!(!told.contains(password), "{told}");
    for name in ["report.html", "junit.xml", "results.json", "trace.har"] {
        assert!(!ended.report(name).contains(password), "{name}");
    }
    ended.assert_nothing_left();
}
