//! What a real run leaves: reports that are whole, and that hold no secret.

mod common;

use std::{
    fs,
    path::{Path, PathBuf},
};

use common::{
    E2e, Ended,
    stack::{Stack, inputs_zip},
};
use serde_json::Value;

const REPORTS: [&str; 4] = ["report.html", "junit.xml", "results.json", "trace.har"];

/// Runs the tests of `filter` on `stack`, as on a deployment, with the accounts of its settings.
fn run(stack: &Stack, filter: &str) -> Ended {
    let settings = stack.settings().replace("\nEMAIL=", "\nTEST_EMAIL=");
    let settings = settings.replace("\nPASSWORD=", "\nTEST_PASSWORD=");
    let inputs = tempfile::tempdir().unwrap();
    let zip = inputs.path().join("inputs.zip");
    inputs_zip(&zip);
    let settings = format!(
        "{settings}\nFRONTEND_URL=http://localhost:8080\nINPUTS_SOURCE={}\nINPUTS_DIRECTORY={}\n",
        zip.display(),
        inputs.path().join("inputs").display()
    );
    E2e::new(&["--dev", "--verbose", "--filter", filter], &settings).run()
}

/// The values of the stack's settings that nobody may see again, and its users' whole addresses.
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

#[track_caller]
fn assert_clean(canaries: &[String], what: &str, text: &str) {
    for canary in canaries {
        assert!(!text.contains(canary), "{what} holds {canary}");
    }
    // Tokens and signatures, whatever their values.
    for (mark, rest) in [
        ("eyJ", 40),
        ("X-Amz-Signature=", 40),
        ("X-Amz-Credential=", 12),
    ] {
        for (at, _) in text.match_indices(mark) {
            let value = text[at + mark.len()..].chars();
            let length = value.take_while(char::is_ascii_alphanumeric).count();
            assert!(
                length < rest,
                "{what}: {}",
                &text[at..at + mark.len() + length]
            );
        }
    }
}

#[test]
fn no_secret_is_in_any_report_nor_in_the_output_nor_in_the_wasm() {
    for (fault, code) in [(None, 0), (Some("cors-preflight-lacks-put"), 1)] {
        let args: Vec<_> = fault.iter().flat_map(|fault| ["--fault", fault]).collect();
        let stack = Stack::start(&args);
        let canaries = canaries(&stack);
        // Signs in and out, uploads by pre-signed forms, downloads by pre-signed URLs.
        for filter in ["access::", "files::"] {
            let ended = run(&stack, filter);
            ended.assert_code(if filter == "files::" { code } else { 0 });
            for name in REPORTS {
                assert_clean(&canaries, name, &ended.report(name));
            }
            assert_clean(&canaries, "the output", &ended.stdout);
            assert_clean(&canaries, "the errors", &ended.stderr);
            ended.assert_nothing_left();
        }
        for wasm in wasm_files() {
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

/// The suite as it was compiled.
fn wasm_files() -> Vec<PathBuf> {
    let program = Path::new(env!("CARGO_BIN_EXE_opencloud-e2e"));
    let target = program.ancestors().nth(2).unwrap();
    let files = fs::read_dir(target.join("wasm32-unknown-unknown/debug/deps")).unwrap();
    let files: Vec<_> = files
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "wasm")
        })
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
    assert!(ended.stdout.contains("/report.html\n"), "{}", ended.stdout);
    let results: Value = serde_json::from_str(&ended.report("results.json")).unwrap();
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

#[test]
fn quiet_says_only_the_verdict_and_a_pipe_gets_plain_lines() {
    let ended = E2e::new(&["--quiet", "--filter", "access::who_am_i"], "").run();
    ended.assert_code(0);
    let lines: Vec<_> = ended.stdout.lines().collect();
    assert!(
        lines[0].starts_with("report: ") && lines[1].starts_with("passed: "),
        "{lines:?}"
    );
    assert_eq!(lines.len(), 2, "{lines:?}");
    let ended = E2e::new(&["--verbose", "--filter", "access::who_am_i"], "").run();
    assert!(
        ended.stdout.contains(" 200 GET http://"),
        "{}",
        ended.stdout
    );
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
