//! `cargo e2e contract`: the recordings against sound and faulty deployments.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::Command,
    thread,
};

use crate::common::{E2e, Ended, free_ports, stack::Stack};
use opencloud_contract::{Address, Client, Deployment, Login};
use rustix::process::Signal;
use serde_json::Value;

fn contract(args: &[&str], dotenv: &str) -> E2e {
    let e2e = E2e::subcommand("contract", args, dotenv);
    let report = e2e.temporary.path().join("report");
    let mut e2e = e2e;
    e2e.command.arg("--report").arg(report);
    e2e
}

/// The settings of a stack, and where it is.
fn deployment(stack: &Stack) -> (String, String, String) {
    let settings = stack.settings();
    let value = |key: &str| {
        let mut lines = settings.lines();
        let found = lines.find_map(|line| line.strip_prefix(&format!("{key}=")));
        found.unwrap_or_else(|| panic!("no {key}")).to_owned()
    };
    let url = value("USERFACING_API_URL");
    let cognito = value("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER");
    (settings, url, cognito)
}

/// Asks the UserAPI of a stack as its user.
fn ask(settings: &str, method: &str, path: &str) -> u16 {
    let value = |key: &str| {
        let mut lines = settings.lines();
        let found = lines.find_map(|line| line.strip_prefix(&format!("{key}=")));
        found.unwrap().trim_matches('\'').to_owned()
    };
    let address = Address {
        user_api: value("USERFACING_API_URL"),
        cognito: Some(value("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER")),
        worker_api: None,
        origin: "http://localhost:8080".into(),
        mailbox: None,
        user: Login {
            email: value("EMAIL"),
            password: value("PASSWORD"),
        },
        other: None,
        worker: None,
        no_group: None,
        is_fresh: false,
        jobs_wait: false,
    };
    let deployment = Deployment::connect(address, Client::default()).unwrap();
    deployment.ask(method, path, None).unwrap().status
}

