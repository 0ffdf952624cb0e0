//! The page under wasm-bindgen's own test runner, as under `wasm-pack test`: it opens the page at a
//! numeric address, and the page has to take the frontend's origin itself.

use std::{
    env, fs, io,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::LazyLock,
    thread,
};

use crate::common::{E2e, free_ports, stack::Stack};
use opencloud_browser::{engine::ENGINES, install};
use opencloud_model::origins;
use serde_json::{Value, json};
use tempfile::TempDir;

/// The suite's wasm.
fn suite() -> &'static Path {
    static SUITE: LazyLock<PathBuf> = LazyLock::new(|| {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(cargo)
            .args(["test", "--no-run", "--package", "opencloud-suite"])
            .args(["--test", "suite", "--target", "wasm32-unknown-unknown"])
            .arg("--message-format=json")
            .stderr(Stdio::inherit())
            .output()
            .unwrap();
        String::from_utf8(output.stdout)
            .unwrap()
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .find_map(|message| Some(message["executable"].as_str()?.into()))
            .expect("cargo names the wasm")
    });
    &SUITE
}

/// chromedriver, which the command installs where it is missing.
fn driver() -> &'static Path {
    static DRIVER: LazyLock<PathBuf> = LazyLock::new(|| {
        E2e::new(&["--filter", "no such test"], "")
            .run()
            .assert_code(2);
        if let Some(chosen) = env::var_os("CHROMEDRIVER") {
            return chosen.into();
        }
        match env::var_os("CHROMEWEBDRIVER") {
            Some(directory) => Path::new(&directory).join("chromedriver"),
            None => "chromedriver".into(),
        }
    });
    &DRIVER
}

/// A project with settings of its own. Its files are copied, for the runner follows no link that leads out
/// of its directory.
fn project_with(dotenv: &str) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests");
    let copied = Command::new("cp")
        .arg("-r")
        .arg(tests)
        .arg(directory.path())
        .status();
    assert!(copied.unwrap().success());
    fs::write(directory.path().join(".env"), dotenv).unwrap();
    directory
}

/// What the runner prints of the lifecycle with the settings `dotenv`; the suite must not pass.
fn run(dotenv: &str) -> String {
    run_test("lifecycle::", dotenv)
}

