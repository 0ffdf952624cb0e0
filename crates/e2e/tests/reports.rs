//! What a real run leaves: reports that are whole, and that hold no secret.

use std::{
    ffi::OsStr,
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::common::{
    E2e, Ended,
    stack::{Stack, inputs_zip},
};
use serde_json::Value;

/// Runs the suite on `stack`, as on a deployment, with the accounts of its settings.
fn run(stack: &Stack, engine: &str) -> Ended {
    let settings = stack.settings_of_dev();
    let inputs = tempfile::tempdir().unwrap();
    let zip = inputs.path().join("inputs.zip");
    inputs_zip(&zip);
    let settings = format!(
        "{settings}\nFRONTEND_URL=http://localhost:8080\nINPUTS_SOURCE={}\nINPUTS_DIRECTORY={}\n",
        zip.display(),
        inputs.path().join("inputs").display()
    );
    E2e::new(&["--dev", "--verbose", "--browser", engine], &settings).run()
}

/// The secret values of the stack's settings, and its users' whole addresses.
fn canaries(stack: &Stack) -> Vec<String> {
    let settings = stack.settings();
    let pairs = settings.lines().filter_map(|line| line.split_once('='));
    let secret = ["PASSWORD", "EMAIL", "_TOKEN", "_UPLOAD"];
    let canaries: Vec<_> = pairs
        .filter(|(name, _)| secret.iter().any(|end| name.ends_with(end)))
        .map(|(_, value)| value.trim_matches(['"', '\'']).to_owned())
        .filter(|value| value.len() > 3)
        .collect();
    assert!(canaries.len() >= 8, "{canaries:?}");
    canaries
}

/// Names behind which a secret stands, in whatever case.
const MARKS: [&str; 17] = [
    "bearer ",
    "x-amz-signature=",
    "x-amz-credential=",
    "x-amz-security-token=",
    r#""policy":""#,
    r#""x-amz-signature":""#,
    r#""x-amz-credential":""#,
    r#""refreshtoken":""#,
    r#""refresh_token":""#,
    r#""password":""#,
    r#""new_password":""#,
    r#""confirmationcode":""#,
    r#""session":""#,
    r#""token":""#,
    r#""accesstoken":""#,
    r#""idtoken":""#,
    r#""authorization":""#,
];

/// A JSON Web Token in `text`. Its dots tell it from the random text of `x-amz-id-2`, in which any letters
/// may come.
fn token(text: &str) -> Option<&str> {
    let mut words = text.split(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c));
    words.find(|word| word.starts_with("eyJ") && word.contains('.'))
}

#[track_caller]
fn assert_clean(canaries: &[String], what: &str, text: &str) {
    for canary in canaries {
        assert!(!text.contains(canary), "{what} holds {canary}");
    }
    // Whatever their values.
    assert_eq!(token(text), None, "{what} holds a token");
    // In JSON and in HTML quotation marks are written otherwise.
    let text = text.to_ascii_lowercase();
    let text = text.replace("\\\"", "\"").replace("&quot;", "\"");
    for mark in MARKS {
        for (at, _) in text.match_indices(mark) {
            let value = &text[at + mark.len()..];
            assert!(
                !value.starts_with(|c: char| c.is_ascii_alphanumeric()),
                "{what} holds what stands behind {mark}"
            );
        }
    }
}

/// Every file below `directory`, with its contents.
fn files(directory: &Path) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else {
            let bytes = fs::read(&path).unwrap();
            files.push((path, String::from_utf8_lossy(&bytes).into_owned()));
        }
    }
    files
}

#[test]
fn no_secret_is_in_any_report_nor_in_the_output_nor_in_the_wasm() {
    // The whole suite: signs in and out, uploads by pre-signed forms, downloads by pre-signed URLs.
    let fault = "cors-preflight-lacks-put";
    for (engine, fault, code) in [
        ("chromium", Some(fault), 1),
        ("firefox", Some(fault), 1),
        ("webkit", None, 0),
    ] {
        let args: Vec<_> = fault.iter().flat_map(|fault| ["--fault", fault]).collect();
        let stack = Stack::start(&args);
        let canaries = canaries(&stack);
        let ended = run(&stack, engine);
        ended.assert_code(code);
        let files = files(&ended.report_directory());
        assert_eq!(files.len(), 4);
        for (path, text) in files {
            assert_clean(&canaries, &path.display().to_string(), &text);
        }
        assert_clean(&canaries, "the output", &ended.stdout);
        assert_clean(&canaries, "the errors", &ended.stderr);
        assert_valid(&ended.report("results.json"));
        ended.assert_nothing_left();
        for wasm in compiled("wasm") {
            let bytes = fs::read(&wasm).unwrap();
            let text = String::from_utf8_lossy(&bytes);
            for canary in &canaries {
                assert!(
                    !text.contains(&**canary),
                    "{} holds {canary}",
                    wasm.display()
                );
            }
        }
    }
}

