//! The command line of `opencloud-stack`.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    net::TcpListener,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Child, Command, Output, Stdio},
};

use crate::support::http::Request;
use tempfile::TempDir;

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_opencloud-stack"));
    command.args(arguments);
    command
}

/// A stack on free ports, in the foreground of its own process.
fn on_free_ports(arguments: &[&str]) -> Command {
    let mut command = command(&["--user-api-port=0", "--cognito-port=0", "--s3-port=0"]);
    command.args(arguments);
    command
}

fn run(mut command: Command) -> Output {
    command.output().unwrap()
}

/// Exit code 2 and one line that holds `words`; nothing else.
fn assert_bad_input(output: &Output, words: &[&str]) {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{errors}");
    for word in words {
        assert!(errors.contains(word), "no {word:?} in: {errors}");
    }
    assert_eq!(output.stdout, b"", "nothing was started");
}

fn assert_one_line(output: &Output) {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(errors.lines().count(), 1, "{errors}");
}

/// A running program that is ended when the test is over.
struct Running {
    child: Child,
    /// The lines that it printed at its start.
    greeting: String,
}

impl Running {
    fn start(arguments: &[&str]) -> Self {
        Self::of(on_free_ports(arguments))
    }

    fn of(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut greeting = String::new();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        while !greeting.contains("Ctrl-C stops it") {
            assert_ne!(
                lines.read_line(&mut greeting).unwrap(),
                0,
                "it ended: {greeting}"
            );
        }
        Self { child, greeting }
    }

    fn url(&self, service: &str) -> String {
        let line = self
            .greeting
            .lines()
            .find(|line| line.contains(service) && line.contains("http"));
        let words = line.unwrap().split_whitespace();
        words
            .into_iter()
            .find(|word| word.starts_with("http"))
            .unwrap()
            .to_owned()
    }

    /// Sends a signal and waits for the end.
    fn end_by(mut self, signal: &str) -> Option<i32> {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill")
            .args(["-s", signal, &pid])
            .status()
            .unwrap();
        assert!(sent.success());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // A signal that lets it clear away its temporary directory.
        let pid = self.child.id().to_string();
        let _ = Command::new("kill").arg(pid).status();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn it_serves_until_a_signal_ends_it() {
    for signal in ["INT", "TERM"] {
        for mode in ["s3", "local"] {
            let running = Running::start(&["--files", mode]);
            let url = running.url("UserAPI");
            let answer = Request::new("GET", &format!("{url}/")).send().await;
            assert_eq!(answer.status, 200);
            assert_eq!(running.end_by(signal), Some(0), "{signal} in {mode}");
        }
    }
}

#[test]
fn it_says_which_environments_have_a_worker() {
    for (arguments, line) in [
        (&[][..], "workers   local\n"),
        (&["--workers", "cloud,local"], "workers   cloud, local\n"),
    ] {
        let running = Running::start(arguments);
        assert!(running.greeting.contains(line), "{}", running.greeting);
    }
}

#[test]
fn the_next_stack_removes_the_directory_of_a_killed_one() {
    let directory = TempDir::new().unwrap();
    let count = || fs::read_dir(directory.path()).unwrap().count();
    let start = || {
        let mut command = on_free_ports(&[]);
        command.env("TMPDIR", directory.path());
        Running::of(command)
    };
    assert_eq!(start().end_by("KILL"), None);
    assert_eq!(count(), 1);
    let alive = start();
    assert_eq!(count(), 1, "the killed one's is gone");
    let another = start();
    assert_eq!(count(), 2, "the living one's is not");
    for running in [alive, another] {
        assert_eq!(running.end_by("TERM"), Some(0));
    }
    assert_eq!(count(), 0);
}

#[test]
fn it_prints_urls_and_accounts() {
    let running = Running::start(&["--frontend-url", "https://ries-lab.github.io/"]);
    let greeting = &running.greeting;
    assert!(
        greeting.contains("  https://ries-lab.github.io\n"),
        "{greeting}"
    );
    assert!(greeting.contains("(no group)"), "{greeting}");
    assert_eq!(greeting.matches('@').count(), 5, "{greeting}");
    for service in ["UserAPI", "Cognito", "S3 ", "mailbox"] {
        assert!(running.url(service).starts_with("http://localhost:"));
    }
    let mailbox = format!("{}/mailbox", running.url("Cognito"));
    assert_eq!(running.url("mailbox"), mailbox);
}

#[test]
fn bad_values_are_refused_by_name() {
    for (arguments, words) in [
        (
            ["--seconds-per-state", "soon"],
            ["--seconds-per-state", "0.5"],
        ),
        (["--seconds-per-state", "-1"], ["seconds-per-state", ""]),
        (["--files", "disk"], ["--files", "local"]),
        (["--workers", "local,moon"], ["--workers", "moon"]),
        (
            ["--frontend-url", "localhost:8080"],
            ["--frontend-url", "http://localhost:8080"],
        ),
        (
            ["--frontend-url", "http://localhost:8080/page"],
            ["--frontend-url", "scheme"],
        ),
        (["--user-api-port", "80000"], ["--user-api-port", "80000"]),
        (["--token-lifetime", "0"], ["--token-lifetime", "3600"]),
        (["--bind", "here"], ["--bind", "here"]),
    ] {
        let output = run(command(&arguments));
        assert_bad_input(&output, &words);
        assert_one_line(&output);
    }
}

#[test]
fn a_port_in_use_is_one_line() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    for flag in ["--user-api-port", "--cognito-port", "--s3-port"] {
        let ports = ["--user-api-port", "--cognito-port", "--s3-port"].map(|name| {
            let port = if name == flag { port } else { 0 };
            format!("{name}={port}")
        });
        let output = run(command(&ports.each_ref().map(String::as_str)));
        assert_bad_input(&output, &[flag, &port.to_string(), "is in use"]);
        assert_one_line(&output);
    }
}

#[test]
fn an_unusable_data_directory_is_one_line() {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("file");
    fs::write(&file, "").unwrap();
    let path = file.join("data");
    let output = run(on_free_ports(&["--data-dir", path.to_str().unwrap()]));
    assert_bad_input(&output, &["data directory", path.to_str().unwrap()]);
    assert_one_line(&output);
}

fn env_of(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

#[test]
fn the_settings_are_written_for_the_owner_only() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join(".env");
    let running = Running::start(&["--write-env", path.to_str().unwrap()]);
    let env = env_of(&path);
    assert!(env.starts_with("# Written by opencloud-stack; "), "{env}");
    let url = running.url("UserAPI");
    assert!(
        env.contains(&format!("\nUSERFACING_API_URL={url}\n")),
        "{env}"
    );
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    running.end_by("TERM");

    // Its own file is written again, and is private even if it was not.
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let running = Running::start(&["--write-env", path.to_str().unwrap()]);
    assert!(env_of(&path).contains(&running.url("UserAPI")));
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
}

#[test]
fn other_files_are_not_overwritten() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join(".env");
    for secrets in [
        "PASSWORD=secret\n",
        "",
        "# mine\n# Written by opencloud-stack; it may be overwritten.\n",
        "# Written by opencloud-stack for me; keep it.\nPASSWORD=secret\n",
        "# Written by opencloud-stack; it may be overwritten. Not this one.\n",
    ] {
        fs::write(&path, secrets).unwrap();
        let output = run(on_free_ports(&["--write-env", path.to_str().unwrap()]));
        assert_bad_input(&output, &[path.to_str().unwrap(), "left as it is"]);
        assert_one_line(&output);
        assert_eq!(env_of(&path), secrets);
    }
}

