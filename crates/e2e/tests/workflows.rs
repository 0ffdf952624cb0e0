//! The GitHub workflows, as far as they can be tried on any machine.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use opencloud_browser::engine::ENGINES;
use opencloud_model::settings::table;
use serde::Deserialize;

#[derive(Deserialize)]
struct Workflow {
    permissions: BTreeMap<String, String>,
    jobs: BTreeMap<String, Job>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Job {
    timeout_minutes: u32,
    permissions: BTreeMap<String, String>,
    steps: Vec<Step>,
    strategy: Option<Strategy>,
}

#[derive(Deserialize)]
struct Strategy {
    matrix: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
struct Step {
    id: Option<String>,
    uses: Option<String>,
    run: Option<String>,
    #[serde(default)]
    env: BTreeMap<String, String>,
}

fn path(name: &str) -> PathBuf {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    project.join(".github/workflows").join(name)
}

fn workflow(name: &str) -> Workflow {
    serde_yaml::from_str(&fs::read_to_string(path(name)).unwrap()).unwrap()
}

/// The step `id` of run-tests.yaml.
fn step(id: &str) -> Step {
    step_of("run-tests.yaml", id)
}

fn step_of(name: &str, id: &str) -> Step {
    let jobs = workflow(name).jobs;
    let mut steps = jobs.into_values().flat_map(|job| job.steps);
    steps.find(|step| step.id.as_deref() == Some(id)).unwrap()
}

/// Runs the step `id` in `directory`, with values for its variables.
fn run(id: &str, directory: &Path, values: &[(&str, &str)]) {
    let step = step(id);
    let status = Command::new("bash")
        .args(["--noprofile", "--norc", "-e", "-o", "pipefail", "-c"])
        .arg(step.run.unwrap())
        .envs(step.env)
        .envs(values.iter().copied())
        .current_dir(directory)
        .status();
    assert!(status.unwrap().success());
}

#[test]
fn actions_are_pinned_and_nothing_is_permitted_but_reading() {
    for name in ["ci.yaml", "run-tests.yaml"] {
        let workflow = workflow(name);
        assert!(workflow.permissions.is_empty());
        for job in workflow.jobs.values() {
            assert_eq!(
                job.permissions,
                BTreeMap::from([("contents".into(), "read".into())])
            );
            assert!(job.timeout_minutes <= 240);
            for action in job.steps.iter().filter_map(|step| step.uses.as_ref()) {
                let (_, commit) = action.split_once('@').unwrap();
                let is_commit = commit.len() == 40 && commit.bytes().all(|c| c.is_ascii_hexdigit());
                assert!(is_commit, "{name}: {action}");
            }
        }
    }
}

#[test]
fn the_score_is_measured_in_every_engine_in_shares_that_make_a_whole() {
    let mut jobs = workflow("ci.yaml").jobs;
    let matrix = jobs.remove("score").unwrap().strategy.unwrap().matrix;
    let engines = ENGINES.iter().map(|engine| engine.id());
    assert_eq!(matrix["browser"], engines.collect::<Vec<_>>());
    let shares = &matrix["share"];
    let all = (1..=shares.len()).map(|share| format!("{share}/{}", shares.len()));
    assert_eq!(*shares, all.collect::<Vec<_>>());
}

/// Text that comes from elsewhere reaches a script in variables, never as a part of it.
#[test]
fn secrets_are_known_to_the_steps_that_test_alone() {
    let text = fs::read_to_string(path("run-tests.yaml")).unwrap();
    let is_secret = |value: &&String| value.contains("secrets.");
    let variables = step("suite").env;
    // They stand there once, and the other step names the same.
    let count = variables.values().filter(is_secret).count();
    assert_eq!(text.matches("secrets.").count(), count);
    assert_eq!(step("contract").env, variables);
    for job in workflow("run-tests.yaml").jobs.values() {
        for step in &job.steps {
            let knows = step.env.values().any(|value| is_secret(&value));
            let tests = ["suite", "contract"]
                .map(Some)
                .contains(&step.id.as_deref());
            assert_eq!(knows, tests, "{:?}", step.id);
            let script = step.run.as_deref().unwrap_or_default();
            assert!(!script.contains("${{"), "{script}");
        }
    }
}

/// The command reads them from the environment.
#[test]
fn every_variable_of_the_steps_that_test_is_a_setting() {
    for key in step("suite").env.keys() {
        assert!(table::find(key).is_some(), "{key}");
    }
}

/// Together they end before the job does, so that both take down what they have started.
#[test]
fn the_suite_and_the_comparison_end_before_the_job() {
    let limit = |id: &str| -> u32 {
        let script = step(id).run.unwrap();
        let mut words = script.split_whitespace();
        let limit = words.find_map(|word| word.strip_suffix('m')?.parse().ok());
        limit.unwrap_or_else(|| panic!("{id}: no limit in {script}"))
    };
    let jobs = workflow("run-tests.yaml").jobs;
    let job = jobs.values().next().unwrap();
    assert!(limit("suite") + limit("contract") + 10 <= job.timeout_minutes);
    assert!(
        step("contract")
            .run
            .unwrap()
            .contains("cargo e2e contract --local")
    );
}

#[test]
fn the_summary_tells_configuration_and_result() {
    let directory = tempfile::tempdir().unwrap();
    let summary = directory.path().join("summary.md");
    let values = [
        ("GITHUB_STEP_SUMMARY", summary.to_str().unwrap()),
        ("TESTED", "local"),
        ("OUTCOME", "failure"),
        ("CLOUD", "false"),
        ("GPU", "true"),
        ("FRONTEND", "my-branch"),
        ("APPLICATIONS", ""),
    ];
    fs::write(
        directory.path().join("run.log"),
        "  ok  a step\nfailed: one, of 3 tests\n",
    )
    .unwrap();
    run("summary", directory.path(), &values);
    let told = fs::read_to_string(&summary).unwrap();
    for part in [
        "### The suite on local: failure\n",
        "| workers in the cloud | no |\n| GPU | yes |\n| applications | decode_v0_10_1_train |\n",
        "| frontend | `my-branch` |\n",
        "```\nfailed: one, of 3 tests\n```\n",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    fs::remove_file(directory.path().join("run.log")).unwrap();
    run("summary", directory.path(), &values);
    assert!(
        fs::read_to_string(&summary)
            .unwrap()
            .ends_with("```\nno verdict: see the log\n```\n")
    );
}

/// Runs the step that tries wasm-pack, with stand-ins for all that it calls; `stack` and `curl` are
/// the scripts of two of them. Returns whether it succeeds.
fn wasm_pack(stack: &str, curl: &str) -> bool {
    let directory = tempfile::tempdir().unwrap();
    let at = |path: &str| directory.path().join(path);
    // Anything but the stack, which is `cargo e2e stack`, succeeds at once.
    let cargo = format!("[ \"$1\" = e2e ] || exit 0\n{stack}");
    for (path, script) in [
        ("bin/curl", curl),
        ("bin/cargo", &cargo),
        ("bin/wasm-pack", "exit 0"),
    ] {
        fs::create_dir_all(at(path).parent().unwrap()).unwrap();
        fs::write(at(path), format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(at(path), fs::Permissions::from_mode(0o755)).unwrap();
    }
    let path = std::env::var("PATH").unwrap();
    let status = Command::new("timeout")
        .args([
            "60",
            "bash",
            "--noprofile",
            "--norc",
            "-e",
            "-o",
            "pipefail",
            "-c",
        ])
        .arg(step_of("ci.yaml", "wasm-pack").run.unwrap())
        .env("HOME", at("home"))
        .env("CHROMEWEBDRIVER", at("bin"))
        .env("PATH", format!("{}:{path}", at("bin").display()))
        .current_dir(directory.path())
        .status();
    let code = status.unwrap().code();
    assert_ne!(code, Some(124), "it never ends");
    code == Some(0)
}

#[test]
fn a_stack_that_ends_is_not_waited_for() {
    let never_there = "exit 7";
    assert!(!wasm_pack("exit 1", never_there));
    assert!(wasm_pack("exec sleep 60", "exit 0"));
}
