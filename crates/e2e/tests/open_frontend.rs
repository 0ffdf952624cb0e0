//! `cargo e2e stack --open-frontend`: a built page on the embedded stack, in a real browser.

#![cfg(target_os = "linux")]

use std::{
    fs,
    net::TcpListener,
    os::unix::{fs::PermissionsExt, process::ExitStatusExt},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::common::{E2e, Ended, Running, free_ports, processes_in};
use opencloud_browser::{engine::ENGINES, install};
use rustix::process::Signal;
use serde_json::Value;
use tempfile::TempDir;

const PAGE: &str =
    r#"<!doctype html><script defer src="/js/app.js"></script><title>A frontend</title><body>"#;

/// Registers an account as the frontend's library does, and shows the answer. `USER_API` stands for the
/// address that the frontend is built with.
const SCRIPT: &str = r#"
const API_URL = "USER_API";
const create = ({ baseURL }) => async (path) => (await fetch(baseURL + path)).json();
const get = create({ baseURL: API_URL });
const register = async () => {
  const { cognito } = await get("/access_info");
  const answer = await fetch(`https://cognito-idp.${cognito.region}.amazonaws.com/`, {
    method: "POST",
    cache: "no-store",
    headers: {
      "X-Amz-User-Agent": "aws-amplify/5.0.4 auth framework/4",
      "X-Amz-Target": "AWSCognitoIdentityProviderService.SignUp",
      "Content-Type": "application/x-amz-json-1.1",
    },
    body: JSON.stringify({
      ClientId: cognito.client_id,
      Username: "new@example.org",
      Password: "Passw0rd!new",
      UserAttributes: [{ Name: "email", Value: "new@example.org" }],
      ValidationData: null,
    }),
  });
  document.body.textContent = `status ${answer.status}: ${await answer.text()}`;
};
register();
"#;

/// A build of a frontend, made for the UserAPI at `user_api`.
fn build(user_api: &str) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(directory.path().join(name), text).unwrap();
    fs::create_dir(directory.path().join("js")).unwrap();
    write("index.html", PAGE);
    write("js/app.js", &SCRIPT.replace("USER_API", user_api));
    directory
}

/// A stack with a frontend, before it is started.
struct Frontend {
    e2e: E2e,
    build: TempDir,
    origin: String,
    cognito: String,
}

impl Frontend {
    /// With a display, if one is named.
    fn new(args: &[&str], display: &str) -> Self {
        let [user_api, cognito, s3, port] = free_ports();
        let build = build(&format!("http://localhost:{user_api}"));
        let origin = format!("http://localhost:{port}");
        let mut e2e = E2e::bare(&["stack", "--frontend-url", &origin]);
        e2e.command
            .args(["--user-api-port", &user_api.to_string()])
            .args(["--cognito-port", &cognito.to_string()])
            .args(["--s3-port", &s3.to_string()])
            .arg("--open-frontend")
            .arg(build.path())
            .args(args)
            .env("DISPLAY", display)
            .env_remove("WAYLAND_DISPLAY");
        Self {
            e2e,
            build,
            origin,
            cognito: format!("http://localhost:{cognito}"),
        }
    }

    /// Starts it with `browser`, or with the one that is installed.
    fn start(self, browser: Option<&Path>) -> Served {
        let Self {
            mut e2e,
            build,
            origin,
            cognito,
        } = self;
        if let Some(browser) = browser {
            e2e.command.env("CHROME", browser);
        }
        Served {
            running: e2e.start_until("Ctrl-C stops it"),
            files: build,
            origin,
            cognito,
        }
    }
}

/// A stack that serves a frontend.
struct Served {
    running: Running,
    /// The build. Browsers that are started by hand leave their files there.
    files: TempDir,
    origin: String,
    cognito: String,
}

impl Served {
    /// The recipients of the mailbox's messages.
    fn recipients(&self) -> Vec<String> {
        let url = format!("{}/mailbox/messages", self.cognito);
        let messages: Value = ureq::get(url)
            .call()
            .unwrap()
            .body_mut()
            .read_json()
            .unwrap();
        let messages = messages.as_array().unwrap().iter();
        messages
            .map(|message| message["to"].as_str().unwrap().to_owned())
            .collect()
    }

