use clap::Parser;

use super::*;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    run: RunArgs,
}

fn plan(args: &[&str], dotenv: Option<&str>) -> Result<Plan, String> {
    let line = Line::try_parse_from([&["e2e"], args].concat()).unwrap();
    let given = Given::file(dotenv, ".env");
    given
        .and_then(|given| Plan::of(&line.run, given))
        .map_err(|failure| match failure {
            Failure::Input(message) => message,
            other => panic!("{other:?}"),
        })
}

fn limit(plan: &Plan, wanted: JobState) -> Duration {
    let mut waits = plan.settings.limits.waits();
    waits.find(|(state, _)| *state == wanted).unwrap().1
}

#[test]
fn without_any_settings_the_embedded_stack_is_tested() {
    let plan = plan(&[], None).unwrap();
    assert_eq!(
        plan.embedded,
        Some(Embedded {
            files: FileMode::S3,
            applications: None,
            seconds_per_state: Duration::from_millis(200),
            workers: vec![WorkerEnvironment::Local],
            fail_jobs: false,
            faults: Vec::new(),
            disturbances: Vec::new(),
            seed: None,
        })
    );
    assert_eq!(plan.summary(), "embedded, files in s3");
    assert_eq!(limit(&plan, JobState::Finished), Duration::from_secs(30));
}

#[test]
fn a_half_filled_account_does_not_disturb_the_embedded_stack() {
    let plan = plan(
        &[],
        Some("EMAIL=me@example.org\nPASSWORD=\nTIME_LIMIT_RUNNING=7m"),
    )
    .unwrap();
    assert_eq!(limit(&plan, JobState::Running), Duration::from_secs(7 * 60));
}

#[test]
fn options_win_over_the_file() {
    let file = Some("ENVIRONMENT=prod\nTEST_EMAIL=a@b.c\nTEST_PASSWORD=x");
    assert_eq!(plan(&[], file).unwrap().summary(), "prod");
    assert_eq!(plan(&["--dev"], file).unwrap().summary(), "dev");
    assert!(plan(&["--embedded"], file).unwrap().embedded.is_some());
}

#[test]
fn only_what_the_page_needs_reaches_it() {
    let file = "COGNITO_SECRET=s1\nEMAIL=me\nPASSWORD=s2\nTEST_EMAIL=a@b.c\nTEST_PASSWORD=s3\n\
                AWS_SECRET_ACCESS_KEY=s4\nUSERFACING_API_PATH=../UserAPI";
    let plan = plan(&["--dev", "--cloud", "--gpu"], Some(file)).unwrap();
    let mut keys: Vec<_> = plan.pairs.iter().map(|(key, _)| key.as_str()).collect();
    keys.sort_unstable();
    assert_eq!(
        keys,
        [
            "DEVICE",
            "ENVIRONMENT",
            "HTTPS_PAGE",
            "TEST_EMAIL",
            "TEST_PASSWORD",
            "WORKER"
        ]
    );
}

#[test]
fn real_inputs_are_for_real_deployments() {
    let account = Some("TEST_EMAIL=a@b.c\nTEST_PASSWORD=x\nINPUTS_DIRECTORY=/kept");
    assert_eq!(plan(&[], account).unwrap().inputs, None);
    let inputs = plan(&["--dev"], account).unwrap().inputs.unwrap();
    assert_eq!(inputs.directory, Path::new("/kept"));
    let inputs = Inputs::of(Values(&[]), ApplicationChoice::All);
    assert_eq!(inputs.directory, project::root().join("inputs"));
}

#[test]
fn bad_input_is_told_in_one_line_that_names_it() {
    for (args, file, part) in [
        (&["--dev"][..], None, "there is no .env file"),
        (
            &["--dev"],
            Some("TEST_EMAIL=a@b.c"),
            "TEST_PASSWORD is missing",
        ),
        (
            &["--local", "--cloud"],
            Some("EMAIL=a\nPASSWORD=b\nWORKER=local"),
            "WORKER=cloud: its one worker runs on this machine, without a GPU; use dev or prod (from \
             --cloud)",
        ),
        (
            &["--local"],
            Some("EMAIL=a@x\nPASSWORD=b\nCOGNITO_USER_POOL_ID=p\nCOGNITO_REGION="),
            "COGNITO_REGION is missing or empty in .env",
        ),
        (
            &["--keep-up"],
            None,
            "--keep-up is about the services of --local",
        ),
        (
            &["--dev", "--files", "s3"],
            Some("TEST_EMAIL=a@b.c\nTEST_PASSWORD=x"),
            "--files is about the embedded OpenCloud, but the environment is dev",
        ),
        (
            &[],
            Some("STRICT=no\nENVIRONMENT=moon"),
            "embedded, local, dev or prod (from .env, line 2)",
        ),
        (
            &["--dev"],
            Some(
                "TEST_EMAIL=a@b.c\nTEST_PASSWORD=x\nFRONTEND_URL=http://localhost:8000\nUSERFACING_API_URL=http://localhost:8000/api",
            ),
            "USERFACING_API_URL is at an origin at which the test page is served in place of the frontend \
             http://localhost:8000 and its look-alikes, so no browser would reach the service: correct \
             USERFACING_API_URL or FRONTEND_URL (from .env, line 4)",
        ),
        (&[], Some("no sense"), ".env, line 1"),
    ] {
        let message = plan(args, file).unwrap_err();
        assert!(message.contains(part), "{message}");
        assert_eq!(message.lines().count(), 1, "{message}");
    }
}

#[test]
fn every_chosen_application_has_a_file() {
    let chosen =
        |args: &[&str], text: &str| plan(args, Some(text)).map(|plan| plan.settings.applications);
    let named = |names: &[&str]| {
        Ok(ApplicationChoice::Only(
            names.iter().map(|name| (*name).to_owned()).collect(),
        ))
    };
    assert_eq!(chosen(&[], ""), Ok(ApplicationChoice::All));
    let two = [
        "--application",
        "comet_latest_run",
        "--application",
        "decode_v0_10_1_fit",
    ];
    assert_eq!(chosen(&two, "APPLICATIONS=all"), named(&[two[1], two[3]]));
    let file = "APPLICATIONS=comet_latest_run";
    assert_eq!(chosen(&[], file), named(&["comet_latest_run"]));
    assert_eq!(
        chosen(&["--application", "all"], file),
        Ok(ApplicationChoice::All)
    );
    let unknown = "APPLICATIONS names nope, but the files of tests/applications are comet_latest_run, \
                   decode_latest_train, decode_v0_10_1_fit, decode_v0_10_1_train; all stands for all";
    assert_eq!(
        chosen(&["--application", "nope"], "").unwrap_err(),
        format!("{unknown} (from --application)")
    );
    assert_eq!(
        chosen(&[], "APPLICATIONS=comet_latest_run,nope").unwrap_err(),
        format!("{unknown} (from .env, line 1)")
    );
}

#[test]
fn a_configuration_of_applications_is_read_before_anything_starts() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("applications.yaml");
    let args = ["--applications", path.to_str().unwrap()];
    let missing = plan(&args, None).unwrap_err();
    assert!(
        missing.contains("is not a configuration of applications: No such file"),
        "{missing}"
    );
    std::fs::write(&path, "mine: { v1: { run: {} } }").unwrap();
    let unsound = plan(&args, None).unwrap_err();
    assert!(
        unsound.ends_with("mine v1 run: app.cmd is not a list of texts"),
        "{unsound}"
    );
    std::fs::write(&path, "{}").unwrap();
    let plan = plan(&args, None).unwrap();
    assert_eq!(plan.embedded.unwrap().applications, Some(path));
}
