//! Compiles the suite.

use std::{
    env,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread::{self, JoinHandle},
    time::Duration,
};

use opencloud_browser::{
    process::{Failure, Interrupt, Resources, print},
    serve::{PageDirectory, runner},
};
use serde::Deserialize;

use crate::project;

/// A first build on a slow machine may take long, and cargo tells what it does.
const LIMIT: Duration = Duration::from_secs(60 * 60);

/// The suite's test target.
const TARGET: &str = "suite";

/// The folders whose files the page may fetch besides the suite itself.
const BESIDE_THE_PAGE: [&str; 2] = ["tests/applications", "tests/page"];

/// Makes the directory of the page, with the project's files that belong there.
pub(crate) fn page_directory(resources: &Resources) -> anyhow::Result<PageDirectory> {
    let path = resources.directory().join("page");
    PageDirectory::new(path, &project::root(), &BESIDE_THE_PAGE)
}

/// A line of cargo's `--message-format=json`, as far as it matters here.
#[derive(Deserialize)]
struct Message {
    reason: String,
    target: Option<Target>,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

/// Compiles what is not compiled yet and returns the suite's wasm. Cargo sees to it that two of
/// these do not get into each other's way.
pub(crate) fn build(resources: &Resources, interrupt: &Interrupt) -> Result<PathBuf, Failure> {
    let cargo = resources.spawn(&mut command())?;
    let (Some(stdout), Some(stderr)) = resources.pipes(cargo) else {
        return Err(Failure::ours_with("cargo has no output", ""));
    };
    let wasm = thread::spawn(move || find_wasm(stdout));
    let progress = thread::spawn(move || show_progress(stderr));
    let status = interrupt.poll(LIMIT, || {
        resources.exit_status(cargo).map_err(Failure::ours)
    })?;
    let Some(status) = status else {
        return Err(Failure::ours_with(
            "the suite is not compiled after an hour",
            "",
        ));
    };
    resources.release(cargo)?;
    join(progress)?;
    if !status.success() {
        return Err(Failure::ours_with(
            "the suite does not compile, see above",
            "",
        ));
    }
    join(wasm)?.ok_or_else(|| Failure::ours_with("cargo has built no suite", ""))
}

/// The names of the tests, as reports have them: each is that of the module below `tests/suite` and the test's
/// own.
pub(crate) fn test_names(wasm: &Path) -> anyhow::Result<Vec<String>> {
    let mut names = runner::test_names(wasm)?;
    for name in &mut names {
        *name = reported(name);
    }
    Ok(names)
}

fn reported(path: &str) -> String {
    match (path.split_once("::"), path.rsplit_once("::")) {
        (Some((module, _)), Some((_, own))) => format!("{module}::{own}"),
        _ => path.to_owned(),
    }
}

fn join<T>(thread: JoinHandle<T>) -> Result<T, Failure> {
    thread.join().map_err(|_| Failure::panicked())
}

fn command() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // Variables that cargo sets for the program that it runs are about that program's package.
    for (key, _) in env::vars_os() {
        let name = key.to_string_lossy();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            command.env_remove(key);
        }
    }
    let color = if console::colors_enabled_stderr() {
        "always"
    } else {
        "never"
    };
    command
        .args(["test", "--no-run", "--package", "opencloud-suite"])
        .args(["--test", TARGET, "--target", "wasm32-unknown-unknown"])
        .args(["--message-format=json-render-diagnostics", "--color", color])
        .current_dir(project::root())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn find_wasm(stdout: impl Read) -> Option<PathBuf> {
    let mut wasm = None;
    for line in BufReader::new(stdout).lines().map_while(Result::ok) {
        if let Ok(message) = serde_json::from_str::<Message>(&line)
            && message.reason == "compiler-artifact"
            && message.target.is_some_and(|target| target.name == TARGET)
            && message.executable.is_some()
        {
            wasm = message.executable;
        }
    }
    wasm
}

/// Passes on what cargo says, but for what it says each time.
fn show_progress(stderr: impl Read) {
    let lines = BufReader::new(stderr).lines().map_while(Result::ok);
    lines.filter(|line| !is_usual(line)).for_each(print::err);
}

/// Whether cargo says this each time. A message of the compiler may quote the same words.
fn is_usual(line: &str) -> bool {
    let plain = console::strip_ansi_codes(line);
    let mut starts = ["Finished ", "Executable "].iter();
    starts.any(|start| plain.trim_start().starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_has_the_name_of_its_module_and_its_own() {
        assert_eq!(reported("files::browse"), "files::browse");
        let nested = "authorization::presigned::expired_upload";
        assert_eq!(reported(nested), "authorization::expired_upload");
    }

    #[test]
    fn only_what_cargo_says_each_time_is_left_out() {
        for (line, is_left_out) in [
            ("    Finished `test` profile [unoptimized] in 0.1s", true),
            (
                "\u{1b}[1m\u{1b}[92m    Finished\u{1b}[0m `test` profile",
                true,
            ),
            ("  Executable tests/suite/main.rs (target/a.wasm)", true),
            ("3 |     Event::StepFinished { .. } => {}", false),
            ("error: no method `Finished ` in Executable ", false),
        ] {
            assert_eq!(is_usual(line), is_left_out, "{line}");
        }
    }

    #[test]
    fn the_wasm_is_found_among_cargos_messages() {
        let messages = r#"
            {"reason":"compiler-artifact","target":{"name":"opencloud_model"},"executable":null}
            {"reason":"compiler-artifact","target":{"name":"suite"},"executable":"/t/suite-1.wasm"}
            {"reason":"build-finished","success":true}"#;
        assert_eq!(
            find_wasm(messages.as_bytes()),
            Some(PathBuf::from("/t/suite-1.wasm"))
        );
    }
}
