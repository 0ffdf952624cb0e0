//! Runs of the real command, and what they leave behind.

mod deployment;

pub(crate) use deployment::Deployment;

use std::{
    env, fs,
    io::{self, BufRead, BufReader, Read, Write},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::atomic::{AtomicU16, Ordering},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use opencloud_model::settings::table;
use serde_json::{Value, json};
use tempfile::TempDir;

pub(crate) mod stack;

/// Says that a test is not made here. Not by a macro: what these print of a test that passes is never shown.
pub(crate) fn skipped(why: &str) {
    let _ = writeln!(io::stderr(), "skipped: {why}");
}

/// Where the reports of a run go, in its temporary directory.
const REPORT: &str = "report";

/// `cargo e2e` with a temporary directory of its own.
pub(crate) struct E2e {
    pub(crate) command: Command,
    pub(crate) temporary: TempDir,
}

/// How a run ended.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) temporary: TempDir,
}

impl E2e {
    /// A run with `args`, whose settings are the text `dotenv`.
    pub(crate) fn new(args: &[&str], dotenv: &str) -> Self {
        let mut e2e = Self::of(&[], args, dotenv);
        let report = e2e.temporary.path().join(REPORT);
        e2e.command.arg("--report").arg(report);
        e2e
    }

    /// A subcommand that reads settings, too.
    pub(crate) fn subcommand(name: &str, args: &[&str], dotenv: &str) -> Self {
        Self::of(&[name], args, dotenv)
    }

    /// A subcommand that reads no settings.
    pub(crate) fn bare(args: &[&str]) -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let mut command = command_in(&temporary);
        command.args(args);
        Self { command, temporary }
    }

    fn of(subcommand: &[&str], args: &[&str], dotenv: &str) -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let env_file = temporary.path().join(".env");
        fs::write(&env_file, dotenv).unwrap();
        let mut command = command_in(&temporary);
        command.args(subcommand).arg("--env-file").arg(env_file);
        command.args(args);
        Self { command, temporary }
    }

    pub(crate) fn env(mut self, key: &str, value: &str) -> Self {
        self.command.env(key, value);
        self
    }

    /// On a machine that has only the programs of these directories.
    pub(crate) fn with_only(mut self, programs: &[&Path]) -> Self {
        self.command.env("PATH", env::join_paths(programs).unwrap());
        for key in [
            "CARGO",
            "RUSTC",
            "CHROME",
            "CHROMEDRIVER",
            "CHROMEWEBDRIVER",
        ] {
            self.command.env_remove(key);
        }
        self
    }

    /// Run by `command`, which runs what its last arguments say.
    pub(crate) fn through(mut self, mut command: Command) -> Self {
        command
            .arg(self.command.get_program())
            .args(self.command.get_args())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        for (key, value) in self.command.get_envs() {
            match value {
                Some(value) => command.env(key, value),
                None => command.env_remove(key),
            };
        }
        self.command = command;
        self
    }

    pub(crate) fn run(mut self) -> Ended {
        let output = self.command.output().unwrap();
        Ended::of(output, self.temporary)
    }

    /// Starts the run and waits until a line of its stdout contains `part`.
    pub(crate) fn start_until(mut self, part: &str) -> Running {
        let mut child = self.command.spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut seen = String::new();
        while !seen.contains(part) {
            if stdout.read_line(&mut seen).unwrap() == 0 {
                let ended = child.wait_with_output().unwrap();
                let errors = String::from_utf8_lossy(&ended.stderr);
                panic!("the run ended early ({}):\n{seen}{errors}", ended.status);
            }
        }
        let so_far = seen.clone();
        // Nobody may be stopped by a full pipe.
        let rest = thread::spawn(move || {
            let _ = stdout.read_to_string(&mut seen);
            seen
        });
        Running {
            child,
            rest: Some(rest),
            seen: so_far,
            told: String::new(),
            temporary: self.temporary,
        }
    }

    /// Starts the run.
    pub(crate) fn start(mut self) -> Running {
        Running {
            child: self.command.spawn().unwrap(),
            rest: None,
            seen: String::new(),
            told: String::new(),
            temporary: self.temporary,
        }
    }
}

/// `cargo e2e` whose temporary directory is this one. What is run on purpose is nothing for the summary of
/// the job that runs the tests, and takes no settings of the person who runs them.
fn command_in(temporary: &TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_opencloud-e2e"));
    command
        .env("TMPDIR", temporary.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    for setting in table::all() {
        command.env_remove(setting.key);
    }
    for name in ["GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"] {
        command.env_remove(name);
    }
    command
}

/// A run in its middle.
pub(crate) struct Running {
    pub(crate) child: Child,
    /// Reads its stdout, if anybody has begun to.
    rest: Option<JoinHandle<String>>,
    /// Its stdout until it was started.
    pub(crate) seen: String,
    /// What was read of its stderr.
    told: String,
    pub(crate) temporary: TempDir,
}

impl Running {
    /// Whether the run has a directory of its own.
    pub(crate) fn has_directory(&self) -> bool {
        !left_in(self.temporary.path()).is_empty()
    }

    /// The run's own directory.
    pub(crate) fn directory(&self) -> PathBuf {
        let names = left_in(self.temporary.path());
        let name = names.iter().find(|name| name.starts_with("e2e-"));
        self.temporary.path().join(name.unwrap())
    }

    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, signal).unwrap();
    }

    /// Waits until a line of its stderr contains `part`.
    pub(crate) fn wait_until_told(&mut self, part: &str) {
        let mut byte = [0];
        // No more than that line: the rest is for who waits for the end.
        let stderr = self.child.stderr.as_mut().unwrap();
        while !(self.told.ends_with('\n') && self.told.contains(part)) {
            let read = stderr.read(&mut byte).unwrap();
            assert!(read > 0, "the run ended early:\n{}", self.told);
            self.told.push(byte[0].into());
        }
    }

    /// Runs `script` in its page.
    pub(crate) fn evaluate(&self, script: &str) {
        let profile = self.directory().join("profile");
        let port = fs::read_to_string(profile.join("DevToolsActivePort")).unwrap();
        let port = port.lines().next().unwrap();
        let pages = ureq::get(format!("http://127.0.0.1:{port}/json/list")).call();
        let pages: Value = pages.unwrap().body_mut().read_json().unwrap();
        let page = pages.as_array().unwrap().iter();
        let page = page.clone().find(|page| page["type"] == "page").unwrap();
        let (mut socket, _) =
            tungstenite::connect(page["webSocketDebuggerUrl"].as_str().unwrap()).unwrap();
        let command = json!({
            "id": 1,
            "method": "Runtime.evaluate",
            "params": { "expression": script },
        });
        socket.send(command.to_string().into()).unwrap();
        let answer = socket.read().unwrap().into_text().unwrap();
        assert!(answer.contains("\"id\":1"), "{answer}");
    }

    pub(crate) fn wait(self) -> Ended {
        let mut output = self.child.wait_with_output().unwrap();
        output.stderr.splice(..0, self.told.into_bytes());
        if let Some(rest) = self.rest {
            output.stdout = rest.join().unwrap().into();
        }
        Ended::of(output, self.temporary)
    }
}

