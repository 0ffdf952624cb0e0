//! The guard: a child process that outlives the run by a moment and ends what is left of it.
//!
//! The run writes to a pipe which process groups it has started: `7` for the group 7, `-7` when that
//! one has ended; which commands it has promised to call, as `!` and their words in JSON; and which
//! sessions it has on a `WebDriver` elsewhere, as `@` and their addresses. The pipe closes when the run
//! ends, also when it is killed. A process that the run had no time to report is found by its mark
//! ([`MARK`]).

use super::print;
use crate::endpoint::Endpoint;
use std::{
    fs,
    io::{self, BufRead},
    path::Path,
    process::{Command, ExitCode, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use rustix::process::{Pid, Signal, kill_process_group};
use url::Url;

/// The environment variable that marks each process of a run, by the run's directory.
pub(super) const MARK: &str = "OPENCLOUD_E2E_RUN";

/// How long killed processes may go on writing into their directory.
const LIMIT: Duration = Duration::from_secs(10);

/// How long a `WebDriver` elsewhere may take to end a session.
const SESSION_LIMIT: Duration = Duration::from_secs(10);

/// The work that is left when the run has ended.
#[derive(Debug, Default, PartialEq, Eq)]
struct Left {
    groups: Vec<Pid>,
    /// Commands, each with the directory to call it in before it.
    commands: Vec<Vec<String>>,
    /// The addresses of sessions.
    sessions: Vec<Url>,
}

/// Runs the guard: reads stdin until it closes, then ends the groups and the sessions that are left, calls
/// the commands that are left, and removes `directory`.
#[must_use]
pub fn main(directory: &Path) -> ExitCode {
    let left = left(io::stdin().lock());
    let ended = thread::scope(|scope| {
        for session in &left.sessions {
            scope.spawn(|| end_session(session));
        }
        end(&left.groups, directory)
    });
    left.commands.iter().for_each(|command| call(command));
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            print::err(format_args!(
                "error: {} is left behind: {error}",
                directory.display()
            ));
            ExitCode::FAILURE
        }
    }
}

fn left(lines: impl BufRead) -> Left {
    let mut left = Left::default();
    for line in lines.lines().map_while(Result::ok) {
        let ended = line.strip_prefix('-');
        let line = ended.unwrap_or(&line);
        if let Some(command) = line.strip_prefix('!') {
            let Ok(command) = serde_json::from_str(command) else {
                continue;
            };
            keep(&mut left.commands, command, ended.is_none());
        } else if let Some(session) = line.strip_prefix('@') {
            if let Ok(session) = Url::parse(session) {
                keep(&mut left.sessions, session, ended.is_none());
            }
        } else if let Some(group) = line.parse().ok().and_then(Pid::from_raw) {
            keep(&mut left.groups, group, ended.is_none());
        }
    }
    left
}

fn keep<T: PartialEq>(all: &mut Vec<T>, one: T, is_left: bool) {
    if is_left {
        all.push(one);
    } else {
        all.retain(|known| *known != one);
    }
}

fn call(command: &[String]) {
    let [directory, program, args @ ..] = command else {
        return;
    };
    let called = Command::new(program)
        .args(args)
        .current_dir(directory)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if !called.is_ok_and(|status| status.success()) {
        print::err(format_args!(
            "error: {program} {} has failed: call it by hand",
            args.join(" ")
        ));
    }
}

/// Ends a session. One that the `WebDriver` no longer knows has ended.
fn end_session(session: &Url) {
    let deleted = Endpoint::of_url(session.clone()).and_then(|endpoint| {
        let deleted = endpoint.delete(SESSION_LIMIT);
        deleted.with_context(|| format!("{} does not answer", endpoint.name()))
    });
    if let Err(error) = deleted {
        print::err(format_args!(
            "info: a browser may be left until the WebDriver's own time limit for sessions ends it: {error:#}"
        ));
    }
}

/// Kills every process of `groups` and removes `directory`.
pub(super) fn end(groups: &[Pid], directory: &Path) -> io::Result<()> {
    for group in groups {
        // The only error to expect is that the group has ended by itself.
        let _ = kill_process_group(*group, Signal::KILL);
    }
    let deadline = Instant::now() + LIMIT;
    loop {
        kill_marked(directory);
        match fs::remove_dir_all(directory) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            // A process that is about to die may still write a file.
            Err(_) if Instant::now() < deadline => thread::sleep(Duration::from_millis(5)),
            result => return result,
        }
    }
}