#[test]
fn help_names_every_option() {
    let output = run(command(&["--help"]));
    assert_eq!(output.status.code(), Some(0));
    let help = String::from_utf8_lossy(&output.stdout);
    for option in [
        "--files",
        "--seconds-per-state",
        "--fail-jobs",
        "--frontend-url",
        "--bind",
        "--user-api-port",
        "--cognito-port",
        "--s3-port",
        "--data-dir",
        "--token-lifetime",
        "--write-env",
        "--fault",
        "--disturbance",
        "--list-faults",
        "Exit codes",
    ] {
        assert!(help.contains(option), "{option} in: {help}");
    }
}

#[test]
fn faults_and_disturbances_are_printed() {
    let arguments = [
        "--fault",
        "delete-deletes-nothing",
        "--disturbance",
        "latency",
    ];
    let running = Running::start(&arguments);
    for line in ["fault: delete-deletes-nothing: ", "disturbance: latency: "] {
        assert!(running.greeting.contains(line), "{}", running.greeting);
    }
    running.end_by("TERM");
    let running = Running::start(&[]);
    assert!(
        !running.greeting.contains("on purpose"),
        "{}",
        running.greeting
    );
    running.end_by("TERM");
}

#[test]
fn an_unknown_fault_is_refused_with_suggestions() {
    let output = run(on_free_ports(&["--fault", "delete-deletes-nothin"]));
    assert_bad_input(&output, &["--fault", "delete-deletes-nothing"]);
    assert_one_line(&output);
    let output = run(on_free_ports(&["--disturbance", "latenzy"]));
    assert_bad_input(&output, &["--disturbance", "latency"]);
    let output = run(on_free_ports(&[
        "--files=local",
        "--fault=s3-cors-no-rules",
    ]));
    assert_bad_input(&output, &["s3-cors-no-rules", "--files s3"]);
    assert_one_line(&output);
}

#[test]
fn the_list_of_faults_starts_nothing() {
    let output = run(command(&["--list-faults"]));
    assert_eq!(output.status.code(), Some(0));
    let list = String::from_utf8_lossy(&output.stdout);
    for word in [
        "faults, jobs:",
        "job-vanishes",
        "disturbances:",
        "(s3 only)",
    ] {
        assert!(list.contains(word), "{word} in: {list}");
    }
}