impl Ended {
    fn of(output: Output, temporary: TempDir) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            temporary,
        }
    }

    #[track_caller]
    pub(crate) fn assert_code(&self, code: i32) -> &Self {
        assert_eq!(self.code, Some(code), "{}\n{}", self.stdout, self.stderr);
        self
    }

    /// Its stdout contains `part`.
    #[track_caller]
    pub(crate) fn says(&self, part: &str) -> &Self {
        let stdout = &self.stdout;
        assert!(stdout.contains(part), "{part:?} is not in\n{stdout}");
        self
    }

    /// Its stderr contains `part`.
    #[track_caller]
    pub(crate) fn tells(&self, part: &str) -> &Self {
        let stderr = &self.stderr;
        assert!(stderr.contains(part), "{part:?} is not in\n{stderr}");
        self
    }

    /// The command is refused, in one line that contains each of `parts`.
    #[track_caller]
    pub(crate) fn refused(&self, parts: &[&str]) -> &Self {
        let error = self.assert_code(2).only_error();
        for part in parts {
            assert!(error.contains(part), "{part:?} is not in\n{error}");
        }
        self
    }

    /// Its only line on stderr.
    #[track_caller]
    pub(crate) fn only_error(&self) -> &str {
        let errors: Vec<_> = self
            .stderr
            .lines()
            .filter(|line| !is_progress(line))
            .collect();
        assert_eq!(errors.len(), 1, "{}", self.stderr);
        errors[0]
    }

    pub(crate) fn verdict(&self) -> &str {
        self.stdout.lines().last().unwrap_or_default()
    }

    /// Where its reports are.
    pub(crate) fn report_directory(&self) -> PathBuf {
        self.temporary.path().join(REPORT)
    }

    /// The text of one of its reports.
    #[track_caller]
    pub(crate) fn report(&self, name: &str) -> String {
        let path = self.report_directory().join(name);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Its report for programs.
    #[track_caller]
    pub(crate) fn results(&self) -> Value {
        serde_json::from_str(&self.report("results.json")).unwrap()
    }

    /// No process and no file of the run is left, but for its reports, at the latest after a moment.
    #[track_caller]
    pub(crate) fn assert_nothing_left(&self) {
        let directory = self.temporary.path();
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            let left = (left_in(directory), processes_in(directory));
            if left.0.is_empty() && left.1.is_empty() {
                return;
            }
            assert!(Instant::now() < deadline, "left behind: {left:?}");
            thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Cargo's and the set-up's lines: they depend on what is there already.
fn is_progress(line: &str) -> bool {
    [" ", "set-up: ", "info: ", "inputs: ", "local stack: "]
        .iter()
        .any(|start| line.starts_with(start))
}

fn left_in(directory: &Path) -> Vec<String> {
    fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != ".env" && name != REPORT)
        .collect()
}

/// A process that a run has started.
#[derive(Debug)]
pub(crate) struct Process {
    pub(crate) number: i32,
    /// Its command line.
    pub(crate) line: String,
}

/// The processes whose temporary directory is `directory` or in it, the oldest first.
pub(crate) fn processes_in(directory: &Path) -> Vec<Process> {
    let mark = format!("TMPDIR={}", directory.display());
    let text = |path: PathBuf| Some(String::from_utf8_lossy(&fs::read(path).ok()?).into_owned());
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    let mut processes: Vec<_> = entries
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let number = path.file_name()?.to_str()?.parse().ok()?;
            let environment = text(path.join("environ"))?;
            let is_ours = environment.split('\0').any(|pair| pair.starts_with(&mark));
            let line = text(path.join("cmdline"))?.replace('\0', " ");
            is_ours.then_some(Process { number, line })
        })
        .collect();
    processes.sort_by_key(|process| process.number);
    processes
}

/// Ports that nobody listens on. The system gives none of them to a connection or to a server that
/// takes any port, so that they are still free when they are used; no two tests get the same.
pub(crate) fn free_ports<const N: usize>() -> [u16; N] {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    [(); N].map(|()| {
        loop {
            let step = NEXT.fetch_add(1, Ordering::Relaxed);
            let port =
                20_000 + (u16::try_from(std::process::id() % 10_000).unwrap()) + step % 2_000;
            if TcpListener::bind(("127.0.0.1", port)).is_ok() {
                return port;
            }
        }
    })
}