/// The names of the exchanges that have drifted, of a run's report.
fn drifted(ended: &Ended) -> Vec<String> {
    let report: Value = serde_json::from_str(&ended.report("contract.json")).unwrap();
    let replays = report["replays"].as_array().unwrap().iter();
    let outcomes = replays.flat_map(|replay| replay["outcomes"].as_array().unwrap());
    outcomes
        .filter(|outcome| !outcome["drifted"].as_array().unwrap().is_empty())
        .map(|outcome| outcome["exchange"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_sound_stack_has_not_drifted() {
    let ended = contract(&[], "").run();
    ended.assert_code(0);
    let verdict = ended.verdict();
    assert!(verdict.contains(" 0 drifted"), "{verdict}");
    assert!(verdict.ends_with("(embedded)"), "{verdict}");
    ended.says("frontend (s3): ");
    assert!(ended.report("contract.html").contains("files (local)"));
    ended.assert_nothing_left();
}

#[test]
fn a_deployment_is_left_empty() {
    for mode in ["local", "s3"] {
        let stack = Stack::start(&["--files", mode]);
        let (settings, url, cognito) = deployment(&stack);
        let args = ["--url", &url, "--cognito", &cognito];
        for _ in 0..2 {
            // A second one would find what the first had left.
            let ended = contract(&args, &settings).run();
            ended.assert_code(0);
            assert!(
                ended.verdict().contains(" 0 drifted"),
                "{}",
                ended.verdict()
            );
        }
    }
}

/// What a fault changes is told at the exchange that has it, and in its words.
#[test]
fn each_fault_is_told_as_drift_where_it_is() {
    thread::scope(|scope| {
        for faults in FAULTS.chunks(FAULTS.len().div_ceil(3)) {
            scope.spawn(move || faults.iter().for_each(is_told));
        }
    });
}

fn is_told((fault, group, exchange, said): &(&str, &str, &str, &str)) {
    let ended = contract(&["--fault", fault, "--group", group], "").run();
    ended.assert_code(1);
    let drifted = drifted(&ended);
    assert!(
        drifted.iter().any(|name| name == exchange),
        "{fault}: {drifted:?}"
    );
    assert!(ended.stdout.contains(said), "{fault}: {}", ended.stdout);
}

/// Faults, the group and the exchange where each is told, and a part of what is said.
const FAULTS: &[(&str, &str, &str, &str)] = &[
    (
        "cors-no-headers-on-404",
        "cors",
        "actual_allowed_404",
        "access-control-allow-origin",
    ),
    (
        "cors-allow-origin-trailing-slash",
        "cors",
        "preflight_allowed_GET_/files/",
        "now:      http://localhost:8080/",
    ),
    (
        "cors-origin-reflected",
        "cors",
        "preflight_127_POST_/jobs",
        "400 is now 200",
    ),
    (
        "cors-preflight-lacks-put",
        "cors",
        "preflight_allowed_PUT_/files/config/a",
        "access-control-allow-methods",
    ),
    (
        "cors-preflight-not-found",
        "cors",
        "preflight_allowed_GET_/files/",
        "200 is now 404",
    ),
    (
        "s3-cors-lacks-post",
        "files",
        "config_exp_upload",
        "access-control-allow-origin",
    ),
    (
        "s3-cors-any-origin",
        "files",
        "download_other_origin",
        "now:      *",
    ),
    (
        "cognito-hides-error-type",
        "cognito",
        "initiate_auth_wrong_password",
        "access-control-expose-headers",
    ),
    (
        "cognito-preflight-lacks-x-amz-target",
        "cognito",
        "preflight",
        "access-control-allow-headers",
    ),
    (
        "accepts-no-token",
        "auth",
        "user_no_header",
        "401 is now 200",
    ),
    (
        "refuses-403-instead-of-401",
        "auth",
        "user_basic_scheme",
        "401 is now 403",
    ),
    (
        "not-verified-in-other-words",
        "auth",
        "user_bad_signature",
        r#"/detail: "Not verified" is now "Unauthorized""#,
    ),
    ("user-lacks-the-group", "auth", "user_ok", "/groups: "),
    (
        "list-unsorted",
        "files",
        "list_root",
        r#"/0/path: "artifact/" is now"#,
    ),
    (
        "rename-does-nothing",
        "files",
        "rename_missing",
        "404 is now 200",
    ),
    (
        "delete-missing-answers-404",
        "files",
        "delete_missing",
        "204 is now 404",
    ),
    (
        "new-folder-twice-refused",
        "files",
        "mkdir_again",
        "201 is now 409",
    ),
    (
        "download-wrong-length",
        "files",
        "download_file_get",
        "answer",
    ),
    (
        "policy-without-prefix",
        "files",
        "config_exp_url",
        "/data/policy/conditions/0/2: ",
    ),
    (
        "get-signature-not-checked",
        "files",
        "download_bad",
        "403 (with the other parts: ",
    ),
    (
        "job-priority-not-checked",
        "jobs",
        "create_priority_6",
        "422 is now 201",
    ),
    (
        "job-default-priority",
        "jobs",
        "create_priority_null",
        "/priority: 0 is now 1",
    ),
    (
        "job-dates-with-zone",
        "jobs",
        "create_ok",
        r#"/date_created: "<date>" is now"#,
    ),
    ("job-list-ignores-limit", "jobs", "list_limit_0", "body"),
    (
        "job-missing-in-other-words",
        "jobs",
        "get_missing",
        r#""Job not found" is now "Not Found""#,
    ),
    (
        "upload-url-lacks-authorization",
        "frontend",
        "files: upload a file: POST /files/config//url",
        "/headers/authorization: ",
    ),
    (
        "list-two-slashes-missing",
        "frontend",
        "files: browse the root: GET /files//",
        "200 is now 404",
    ),
    (
        "job-folder-refused",
        "frontend",
        "job: environment left alone (null), no hardware: POST /jobs",
        "201 is now 400",
    ),
    (
        "unknown-method-answers-404",
        "frontend",
        "files: upload at the root: POST /files//url",
        "405 is now 404",
    ),
    (
        "applications-lack-a-version",
        "jobs",
        "applications",
        "/decode/latest: ",
    ),
];

fn copied_recordings(to: &Path) -> PathBuf {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../contract/recordings");
    let copied = Command::new("cp").arg("-r").arg(from).arg(to).status();
    assert!(copied.unwrap().success());
    to.join("recordings")
}

/// The lines of all recordings.
fn lines(recordings: &Path) -> Vec<String> {
    let mut lines = Vec::new();
    for folder in ["golden", "frontend"] {
        let mut files: Vec<_> = fs::read_dir(recordings.join(folder))
            .unwrap()
            .map(|file| file.unwrap().path())
            .collect();
        files.sort();
        for file in files {
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            let text = fs::read_to_string(&file).unwrap();
            lines.extend(text.lines().map(|line| format!("{folder}/{name}: {line}")));
        }
    }
    lines
}

#[test]
fn renewing_on_a_sound_stack_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let recordings = copied_recordings(directory.path());
    let before = lines(&recordings);
    let path = recordings.display().to_string();
    let ended = contract(&["--renew", "--recordings", &path], "").run();
    ended.assert_code(0);
    assert!(before == lines(&recordings));
    ended.tells("no recording has changed");
}

#[test]
fn renewing_on_a_faulty_stack_writes_the_fault_and_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    let recordings = copied_recordings(directory.path());
    let before = lines(&recordings);
    let path = recordings.display().to_string();
    let args = [
        "--recordings",
        &path,
        "--fault",
        "applications-lack-a-version",
    ];
    let renewed = contract(&[&args[..], &["--renew"]].concat(), "").run();
    renewed.assert_code(1);
    renewed.tells("recordings changed: git diff shows how");
    let after = lines(&recordings);
    let changed: Vec<_> = after.iter().filter(|line| !before.contains(line)).collect();
    assert!(!changed.is_empty());
    for line in changed {
        // The list, and the refusal that names what is in it.
        let is_of_fault =
            line.contains("/jobs/applications") || line.contains("dict_keys(['v0_10_1'])");
        assert!(is_of_fault, "{line}");
    }
    // By the renewed recordings, that is how it is.
    contract(&args, "").run().assert_code(0);
    // And the sound one is what has drifted.
    let ended = contract(&args[..2], "").run();
    ended.assert_code(1);
    ended.says("/decode/latest");
}

#[test]
fn operations_are_compared_as_well() {
    let directory = tempfile::tempdir().unwrap();
    let recordings = copied_recordings(directory.path());
    let file = recordings.join("golden/openapi_userapi.json");
    let mut document: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    let paths = document["paths"].as_object_mut().unwrap();
    let gone = paths.remove("/jobs/applications").unwrap();
    paths.insert("/jobs/nothing".into(), gone);
    fs::write(&file, document.to_string()).unwrap();
    let path = recordings.display().to_string();
    let args = ["--recordings", &path, "--group", "cors", "--files", "local"];
    let ended = contract(&args, "").run();
    ended.assert_code(1);
    for said in [
        "GET /jobs/applications is new",
        "GET /jobs/nothing is missing",
    ] {
        ended.says(said);
    }
    let args = [&args[..], &["--renew"]].concat();
    contract(&args, "").run().assert_code(1);
    contract(&args, "").run().assert_code(0);
}

#[test]
fn what_somebody_has_in_the_account_is_not_deleted() {
    let stack = Stack::start(&["--files", "local"]);
    let (settings, url, cognito) = deployment(&stack);
    let recorder = ["--url", &url, "--cognito", &cognito, "--group", "cognito"];
    assert_eq!(ask(&settings, "POST", "/files/config/mine/"), 201);
    let ended = contract(&recorder, &settings).run();
    ended.refused(&["holds files or directories (1)", "--empty-the-account"]);
    assert_eq!(ask(&settings, "GET", "/files/config/mine/"), 200);

    let args = [&recorder[..], &["--empty-the-account"]].concat();
    contract(&args, &settings).run().assert_code(0);
    assert_eq!(ask(&settings, "GET", "/files/config/mine/"), 404);
}

#[test]
fn bad_input_is_told_in_a_line() {
    for (args, said) in [
        ("--dev", "unexpected argument '--dev'"),
        ("--renew", "compare --local, a deployment by --url"),
        ("--url http://localhost:1", "EMAIL and PASSWORD are missing"),
        ("--url localhost:8000", "expected an address"),
        ("--group nothing", "the groups are auth, cors"),
        ("--recordings /nowhere", "/nowhere holds no recordings"),
        ("--url http://localhost:1 --local", "cannot be used with"),
        ("--fault no-such-fault", "no-such-fault"),
    ] {
        let args: Vec<_> = args.split_whitespace().collect();
        let ended = contract(&args, "").run();
        ended.refused(&[said]);
    }
}

#[test]
fn a_wrong_password_is_told_with_its_setting() {
    let stack = Stack::start(&["--files", "local"]);
    let (settings, url, cognito) = deployment(&stack);
    let settings = settings.replace("SECOND_PASSWORD=", "SECOND_PASSWORD=Wrong-1");
    let ended = contract(&["--url", &url, "--cognito", &cognito], &settings).run();
    ended.refused(&[
        "cannot sign in: Incorrect username or password.",
        "SECOND_PASSWORD is from ",
    ]);
}

#[test]
fn a_recording_that_exists_is_not_overwritten() {
    let directory = tempfile::tempdir().unwrap();
    let refused = |file: &Path, port: &str, why: &str| {
        let file = file.display().to_string();
        let url = ["--url", "http://localhost:1"];
        let args = [&url[..], &["--record", &file, "--proxy-port", port]].concat();
        let ended = E2e::subcommand("contract", &args, "").run();
        ended.refused(&[why]);
    };
    let file = directory.path().join("said.json");
    // One that is as short as a recording without exchanges, too.
    for text in ["[1, 2, 3]", "abc"] {
        fs::write(&file, text).unwrap();
        refused(&file, "0", "the file exists");
        assert_eq!(fs::read_to_string(&file).unwrap(), text);
    }
    // A port that is taken leaves no file.
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let new = directory.path().join("new.json");
    refused(&new, &port, "cannot be used");
    assert!(!new.exists());
}

#[test]
fn a_deployment_that_does_not_answer_is_its_own_failure() {
    let [port] = free_ports();
    let url = format!("http://localhost:{port}");
    let ended = contract(&["--url", &url], "EMAIL=a@b.c\nPASSWORD=Sekret-1\n").run();
    ended.assert_code(1);
    ended.tells("/access_info");
    assert!(!ended.stderr.contains("Sekret-1"));
}

/// What passes the proxy is what the frontend said: here, what its recording says.
#[test]
fn what_passes_the_proxy_is_recorded() {
    for mode in ["local", "s3"] {
        let stack = Stack::start(&["--files", mode]);
        let (settings, url, cognito) = deployment(&stack);
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("said.json");
        let record = file.display().to_string();
        let args = ["--url", &url, "--cognito", &cognito, "--record", &record];
        let args = [&args[..], &["--proxy-port", "0"]].concat();
        let recording = E2e::subcommand("contract", &args, &settings).start_until("Type what");
        let told = recording.seen.clone();
        let own = |service: &str| {
            let mut lines = told.lines();
            let line = lines.find_map(|line| line.strip_prefix(service)).unwrap();
            line.split_whitespace().next().unwrap().to_owned()
        };
        let (user_api, own_cognito) = (own("UserAPI"), own("Cognito"));
        let args = [
            "--url",
            &user_api,
            "--cognito",
            &own_cognito,
            "--group",
            "frontend",
        ];
        let through = contract(&args, &settings).run();
        through.assert_code(0);
        recording.signal(Signal::INT);
        let ended = recording.wait();
        ended.assert_code(0);
        assert!(ended.verdict().contains(" kinds of exchanges are in "));

        let said = fs::read_to_string(&file).unwrap();
        for line in settings.lines() {
            if let Some((key, value)) = line.split_once('=')
                && (key.contains("PASSWORD") || key.contains("EMAIL") || key.contains("TOKEN"))
            {
                let value = value.trim_matches('\'');
                assert!(!said.contains(value), "{key} in {said}");
            }
        }
        let said: Vec<Value> = serde_json::from_str(&said).unwrap();
        let recorded = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join(format!("../contract/recordings/frontend/{mode}.json"));
        let recorded: Vec<Value> =
            serde_json::from_str(&fs::read_to_string(recorded).unwrap()).unwrap();
        for exchange in recorded
            .iter()
            .filter(|exchange| exchange["to"] == "user_api")
        {
            let is_same = |said: &Value| {
                ["to", "method", "status"]
                    .iter()
                    .all(|part| said[part] == exchange[part])
                    && without_numbers(&said["url"]) == without_numbers(&exchange["url"])
            };
            assert!(said.iter().any(is_same), "{exchange}");
        }
    }
}

/// Ids of jobs differ.
fn without_numbers(url: &Value) -> String {
    let url = url.as_str().unwrap();
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let digits = |c: char| if c.is_ascii_digit() { '0' } else { c };
    format!("{}?{query}", path.chars().map(digits).collect::<String>())
}