/// A real run's results have the shape that docs/results.schema.json describes.
#[track_caller]
fn assert_valid(results: &str) {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/results.schema.json");
    let schema = serde_json::from_str(&fs::read_to_string(schema).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let results = serde_json::from_str(results).unwrap();
    if let Err(error) = validator.validate(&results) {
        panic!("{error}");
    }
}

/// The compiler notes which variables and which files it has read. None holds a setting, so none
/// gets into the wasm, whatever its value.
#[test]
fn no_setting_is_known_when_the_suite_is_compiled() {
    let ended = E2e::new(&["--filter", "access::user"], "").run();
    ended.assert_code(0);
    let is_suites = |path: &PathBuf| {
        let text = fs::read_to_string(path).unwrap();
        text.contains("tests/suite/main.rs") || text.contains("src/settings.rs")
    };
    let notes: Vec<_> = compiled("d").into_iter().filter(is_suites).collect();
    assert!(notes.len() >= 2, "{notes:?}");
    for note in notes {
        let text = fs::read_to_string(&note).unwrap();
        for line in text.lines() {
            if let Some(variable) = line.strip_prefix("# env-dep:") {
                let is_cargos = ["CARGO", "OUT_DIR", "WASM_BINDGEN_", "CLIPPY_"]
                    .iter()
                    .any(|start| variable.starts_with(start));
                assert!(is_cargos, "{}: {variable}", note.display());
            }
            let mut files = line.split([' ', ':']);
            assert!(
                !files.any(|file| file == ".env" || file.ends_with("/.env")),
                "{}: {line}",
                note.display()
            );
        }
    }
}

#[test]
fn our_own_failure_leaves_a_report_and_tells_no_secret() {
    let programs = tempfile::tempdir().unwrap();
    let driver = programs.path().join("chromedriver");
    fs::write(&driver, "#!/bin/sh\necho \"a canary: $CANARY\"\nexit 1\n").unwrap();
    fs::set_permissions(&driver, Permissions::from_mode(0o755)).unwrap();
    let canary = "the-canary-of-this-test";
    let ended = E2e::new(&["--filter", "access::"], &format!("PASSWORD={canary}\n"))
        .env("CHROMEDRIVER", driver.to_str().unwrap())
        .env("CANARY", canary)
        .run();
    ended.assert_code(3);
    ended.tells("a canary: [redacted]");
    for (path, text) in files(&ended.report_directory()) {
        assert_clean(&[canary.into()], &path.display().to_string(), &text);
    }
    assert_clean(&[canary.into()], "the output", &ended.stdout);
    assert_clean(&[canary.into()], "the errors", &ended.stderr);
    let junit = ended.report("junit.xml");
    assert!(
        junit.contains(r#"<error message="chromedriver ended"#),
        "{junit}"
    );
    assert_valid(&ended.report("results.json"));
    ended.assert_nothing_left();
}

#[test]
fn the_verdict_is_told_although_the_reports_cannot_be_written() {
    let e2e = E2e::new(&["--filter", "access::user"], "");
    let in_the_way = e2e.temporary.path().join("report/report.html");
    fs::create_dir_all(&in_the_way).unwrap();
    let ended = e2e.run();
    ended.assert_code(3);
    assert!(ended.verdict().starts_with("passed: "), "{}", ended.stdout);
    let error = ended.stderr.lines().find(|line| line.starts_with("error"));
    assert!(
        error.unwrap().starts_with("error: cannot write /"),
        "{}",
        ended.stderr
    );
}

#[test]
fn github_actions_gets_annotations_and_a_summary() {
    let e2e = E2e::new(
        &[
            "--fault",
            "cors-preflight-lacks-put",
            "--filter",
            "files::rename",
        ],
        "",
    );
    let directory = tempfile::tempdir().unwrap();
    let summary = directory.path().join("summary.md");
    let ended = e2e
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_STEP_SUMMARY", summary.to_str().unwrap())
        .run();
    ended.assert_code(1);
    ended.says("\n::error title=files%3A%3Arename_and_move%3A ");
    let summary = fs::read_to_string(summary).unwrap();
    assert!(
        summary.starts_with("## Failed: OpenCloud is wrong\n"),
        "{summary}"
    );
    assert!(
        summary.contains("method PUT is not in access-control-allow-methods"),
        "{summary}"
    );
}

/// What `cargo e2e` writes to a terminal, in an environment with these variables.
#[cfg(target_os = "linux")]
fn on_a_terminal(variables: &[(&str, &str)]) -> String {
    let e2e = E2e::new(&["--filter", "access::user"], "");
    let quoted = |part: &OsStr| format!("'{}'", part.to_str().unwrap());
    let program = [e2e.command.get_program()];
    let line: Vec<_> = program
        .into_iter()
        .chain(e2e.command.get_args())
        .map(quoted)
        .collect();
    let line = line.join(" ");
    let output = Command::new("script")
        .args(["--quiet", "--return", "--command", &line, "/dev/null"])
        .env("TMPDIR", e2e.temporary.path())
        .env_remove("GITHUB_ACTIONS")
        .env_remove("CI")
        .env_remove("TERM")
        .env_remove("NO_COLOR")
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    text
}

#[cfg(target_os = "linux")]
#[test]
fn a_terminal_gets_every_step_and_colours_only_where_they_are_wanted() {
    const GREEN: &str = "\u{1b}[32mok\u{1b}[0m";
    let xterm = ("TERM", "xterm-256color");
    let [rich, unknown, in_ci, no_colour] = [
        on_a_terminal(&[xterm]),
        on_a_terminal(&[]),
        on_a_terminal(&[xterm, ("CI", "true")]),
        on_a_terminal(&[xterm, ("NO_COLOR", "1")]),
    ];
    for text in [&rich, &unknown, &in_ci, &no_colour] {
        assert!(text.contains(" s  sign in"), "{text:?}");
        assert!(text.contains("passed: "), "{text:?}");
    }
    assert!(rich.contains(GREEN), "{rich:?}");
    assert!(!no_colour.contains("\u{1b}[3"), "{no_colour:?}");
    // After cargo's own lines.
    for text in [unknown, in_ci] {
        let own = text.split_once("access::user").unwrap().1;
        assert!(!own.contains('\u{1b}'), "{text:?}");
    }
}

/// Files of this kind that compiling the suite has made.
fn compiled(kind: &str) -> Vec<PathBuf> {
    let program = Path::new(env!("CARGO_BIN_EXE_opencloud-e2e"));
    let target = program.ancestors().nth(2).unwrap();
    let files = fs::read_dir(target.join("wasm32-unknown-unknown/debug/deps")).unwrap();
    let files: Vec<_> = files
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == kind))
        .collect();
    assert!(!files.is_empty());
    files
}