    /// The printed line in a shell, with more options.
    fn browser(&self, options: &str) -> Command {
        let mut lines = self.running.seen.lines();
        let line = lines.find(|line| line.contains("--user-data-dir="));
        let line = line.unwrap();
        let mut command = Command::new("sh");
        command
            .args(["-c", &format!("exec {line} --headless {options}")])
            .env("TMPDIR", self.files.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    /// Status, media type and text of what is at `path` of the frontend's origin.
    fn get(&self, path: &str) -> (u16, String, String) {
        let mut answer = ureq::get(format!("{}{path}", self.origin)).call().unwrap();
        let media_type = answer.headers()["content-type"]
            .to_str()
            .unwrap()
            .to_owned();
        let text = answer.body_mut().read_to_string().unwrap();
        (answer.status().as_u16(), media_type, text)
    }

    /// Sends `signal`. The stack ends as it was asked to, says no more than `stderr`, and leaves nothing.
    #[track_caller]
    fn stop(self, signal: Signal, stderr: &str) {
        self.running.signal(signal);
        let ended = self.running.wait();
        ended.assert_code(0).assert_nothing_left();
        assert_eq!(ended.stderr, stderr);
    }
}

fn wait_until(what: &str, mut is_true: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !is_true() {
        assert!(Instant::now() < deadline, "in vain: {what}");
        thread::sleep(Duration::from_millis(50));
    }
}

/// A program in `directory` that starts the installed browser without a window, and notes that it did.
fn browser_without_window(directory: &Path) -> PathBuf {
    let installed = install::browser(ENGINES[0].package()).unwrap();
    let program = directory.join("browser");
    let started = started(directory);
    let text = format!(
        "#!/bin/sh\ntouch '{}'\nexec '{}' --headless \"$@\"\n",
        started.display(),
        installed.display()
    );
    fs::write(&program, text).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    program
}

/// The file that [`browser_without_window`] makes.
fn started(directory: &Path) -> PathBuf {
    directory.join("started")
}

#[test]
fn the_printed_line_starts_a_browser_in_which_the_page_registers_at_aws_s_address() {
    let served = Frontend::new(&["--no-browser"], ":99").start(None);
    assert_eq!(served.recipients(), [""; 0]);
    let mut browser = served.browser("--dump-dom --virtual-time-budget=30000");
    let output = browser.stdout(Stdio::piped()).output().unwrap();
    let page = String::from_utf8(output.stdout).unwrap();
    assert!(page.contains("status 200: {"), "{page}");
    assert!(page.contains("\"UserConfirmed\":false"), "{page}");
    assert_eq!(served.recipients(), ["new@example.org"]);
    served.stop(Signal::INT, "");
}

#[test]
fn a_browser_that_was_started_by_hand_ends_with_the_stack() {
    let served = Frontend::new(&["--no-browser"], "").start(None);
    let mut browser = served.browser("").spawn().unwrap();
    wait_until("a message for the new account", || {
        served.recipients() == ["new@example.org"]
    });
    served.running.signal(Signal::INT);
    let ended = served.running.wait();
    // Where it has not ended, this is what ends it.
    let _ = browser.kill();
    let signal = browser.wait().unwrap().signal();
    assert_ne!(signal, Some(Signal::KILL.as_raw()));
    ended.assert_code(0).assert_nothing_left();
    assert_eq!(ended.stderr, "");
}

#[test]
fn a_browser_is_opened_where_there_is_a_display_and_ends_with_the_stack() {
    for signal in [Signal::INT, Signal::TERM, Signal::KILL] {
        let programs = tempfile::tempdir().unwrap();
        let browser = browser_without_window(programs.path());
        let served = Frontend::new(&[], ":99").start(Some(&browser));
        wait_until("a message for the new account", || {
            served.recipients() == ["new@example.org"]
        });
        let directory = served.running.temporary.path();
        let is_browser = |line: &str| line.contains("--user-data-dir=");
        let processes = processes_in(directory);
        assert!(processes.iter().any(|process| is_browser(&process.line)));
        if signal == Signal::KILL {
            served.running.signal(signal);
            served.running.wait().assert_nothing_left();
        } else {
            served.stop(signal, "");
        }
    }
}

#[test]
fn no_browser_is_opened_without_a_display_or_against_the_user_s_will() {
    for (args, display) in [(&[][..], ""), (&["--no-browser"], ":99")] {
        let programs = tempfile::tempdir().unwrap();
        let browser = browser_without_window(programs.path());
        let served = Frontend::new(args, display).start(Some(&browser));
        assert!(served.running.seen.contains(browser.to_str().unwrap()));
        thread::sleep(Duration::from_millis(500));
        assert!(!started(programs.path()).exists());
        served.stop(Signal::INT, "");
    }
}

#[test]
fn a_browser_that_fails_leaves_the_stack_running() {
    let mut served = Frontend::new(&[], ":99").start(Some(Path::new("false")));
    let told = "the browser has ended (exit status: 1); the line above starts it\n";
    served.running.wait_until_told(told.trim_end());
    assert_eq!(served.get("/").2, PAGE);
    served.stop(Signal::INT, told);
}

#[test]
fn every_path_that_names_no_file_is_the_application_s() {
    let served = Frontend::new(&["--no-browser"], "").start(None);
    let html = (200, "text/html".to_owned(), PAGE.to_owned());
    for path in ["/", "/index.html", "/jobs/7", "/login?next=%2Fjobs"] {
        assert_eq!(served.get(path), html, "{path}");
    }
    let (status, media_type, text) = served.get("/js/app.js");
    assert_eq!((status, &*media_type), (200, "text/javascript"));
    assert!(text.contains("AWSCognitoIdentityProviderService.SignUp"));
    // What lies beside the directory is not in it.
    for path in ["/%2e%2e%2f%2e%2e%2fetc/passwd", "/..%2f..%2fetc/passwd"] {
        assert_eq!(served.get(path), html, "{path}");
    }
    served.stop(Signal::INT, "");
}

/// Runs what should end by itself. A stack that serves instead is stopped after a while.
fn run(e2e: E2e) -> Ended {
    let mut running = e2e.start();
    let deadline = Instant::now() + Duration::from_secs(30);
    while running.child.try_wait().unwrap().is_none() {
        if Instant::now() > deadline {
            running.signal(Signal::TERM);
            break;
        }
        thread::sleep(Duration::from_millis(10));
    }
    running.wait()
}

/// Refuses `args` after those of [`Frontend::new`], or what `spoil` does to the build.
#[track_caller]
fn refused(args: &[&str], spoil: impl FnOnce(&Frontend), parts: &[&str]) {
    let frontend = Frontend::new(args, ":99");
    spoil(&frontend);
    let Frontend { e2e, build, .. } = frontend;
    let ended = run(e2e);
    let here = build.path().to_str().unwrap();
    for part in parts {
        ended.refused(&[&part.replace("DIR", here)]);
    }
    ended.assert_nothing_left();
    let error = ended.only_error();
    assert!(error.starts_with("error: "), "{error}");
    assert_eq!(ended.stdout, "");
}

#[test]
fn a_directory_that_holds_no_build_is_refused() {
    let remove = |name| {
        move |frontend: &Frontend| fs::remove_file(frontend.build.path().join(name)).unwrap()
    };
    refused(
        &[],
        remove("index.html"),
        &[
            "DIR has no index.html: give --open-frontend the directory dist that npm run build makes",
        ],
    );
    refused(
        &[],
        |frontend| {
            let (build, dist) = (frontend.build.path(), frontend.build.path().join("dist"));
            fs::create_dir(&dist).unwrap();
            fs::rename(build.join("index.html"), dist.join("index.html")).unwrap();
        },
        &["DIR has no index.html: give --open-frontend DIR/dist"],
    );
    refused(
        &[],
        remove("js/app.js"),
        &[
            "DIR was built for another path than /, because it holds no /js/app.js, which index.html",
            "VUE_APP_API_URL=http://localhost:",
            "PUBLIC_PATH=/ npm run build",
        ],
    );
}

#[test]
fn a_build_for_another_user_api_is_refused() {
    let built_for = |address: &'static str| {
        move |frontend: &Frontend| {
            let script = SCRIPT.replace("USER_API", address);
            fs::write(frontend.build.path().join("js/app.js"), script).unwrap();
        }
    };
    refused(
        &[],
        built_for("https://api.example.org"),
        &[
            "DIR was built for the UserAPI at https://api.example.org, and this one is at \
             http://localhost:",
            ": build it again with VUE_APP_API_URL=http://localhost:",
        ],
    );
    refused(
        &[],
        built_for("http://localhost:7999"),
        &["npm run build, or give --user-api-port 7999"],
    );
    refused(&[], built_for("/api"), &["DIR names no UserAPI"]);
}

#[test]
fn an_origin_that_cannot_be_served_here_is_refused() {
    // --frontend-url is given only once, so these do not begin with `Frontend::new`.
    let refused_at = |origin: &str, part: &str| {
        let build = build("http://localhost:8000");
        let mut e2e = E2e::bare(&["stack", "--no-browser", "--frontend-url", origin]);
        e2e.command.arg("--open-frontend").arg(build.path());
        let ended = run(e2e);
        ended.refused(&[part]).assert_nothing_left();
        assert_eq!(ended.stdout, "");
    };
    for origin in [
        "https://localhost:8080",
        "http://192.0.2.1:8080",
        "http://example.org",
    ] {
        let part = "must be like http://localhost:8080";
        refused_at(origin, part);
    }
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    for host in ["localhost", "127.0.0.1"] {
        let origin = format!("http://{host}:{port}");
        refused_at(
            &origin,
            &format!("the frontend cannot be served at {origin}: Address already in use"),
        );
    }
}

#[test]
fn a_browser_that_is_not_there_and_options_that_belong_together() {
    let frontend = Frontend::new(&[], ":99");
    let ended = run(frontend.e2e.env("CHROME", "/no/such/browser"));
    ended
        .refused(&["CHROME=/no/such/browser is not a program"])
        .assert_nothing_left();

    let ended = E2e::bare(&["stack", "--no-browser"]).run();
    ended.refused(&["--open-frontend"]);
}