/// What it prints of the test `name`.
fn run_test(name: &str, dotenv: &str) -> String {
    let (suite, driver) = (suite(), driver());
    let [port] = free_ports();
    let address = format!("127.0.0.1:{port}");
    let directory = project_with(dotenv);
    let rule = format!("--host-resolver-rules=MAP localhost:8080 {address}");
    let own = concat!(env!("CARGO_MANIFEST_DIR"), "/../../webdriver.json");
    let mut options: Value = serde_json::from_str(&fs::read_to_string(own).unwrap()).unwrap();
    options["goog:chromeOptions"]["args"] = json!(["--no-sandbox", "--disable-gpu", rule]);
    fs::write(directory.path().join("webdriver.json"), options.to_string()).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_opencloud-e2e"))
        .arg("serve-page")
        .arg(suite)
        .args(["--", name])
        .current_dir(directory.path())
        .env("WASM_BINDGEN_TEST_ADDRESS", address)
        .env("CHROMEDRIVER", driver)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(!output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_filter_is_judged_by_the_names_of_all_tests_that_the_runner_lists() {
    let output = Command::new(env!("CARGO_BIN_EXE_opencloud-e2e"))
        .arg("serve-page")
        .arg(suite())
        .arg("--list")
        .output()
        .unwrap();
    let listed = String::from_utf8(output.stdout).unwrap();
    let names = listed
        .lines()
        .filter_map(|line| line.strip_suffix(": test"));
    let names = names.map(|name| {
        let (module, _) = name.split_once("::").unwrap();
        let (_, own) = name.rsplit_once("::").unwrap();
        format!("{module}::{own}")
    });
    let names: Vec<_> = names.collect();
    for name in ["files::browse", "authorization::expired_upload"] {
        assert!(names.iter().any(|listed| listed == name), "{listed}");
    }
    let ended = E2e::new(&["--filter", "no such test"], "").run();
    let expected = format!(
        "error: --filter no such test matches no test; the tests are {}",
        names.join(", ")
    );
    assert_eq!(ended.assert_code(2).only_error(), expected);
}

#[test]
fn a_public_frontend_needs_cargo_e2e() {
    let said = run("ENVIRONMENT=prod\nTEST_EMAIL=a@b.c\nTEST_PASSWORD=hunter2");
    let expected = "error: the page cannot move to the origin https://ries-lab.github.io: this runner \
                    does not serve https, but `cargo e2e` does";
    assert!(said.contains(expected), "{said}");
    assert!(!said.contains("hunter2"), "{said}");
}

#[test]
fn a_frontend_that_is_no_origin_is_told() {
    let said = run("FRONTEND_URL=localhost:9000");
    assert!(
        said.contains("FRONTEND_URL in .env is not an origin"),
        "{said}"
    );
}

#[test]
fn inputs_of_real_jobs_that_are_not_there_are_told() {
    let stack = Stack::start(&[]);
    let account = stack.settings_of_dev();
    let said = run(&account.replace("ENVIRONMENT=embedded", "ENVIRONMENT=dev"));
    let expected =
        "there is no file inputs/decode_v0_10_1_train/param_run_in.yaml: `cargo e2e inputs`";
    assert!(said.contains(expected), "{said}");
}

#[test]
fn an_opencloud_that_is_not_there_is_told_with_the_commands_that_start_one() {
    let [nobody] = free_ports();
    let url = format!("http://localhost:{nobody}");
    let said = run(&format!(
        "USERFACING_API_URL={url}\nEMAIL=a@b.c\nPASSWORD=hunter2"
    ));
    let first = said.lines().position(|line| line.contains(&url));
    assert!(first.is_some_and(|line| line < 20), "{said}");
    for advice in [
        "start one and run the suite against it:  cargo e2e\n",
        "or serve one for wasm-pack test:         cargo e2e stack --write-env .env",
    ] {
        assert!(said.contains(advice), "{advice}: {said}");
    }
    assert!(!said.contains("hunter2"), "{said}");
}

/// Where nobody can be asked what the engine saw, the page tells what it found out itself, and claims
/// neither a status nor a sender that it has not seen.
#[test]
fn without_the_engines_word_nothing_is_claimed_that_was_not_seen() {
    thread::scope(|scope| {
        for faults in TOLD_BY_THE_PAGE.chunks(TOLD_BY_THE_PAGE.len().div_ceil(2)) {
            scope.spawn(move || faults.iter().for_each(says_no_more_than_it_saw));
        }
    });
}

/// Faults, the test that notices each, and a part of what the page says.
const TOLD_BY_THE_PAGE: [(&str, &str, &str); 12] = [
    (
        "gateway-down",
        "access::user",
        "no answer carries access-control-allow-origin",
    ),
    (
        "gateway-times-out-on-files",
        "files::browse",
        "not those of this address",
    ),
    (
        "firewall-before-cognito",
        "access::user",
        "those to POST are not",
    ),
    (
        "sign-in-page-for-user",
        "access::user",
        "or a redirect leads to",
    ),
    (
        "s3-redirects-uploads",
        "transfer::sizes",
        "those to POST are not",
    ),
    ("s3-slows-down", "transfer::sizes", "download"),
    ("storage-away", "files::browse", "not those of this address"),
    (
        "rename-answers-500",
        "files::rename_and_move",
        "the answer itself carries no",
    ),
    ("revoke-fails", "access::sign_in_and_out", "RevokeToken"),
    (
        "cors-preflight-for-put-lacks-content-type",
        "files::rename_and_move",
        "content-type is not in access-control-allow-headers of the preflight for PUT",
    ),
    (
        "cors-preflight-fails",
        "access::user",
        "every preflight is refused",
    ),
    (
        "cors-no-headers-on-404",
        "access::access_info",
        "not those of this address",
    ),
];

fn says_no_more_than_it_saw((fault, test, told): &(&str, &str, &str)) {
    let stack = Stack::start(&["--fault", fault]);
    let said = run_test(test, &stack.settings());
    let mut failed = said.lines().skip_while(|line| !line.contains("FAILED"));
    let message = failed.nth(1).unwrap_or_else(|| panic!("{fault}: {said}"));
    assert!(message.contains(told), "{fault}: {message}");
    for unseen in [
        "(2",
        "(3",
        "(4",
        "(5",
        "here 4",
        "here 5",
        " from nginx",
        " 502",
        " 500",
        " 403",
        " 307",
    ] {
        assert!(!message.contains(unseen), "{fault}, {unseen:?}: {message}");
    }
}

/// Firefox cannot be led to another port, so the runner listens at the frontend's own address.
#[test]
fn in_firefox_the_origins_that_lead_nowhere_are_named() {
    E2e::new(&["--browser", "firefox", "--filter", "no such test"], "")
        .run()
        .assert_code(2);
    let programs = install::ensure(ENGINES[1].package(), Path::new("."), false).unwrap();
    let (port, stranger) = port_beside_a_stranger();
    let origin = format!("http://localhost:{port}");
    let stack = Stack::start(&["--frontend-url", &origin]);
    let directory = project_with(&stack.settings());
    let output = Command::new(env!("CARGO_BIN_EXE_opencloud-e2e"))
        .arg("serve-page")
        .arg(suite())
        .args(["--", "origins::cors"])
        .current_dir(directory.path())
        .env("WASM_BINDGEN_TEST_ADDRESS", format!("127.0.0.1:{port}"))
        .env("GECKODRIVER", programs.driver)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}");
    for (origin, is_tried) in [
        (format!("http://127.0.0.1:{port}"), true),
        (format!("http://evil.localhost:{port}"), true),
        (format!("http://evillocalhost:{port}"), false),
        (format!("http://localhost:{}", other_port(port)), false),
    ] {
        let gap = format!("a page of {origin} can read: this runner leads no other");
        assert_eq!(!said.contains(&gap), is_tried, "{origin}: {said}");
        let tried = format!("a page of {origin} can read no answers, or only Cognito's");
        assert_eq!(said.contains(&tried), is_tried, "{origin}: {said}");
    }
    let asked = stranger.accept().map(|(_, from)| from);
    assert_eq!(asked.unwrap_err().kind(), io::ErrorKind::WouldBlock);
}

/// The port of the look-alike with another one.
fn other_port(port: u16) -> u16 {
    let mut foreign = origins::foreign(&format!("http://localhost:{port}")).into_iter();
    let other = foreign.find(|foreign| foreign.difference == "other port");
    other
        .unwrap()
        .origin
        .rsplit_once(':')
        .unwrap()
        .1
        .parse()
        .unwrap()
}

/// A free port, and a listener at that of its look-alike, where the runner's page must not look for itself.
fn port_beside_a_stranger() -> (u16, TcpListener) {
    loop {
        let [port] = free_ports();
        if let Ok(stranger) = TcpListener::bind(("127.0.0.1", other_port(port))) {
            stranger.set_nonblocking(true).unwrap();
            return (port, stranger);
        }
    }
}