/// Kills the process groups of the run that were not reported: their leaders are marked and still in
/// the run's session. A service that shall outlive its starter has left that session. Only Linux shows
/// a process's environment to others.
fn kill_marked(directory: &Path) {
    let mark = format!("{MARK}={}", directory.display());
    let session = group_and_session("self").map(|(_, session)| session);
    for process in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let name = process.file_name();
        let Some(pid) = name.to_str().filter(|name| name.parse::<i32>().is_ok()) else {
            continue;
        };
        let environment = environment(&process.path());
        let mut pairs = environment.split(|byte| *byte == 0);
        if !pairs.any(|pair| pair == mark.as_bytes()) {
            continue;
        }
        let leads = |(group, its): &(String, String)| group == pid && Some(its) == session.as_ref();
        let leader = group_and_session(pid).filter(leads);
        if let Some(group) = leader.and_then(|(group, _)| Pid::from_raw(group.parse().ok()?)) {
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

/// The environment of the process whose directory of `/proc` this is; empty for a process of another user
/// or of the kernel, which is not ours.
fn environment(process: &Path) -> Vec<u8> {
    /// How often a process that is just being started is looked at.
    const LOOKS: usize = 50;
    for _ in 0..LOOKS {
        let environment = fs::read(process.join("environ")).unwrap_or_default();
        // While a program is being started (execve(2)), it has a file already, but no environment.
        if !environment.is_empty() || fs::read_link(process.join("exe")).is_err() {
            return environment;
        }
        thread::sleep(Duration::from_micros(200));
    }
    Vec::new()
}

/// The numbers of a process's group and session (proc(5), `/proc/pid/stat`).
fn group_and_session(pid: &str) -> Option<(String, String)> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name comes before, in parentheses, and may hold anything.
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(2).map(str::to_owned);
    Some((fields.next()?, fields.next()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn a_process_of_the_run_that_was_not_reported_ends_too() {
        use std::os::unix::process::CommandExt as _;

        let parent = tempfile::tempdir().unwrap();
        let sleeper = |name| {
            let directory = parent.path().join(name);
            fs::create_dir_all(&directory).unwrap();
            let mut command = Command::new("sleep");
            command.arg("60").env(MARK, &directory);
            (command, directory)
        };
        let (mut ours, directory) = sleeper("ours");
        // A service that the run's own process has left behind on purpose is not a leader.
        let service = sleeper("ours").0.spawn().unwrap();
        let theirs = sleeper("theirs").0.process_group(0).spawn().unwrap();
        let mut ours = ours.process_group(0).spawn().unwrap();
        end(&[], &directory).unwrap();
        assert!(!ours.wait().unwrap().success());
        for mut other in [service, theirs] {
            assert!(matches!(other.try_wait(), Ok(None)));
            other.kill().unwrap();
            other.wait().unwrap();
        }
    }

    #[test]
    fn groups_that_have_ended_and_commands_that_were_called_are_left_alone() {
        let lines = "7\n8\nnonsense\n![\"/\",\"a\"]\n-7\n0\n9\n![\"/\",\"b\"]\n-![\"/\",\"a\"]\n!x\n\
            @http://grid.test/session/1\n@http://grid.test/session/2\n-@http://grid.test/session/1\n@x\n";
        let left = left(lines.as_bytes());
        let numbers: Vec<_> = left
            .groups
            .iter()
            .map(|group| group.as_raw_nonzero().get())
            .collect();
        assert_eq!(numbers, [8, 9]);
        assert_eq!(left.commands, [["/", "b"]]);
        let sessions: Vec<_> = left.sessions.iter().map(Url::as_str).collect();
        assert_eq!(sessions, ["http://grid.test/session/2"]);
    }

    #[test]
    fn a_command_is_called_in_its_directory() {
        let directory = tempfile::tempdir().unwrap();
        let here = directory.path().display().to_string();
        call(&[here, "touch".into(), "called".into()]);
        assert!(directory.path().join("called").exists());
    }
}
