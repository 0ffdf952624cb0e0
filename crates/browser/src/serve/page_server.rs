//! The test page: its directory, and the process that serves it.

use std::{
    env,
    ffi::OsString,
    fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
    time::Duration,
};

use anyhow::Context;
use wasmparser::{Parser, Payload};

use crate::process::{Failure, Interrupt, Output, Process, Resources};

/// How long the test runner may take to make the page from the wasm.
const LIMIT: Duration = Duration::from_secs(120);

/// The hidden subcommand: the test runner in the version of Cargo.lock.
pub fn serve(args: Vec<OsString>) -> anyhow::Result<ExitCode> {
    let name = OsString::from("wasm-bindgen-test-runner");
    let args: Vec<_> = [name].into_iter().chain(args).collect();
    wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(args)?;
    Ok(ExitCode::SUCCESS)
}

/// The runner's command, without the variables of the user's environment that it would read.
fn runner(wasm: &Path) -> anyhow::Result<Command> {
    let mut command = Command::new(env::current_exe().context("cannot find this program")?);
    for (key, _) in env::vars_os() {
        if key.to_string_lossy().starts_with("WASM_BINDGEN_") {
            command.env_remove(key);
        }
    }
    command.arg("serve-page").arg(wasm);
    Ok(command)
}

/// What the name of an export begins with that is a test.
const TEST: &str = "__wbgt_";

/// The names of the suite's tests. The runner lists them as well, but it reads the code of every function
/// before it does.
pub fn test_names(wasm: &Path) -> anyhow::Result<Vec<String>> {
    let wasm = fs::read(wasm)?;
    let mut names = Vec::new();
    for payload in Parser::new(0).parse_all(&wasm) {
        if let Payload::ExportSection(exports) = payload? {
            for export in exports {
                let name = export?.name.strip_prefix(TEST);
                let name = name.and_then(|name| name.split_once("::"));
                names.extend(name.map(|(_, name)| name.to_owned()));
            }
            break;
        }
    }
    anyhow::ensure!(!names.is_empty(), "the suite exports no tests");
    Ok(names)
}

/// The directory whose files the page may fetch.
#[derive(Debug)]
pub struct PageDirectory(PathBuf);

impl PageDirectory {
    /// Makes the directory at `path`, with copies of those of `root`'s `folders` that are there.
    pub fn new(path: PathBuf, root: &Path, folders: &[&str]) -> anyhow::Result<Self> {
        fs::create_dir(&path)?;
        for folder in folders {
            let from = root.join(folder);
            if from.exists() {
                copy(&from, &path.join(folder)).with_context(|| format!("cannot copy {folder}"))?;
            }
        }
        Ok(Self(path))
    }

    /// Puts copies of the directories in `from` into the directory `name`. Those whose names begin
    /// with a dot are being made just now.
    pub fn add(&self, name: &str, from: &Path) -> anyhow::Result<()> {
        let into = self.0.join(name);
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
            if entry.path().is_dir() && !is_hidden {
                copy(&entry.path(), &into.join(entry.file_name()))
                    .with_context(|| format!("cannot copy {}", entry.path().display()))?;
            }
        }
        Ok(())
    }
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}

/// The process that makes the page from the wasm and serves it.
#[derive(Debug)]
pub struct PageServer {
    process: Process,
    output: Output,
}

impl PageServer {
    /// Starts the process; [`address`](Self::address) waits for it.
    pub fn start(
        resources: &Resources,
        directory: &PageDirectory,
        wasm: &Path,
    ) -> Result<Self, Failure> {
        let mut command = runner(wasm)?;
        command
            .current_dir(&directory.0)
            .env("NO_HEADLESS", "1")
            .env("WASM_BINDGEN_TEST_ADDRESS", "127.0.0.1:0")
            // The frontend's page is not cross-origin isolated.
            .env("WASM_BINDGEN_TEST_NO_ORIGIN_ISOLATION", "1")
            // The files that the runner generates go with the run's directory.
            .env("TMPDIR", resources.directory())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let process = resources.spawn(&mut command)?;
        let output = Output::default();
        let (stdout, stderr) = resources.pipes(process);
        output.read(stdout);
        output.read(stderr);
        Ok(Self { process, output })
    }

    /// Where the page is served, as soon as it is.
    pub fn address(
        &self,
        resources: &Resources,
        interrupt: &Interrupt,
    ) -> Result<SocketAddr, Failure> {
        let address = interrupt.poll(LIMIT, || {
            let address = self.output.find(|line| {
                let (_, address) = line.split_once("now available at http://")?;
                address.parse().ok()
            });
            match resources.exit_status(self.process) {
                Ok(Some(status)) => Err(self.failed(&format!("ended: {status}"))),
                _ => Ok(address),
            }
        })?;
        address.ok_or_else(|| self.failed(&format!("is not ready after {} s", LIMIT.as_secs())))
    }

    fn failed(&self, how: &str) -> Failure {
        Failure::ours_with(
            format!("the server of the test page {how}"),
            self.output.text(),
        )
    }
}
