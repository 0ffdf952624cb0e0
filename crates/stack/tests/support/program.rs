//! The stack as a program of its own, so that its memory and its errors can be measured.

use std::{
    collections::HashMap,
    fs,
    io::{BufRead as _, BufReader, Read as _},
    process::{Child, ChildStderr, Command, Stdio},
    thread::JoinHandle,
};

use opencloud_stack::config::FileMode;
use tempfile::TempDir;

use super::session::Session;

/// A program that runs.
pub struct Program {
    child: Child,
    settings: HashMap<String, String>,
    complaints: Option<JoinHandle<String>>,
    _directory: TempDir,
}

/// Where it is.
pub const PATH: &str = env!("CARGO_BIN_EXE_opencloud-stack");

impl Program {
    /// Starts it on free ports.
    pub fn start(mode: FileMode) -> Self {
        Self::start_by(Command::new(PATH), mode)
    }

    /// Lets a command start it, which passes on its arguments.
    pub fn start_by(mut command: Command, mode: FileMode) -> Self {
        let directory = TempDir::new().unwrap();
        let env = directory.path().join(".env");
        let files = match mode {
            FileMode::S3 => "s3",
            FileMode::Local => "local",
        };
        let mut child = command
            .args(["--user-api-port=0", "--cognito-port=0", "--s3-port=0"])
            .args(["--seconds-per-state=3600", "--files", files, "--write-env"])
            .arg(&env)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let complaints = child.stderr.take().unwrap();
        let complaints = Some(std::thread::spawn(move || read(complaints)));
        assert!(lines.any(|line| line.unwrap().starts_with("Ctrl-C")));
        let settings = fs::read_to_string(env).unwrap();
        let settings = settings.lines().filter_map(|line| line.split_once('='));
        Self {
            child,
            settings: settings
                .map(|(k, v)| (k.to_owned(), v.to_owned()))
                .collect(),
            complaints,
            _directory: directory,
        }
    }

    /// A setting of the `.env` file that it wrote.
    pub fn setting(&self, name: &str) -> &str {
        &self.settings[name]
    }

    /// A user; `who` is what their settings begin with.
    pub async fn user(&self, who: &str) -> Session {
        let account = |what: &str| self.setting(&format!("{who}{what}"));
        Session::sign_in(
            self.setting("USERFACING_API_URL"),
            self.setting("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"),
            self.setting("COGNITO_CLIENT_ID"),
            account("EMAIL"),
            account("PASSWORD"),
        )
        .await
    }

    /// Its memory now, in kilobytes.
    pub fn memory(&self) -> u64 {
        self.status("VmRSS:")
    }

    /// The most memory that it ever had, in kilobytes.
    pub fn peak(&self) -> u64 {
        self.status("VmHWM:")
    }

    fn status(&self, name: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    /// Ends it, and says what it wrote to standard error.
    pub fn stop(mut self) -> String {
        self.end();
        self.complaints.take().unwrap().join().unwrap()
    }

    fn end(&mut self) {
        if let Ok(Some(_)) = self.child.try_wait() {
            return;
        }
        // A signal that lets it clear away its temporary directory.
        let pid = self.child.id().to_string();
        let _ = Command::new("kill").arg(pid).status();
        let _ = self.child.wait();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.end();
    }
}

fn read(mut from: ChildStderr) -> String {
    let mut text = String::new();
    let _ = from.read_to_string(&mut text);
    text
}
