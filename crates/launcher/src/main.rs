//! What `cargo e2e` starts: compiles the command where that is needed, says so, and becomes it.
//!
//! Cargo is quiet about this program, which is compiled in a second, and not about the command, which
//! takes minutes on a new machine.

// This program has no other way to say anything.
#![allow(clippy::print_stderr)]

mod fresh;
mod target;

use std::{
    env, io,
    io::{BufRead, BufReader, IsTerminal},
    path::{Path, PathBuf},
    process::{Command, ExitCode, ExitStatus, Stdio},
    time::SystemTime,
};

use fresh::{is_fresh, remember};
use target::Target;

/// The command's package, as seen from the project's root.
const PACKAGE: &str = "crates/e2e";

/// The command's exit code where it fails by itself.
const OURSELVES: u8 = 3;

fn main() -> ExitCode {
    match launch() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            OURSELVES.into()
        }
    }
}

fn launch() -> Result<ExitCode, String> {
    let manifest = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let root = manifest.as_deref().and_then(|path| path.ancestors().nth(2));
    let root = root.ok_or("this program is started by `cargo e2e`")?;
    let this = env::current_exe().map_err(|error| error.to_string())?;
    let target = Target::of(&this, root).ok_or("this program is in no target directory")?;
    let program = target.program(&this, "opencloud-e2e");
    if !is_fresh(&program, &this, root) {
        let time = SystemTime::now();
        build(&program, &target, root)?;
        remember(&program, time);
    }
    let mut command = Command::new(&program);
    command
        .args(env::args_os().skip(1))
        .env("CARGO_MANIFEST_DIR", root.join(PACKAGE));
    if target.is_apart {
        command.env("CARGO_TARGET_DIR", &target.directory);
    }
    let failed = |error| format!("cannot start {}: {error}", program.display());
    become_program(command).map_err(failed)
}

/// Compiles the command. Cargo's own progress is shown where there is much to compile, and otherwise
/// a line for each package.
fn build(program: &Path, target: &Target, root: &Path) -> Result<(), String> {
    let is_first = !program.exists();
    if is_first {
        eprintln!("compiling cargo e2e for the first time, which takes a few minutes");
    }
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        // Cargo chooses the features of dependencies by the packages and kinds of targets that it is asked
        // for. With a test of the workspace, they are those of `cargo test --workspace`, and neither
        // command compiles anew what the other has compiled.
        .args([
            "build",
            "--workspace",
            "--bin",
            "opencloud-e2e",
            "--test",
            "launch",
        ])
        .arg("--target-dir")
        .arg(&target.directory)
        .current_dir(root)
        // That is for those who choose the packages.
        .env("CARGO_FUTURE_INCOMPAT_REPORT_FREQUENCY", "never")
        .stdin(Stdio::null());
    // Variables that cargo sets for this program are about its package.
    for (key, _) in env::vars_os() {
        let name = key.to_string_lossy();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            command.env_remove(key);
        }
    }
    let status = if is_first {
        command.status()
    } else {
        with_lines(command)
    };
    let status = status.map_err(|error| format!("cannot start cargo: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err("cargo e2e does not compile, see above".to_owned())
    }
}

/// Runs cargo and passes on what it says, but for the line that it says each time.
fn with_lines(mut command: Command) -> io::Result<ExitStatus> {
    let color = if io::stderr().is_terminal() {
        "always"
    } else {
        "auto"
    };
    let mut child = command
        .args(["--color", color])
        .stderr(Stdio::piped())
        .spawn()?;
    if let Some(stderr) = child.stderr.take() {
        let lines = BufReader::new(stderr).lines().map_while(Result::ok);
        for line in lines.filter(|line| !is_usual(line)) {
            eprintln!("{line}");
        }
    }
    child.wait()
}

/// Whether this is the line that cargo says each time. A message of the compiler may quote the same word.
fn is_usual(line: &str) -> bool {
    // Colours begin with ESC and end with a letter.
    let mut parts = line.split('\u{1b}');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|letter: char| letter.is_ascii_alphabetic());
        plain += end.map_or("", |end| &part[end + 1..]);
    }
    plain.trim_start().starts_with("Finished ")
}

/// Replaces this program, so that signals and the exit code are the command's own.
fn become_program(mut command: Command) -> io::Result<ExitCode> {
    Err(std::os::unix::process::CommandExt::exec(&mut command))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_line_that_cargo_says_each_time_is_left_out() {
        for (line, is_left_out) in [
            ("    Finished `dev` profile [unoptimized] in 0.1s", true),
            (
                "\u{1b}[1m\u{1b}[92m    Finished\u{1b}[0m `dev` profile",
                true,
            ),
            ("3 |     Event::StepFinished { .. } => {}", false),
        ] {
            assert_eq!(is_usual(line), is_left_out, "{line}");
        }
    }
}