#[test]
fn a_failed_step_comes_with_its_request_as_the_browser_saw_it() {
    let args = [
        "--fault",
        "cors-preflight-lacks-put",
        "--filter",
        "files::rename",
    ];
    let ended = E2e::new(&args, "").run();
    ended.assert_code(1);
    ended.says("/report.html\n");
    let results = ended.results();
    assert_eq!(results["schema_version"], 1);
    assert_eq!(
        (&results["outcome"], &results["exit_code"]),
        (&"failed".into(), &1.into())
    );
    let steps = results["tests"][0]["steps"].as_array().unwrap();
    let step = steps
        .iter()
        .find(|step| step["result"] == "failed")
        .unwrap();
    let exchange =
        |place: &Value| &results["exchanges"][usize::try_from(place.as_u64().unwrap()).unwrap()];
    let culprit = exchange(&step["culprit"]);
    assert_eq!(culprit["method"], "PUT");
    assert_eq!(culprit["cause"], "preflight_method");
    let preflight = exchange(&culprit["preflight"]);
    let headers = preflight["wire"]["response_headers"].as_array().unwrap();
    let methods = headers
        .iter()
        .find(|header| header["name"] == "access-control-allow-methods");
    assert!(!methods.unwrap()["value"].as_str().unwrap().contains("PUT"));

    let html = ended.report("report.html");
    assert!(html.contains("Failed: OpenCloud is wrong"));
    assert!(html.contains("Look at <strong>UserAPI</strong>: CORSMiddleware allow_methods"));
    let junit = ended.report("junit.xml");
    assert!(
        junit.contains(r#"<failure message="rename data/"#),
        "{junit}"
    );
}

/// What somebody reads first: the verdict, what is wrong, and what to do next.
fn top_of(report: &str) -> String {
    let (_, rest) = report.split_once("<header").unwrap();
    let (top, _) = rest.split_once("</header>").unwrap();
    // Without the tags.
    top.split('<')
        .filter_map(|part| part.split_once('>').map(|(_, text)| text))
        .collect()
}

#[test]
fn the_top_of_a_report_names_what_broke_and_where_to_look() {
    for (fault, filter, parts) in [
        (
            "s3-cors-lacks-post",
            "transfer::sizes",
            [
                "those to POST are not",
                "Look at S3: AllowedMethods in the bucket's CORS rules",
            ],
        ),
        (
            "cors-allow-origin-any",
            "origins::cors",
            [
                "can read the answer (200), but only http://localhost:8080 may",
                "Look at UserAPI: FRONTEND_URL, from which CORSMiddleware takes allow_origins",
            ],
        ),
        (
            "list-answers-500",
            "files::browse",
            [
                "the UserAPI failed (500): other requests for files succeed",
                "Look at 500 from UserAPI: its log",
            ],
        ),
        (
            "job-vanishes",
            "lifecycle::",
            [
                "the job vanished: the UserAPI answers 404 for it",
                "lifecycle::decode_v0_10_1_train",
            ],
        ),
        (
            "sign-in-lacks-id-token",
            "access::sign_in_and_out",
            [
                "missing field `IdToken`",
                "InitiateAuth (POST http://localhost:",
            ],
        ),
    ] {
        let ended = E2e::new(&["--fault", fault, "--filter", filter], "").run();
        ended.assert_code(1);
        let report = ended.report("report.html");
        let top = top_of(&report);
        for part in parts {
            assert!(top.contains(part), "{fault}: {part}:\n{top}");
        }
        let (_, problems) = report.split_once("class=\"problems\"").unwrap();
        let (problems, _) = problems.split_once("</ol>").unwrap();
        // One cause is one problem, at however many places it shows; `*` also breaks credentials.
        let causes = if fault == "cors-allow-origin-any" {
            2
        } else {
            1
        };
        let told = problems.matches("<li>").count();
        assert_eq!(told, causes, "{fault}:\n{top}");
        let results = ended.results();
        let steps = results["tests"].as_array().unwrap().iter();
        let steps = steps.flat_map(|test| test["steps"].as_array().unwrap());
        let mut failed = steps.filter(|step| !step["failure"].is_null());
        assert!(failed.any(|step| step["culprit"].is_u64()), "{fault}");
        assert!(report.contains("class=\"exchange\""), "{fault}");
    }
}

#[test]
fn quiet_says_only_the_verdict_and_a_pipe_gets_plain_lines() {
    let ended = E2e::new(&["--quiet", "--filter", "access::user"], "").run();
    ended.assert_code(0);
    let lines: Vec<_> = ended.stdout.lines().collect();
    assert!(
        lines[0].starts_with("report: ") && lines[1].starts_with("passed: "),
        "{lines:?}"
    );
    assert_eq!(lines.len(), 2, "{lines:?}");
    let ended = E2e::new(&["--verbose", "--filter", "access::user"], "").run();
    ended.says(" 200 GET http://");
    assert!(!ended.stdout.contains('\u{1b}'));
}

#[test]
fn the_last_report_is_found_and_a_wrong_place_is_told() {
    let ended = E2e::bare(&["report", "/no/such/directory"]).run();
    ended.assert_code(2);
    assert_eq!(
        ended.only_error(),
        "error: there is no report.html in /no/such/directory"
    );
}
