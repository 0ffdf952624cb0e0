//! wasm-bindgen's test runner, in the version of Cargo.lock: it makes the test page from the suite's wasm.

use std::{
    env,
    ffi::OsString,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    time::Duration,
};

use anyhow::Context;
use sha2::{Digest, Sha256};
use ureq::Agent;
use wasmparser::{Parser, Payload};

use crate::process::{Failure, Interrupt, Output, Process, Resources};

/// How long the test runner may take to make the page from the wasm.
const LIMIT: Duration = Duration::from_secs(120);
/// How long it may take to answer then.
const ANSWER_LIMIT: Duration = Duration::from_secs(20);

/// What the runner reads from its environment.
const OPTIONS: [(&str, &str); 3] = [
    ("NO_HEADLESS", "1"),
    ("WASM_BINDGEN_TEST_ADDRESS", "127.0.0.1:0"),
    // The frontend's page is not cross-origin isolated.
    ("WASM_BINDGEN_TEST_NO_ORIGIN_ISOLATION", "1"),
];

/// The hidden subcommand: the test runner, which makes the page and serves it until it is ended.
pub fn serve(args: Vec<OsString>) -> anyhow::Result<ExitCode> {
    let name = OsString::from("wasm-bindgen-test-runner");
    let args: Vec<_> = [name].into_iter().chain(args).collect();
    wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(args)?;
    Ok(ExitCode::SUCCESS)
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

/// What the page that the runner makes depends on, in hex. The wasm names the runner's version.
pub(super) fn fingerprint(wasm: &Path) -> anyhow::Result<String> {
    let wasm = fs::read(wasm).with_context(|| format!("cannot read {}", wasm.display()))?;
    let mut hash = Sha256::new_with_prefix(wasm);
    for (key, value) in OPTIONS {
        hash.update(format!("\n{key}={value}"));
    }
    Ok(format!("{:x}", hash.finalize()))
}

/// Lets the runner make the page. Returns the directory of its files, which is in the run's directory.
pub(super) fn make_page(
    resources: &Resources,
    interrupt: &Interrupt,
    wasm: &Path,
) -> Result<PathBuf, Failure> {
    let runner = Runner::start(resources, wasm)?;
    let address = runner.address(resources, interrupt)?;
    let (directory, index) = runner.page(address)?;
    resources.stop(runner.process);
    fs::write(directory.join("index.html"), index).context("cannot write the page")?;
    Ok(directory)
}

/// The runner's process. It writes the page's files, but for the first, and serves them until it is ended.
struct Runner {
    process: Process,
    output: Output,
    /// Where it makes the directory of the files.
    temporary: PathBuf,
}

impl Runner {
    fn start(resources: &Resources, wasm: &Path) -> anyhow::Result<Self> {
        let temporary = resources.directory().join("runner");
        fs::create_dir_all(&temporary)?;
        let mut command = Command::new(env::current_exe().context("cannot find this program")?);
        for (key, _) in env::vars_os() {
            // The user's own.
            if key.to_string_lossy().starts_with("WASM_BINDGEN_") {
                command.env_remove(key);
            }
        }
        command
            .arg("serve-page")
            .arg(wasm)
            .current_dir(&temporary)
            .envs(OPTIONS)
            .env("TMPDIR", &temporary);
        let (process, output) = resources.spawn_with_output(&mut command)?;
        Ok(Self {
            process,
            output,
            temporary,
        })
    }

    /// Where it serves the page, as soon as it does.
    fn address(&self, resources: &Resources, interrupt: &Interrupt) -> Result<SocketAddr, Failure> {
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

    /// The directory of the page's files, and the first of them, which lies on no disk.
    fn page(&self, address: SocketAddr) -> anyhow::Result<(PathBuf, String)> {
        let made = fs::read_dir(&self.temporary)?.filter_map(|entry| Some(entry.ok()?.path()));
        let mut made = made.filter(|path| path.join("run.js").is_file());
        let directory = made
            .next()
            .context("the test runner has made no directory")?;
        let agent: Agent = Agent::config_builder()
            // It is on this machine, whatever the environment says about proxies.
            .proxy(None)
            .timeout_global(Some(ANSWER_LIMIT))
            .build()
            .into();
        let index = agent.get(format!("http://{address}/")).call();
        let index = index.and_then(|mut answer| answer.body_mut().read_to_string());
        Ok((
            directory,
            index.context("the test runner does not serve the page")?,
        ))
    }

    fn failed(&self, how: &str) -> Failure {
        Failure::ours_with(format!("the test runner {how}"), self.output.text())
    }
}
