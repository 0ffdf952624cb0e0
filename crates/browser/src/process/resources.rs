//! The processes that a run starts and must end, and its temporary directory.

use super::print;
use std::{
    env,
    io::{self, Write},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio},
    sync::Mutex,
    thread,
    time::{Duration, Instant},
};

use anyhow::Context;
use rustix::process::{Pid, Signal, kill_process_group};
use url::Url;

use super::{failure::Failure, guard, output::Output, temporary, threads::lock};

/// The owner of a run's processes and of its directory. Dropping it ends and removes them all; if
/// this process is killed, the guard does.
#[derive(Debug)]
pub struct Resources {
    directory: PathBuf,
    guard: Child,
    to_guard: Mutex<Option<ChildStdin>>,
    processes: Mutex<Vec<Option<Child>>>,
}

/// One of the processes that a run has started.
#[derive(Clone, Copy, Debug)]
pub struct Process(usize);

/// A command that the run promises to call before it ends.
#[derive(Debug)]
pub struct AtEnd(String);

impl Resources {
    /// Makes the directory, which only its owner can enter, and starts the guard.
    pub fn new() -> Result<Self, Failure> {
        adopt_orphans();
        let directory = temporary::directory()?;
        let program = env::current_exe().context("cannot find this program")?;
        let mut guard = Command::new(program)
            .arg("guard")
            .arg(directory.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            // Out of the terminal's foreground group: Ctrl-C is for the run, not for its guard.
            .process_group(0)
            .spawn()
            .context("cannot start the guard process")?;
        Ok(Self {
            to_guard: Mutex::new(guard.stdin.take()),
            guard,
            directory: directory.keep(),
            processes: Mutex::default(),
        })
    }

    /// The run's directory.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Makes sure that a socket of the name `socket` can be in the run's directory.
    pub fn check_room_for(&self, socket: &str) -> Result<(), Failure> {
        temporary::check_room_for(&self.directory, socket)
    }

    /// Starts `command` as the leader of a process group that ends with the run.
    pub fn spawn(&self, command: &mut Command) -> anyhow::Result<Process> {
        let child = command
            .process_group(0)
            .env(guard::MARK, &self.directory)
            .spawn()
            .with_context(|| format!("cannot start {}", command.get_program().to_string_lossy()))?;
        let group = child.id();
        let process = {
            let mut processes = lock(&self.processes);
            processes.push(Some(child));
            Process(processes.len() - 1)
        };
        self.tell_guard(&format!("{group}"))?;
        Ok(process)
    }

    /// Starts `command` like [`Self::spawn`], with nothing to read and its output kept.
    pub fn spawn_with_output(&self, command: &mut Command) -> anyhow::Result<(Process, Output)> {
        let process = self.spawn(
            command
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped()),
        )?;
        let output = Output::default();
        let (stdout, stderr) = self.pipes(process);
        output.read(stdout);
        output.read(stderr);
        Ok((process, output))
    }

    /// Lets the files that a browser leaves behind go with the run's directory.
    pub fn contain_files<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .env("TMPDIR", &self.directory)
            .env("XDG_CONFIG_HOME", self.directory.join("config"))
            .env("XDG_CACHE_HOME", self.directory.join("cache"))
    }

    /// Forgets a process that has ended and whose group is empty: the system may give its number to
    /// another one.
    pub fn release(&self, process: Process) -> anyhow::Result<()> {
        let child = lock(&self.processes)[process.0].take();
        match child {
            Some(child) => self.tell_guard(&format!("-{}", child.id())),
            None => Ok(()),
        }
    }

    /// Ends a process and its group: by SIGTERM, and after five seconds by SIGKILL.
    pub fn stop(&self, process: Process) {
        let child = lock(&self.processes)[process.0].take();
        let Some(mut child) = child else { return };
        let group = Pid::from_child(&child);
        let deadline = Instant::now() + Duration::from_secs(5);
        let _ = kill_process_group(group, Signal::TERM);
        while matches!(child.try_wait(), Ok(None)) && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(10));
        }
        let _ = kill_process_group(group, Signal::KILL);
        let _ = child.wait();
        // Without a guard, the end of the run ends the group.
        let _ = self.tell_guard(&format!("-{}", child.id()));
    }

    /// Promises that `command` is called before the run ends; if the run is killed, the guard does
    /// it. It gets nothing of the command's environment.
    pub fn at_end(&self, command: &Command) -> anyhow::Result<AtEnd> {
        let words = [command.get_program()]
            .into_iter()
            .chain(command.get_args());
        let directory = command.get_current_dir().unwrap_or(Path::new("."));
        let line: Vec<_> = [directory.as_os_str()]
            .into_iter()
            .chain(words)
            .map(|word| word.to_string_lossy())
            .collect();
        let line = format!("!{}", serde_json::to_string(&line)?);
        self.tell_guard(&line)?;
        Ok(AtEnd(line))
    }

    /// The promise is kept.
    pub fn is_done(&self, AtEnd(line): AtEnd) -> anyhow::Result<()> {
        self.tell_guard(&format!("-{line}"))
    }

    /// Lets the guard end the session at `address` with the run.
    pub(crate) fn own_session(&self, address: &Url) -> anyhow::Result<()> {
        self.tell_guard(&format!("@{address}"))
    }

    /// Forgets a session that has ended.
    pub(crate) fn release_session(&self, address: &Url) -> anyhow::Result<()> {
        self.tell_guard(&format!("-@{address}"))
    }

    fn tell_guard(&self, line: &str) -> anyhow::Result<()> {
        let pipe = lock(&self.to_guard);
        let mut pipe = pipe.as_ref().context("the guard has no pipe")?;
        writeln!(pipe, "{line}").context("the guard process has ended")
    }

    /// The pipes of the process, the first time.
    pub fn pipes(&self, process: Process) -> (Option<ChildStdout>, Option<ChildStderr>) {
        match &mut lock(&self.processes)[process.0] {
            Some(child) => (child.stdout.take(), child.stderr.take()),
            None => (None, None),
        }
    }

    /// How the process ended, if it has.
    pub fn exit_status(&self, process: Process) -> io::Result<Option<ExitStatus>> {
        match &mut lock(&self.processes)[process.0] {
            Some(child) => child.try_wait(),
            None => Ok(None),
        }
    }
}

impl Drop for Resources {
    fn drop(&mut self) {
        drop(lock(&self.to_guard).take());
        let mut processes = lock(&self.processes);
        if !self.guard.wait().is_ok_and(|status| status.success()) {
            let groups: Vec<_> = processes.iter().flatten().map(Pid::from_child).collect();
            if let Err(error) = guard::end(&groups, &self.directory) {
                print::err(format_args!(
                    "error: {} is left behind: {error}",
                    self.directory.display()
                ));
            }
        }
        for process in processes.iter_mut().flatten() {
            let _ = process.wait();
        }
        wait_for_orphans();
    }
}

/// Makes the children of a killed driver ours. Otherwise they go to the system's first process, which
/// in many containers never waits for them, so that they stay as zombies.
fn adopt_orphans() {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
}

fn wait_for_orphans() {
    use rustix::process::{WaitOptions, wait};

    let deadline = Instant::now() + Duration::from_secs(2);
    while Instant::now() < deadline {
        match wait(WaitOptions::NOHANG) {
            // All of them were killed, so they end soon.
            Ok(None) => std::thread::sleep(Duration::from_millis(2)),
            Ok(Some(_)) => {}
            Err(_) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::process::test_kill_process_group;
    use std::fs;

    #[test]
    fn killed_groups_end_and_the_directory_goes() {
        let directory = tempfile::tempdir().unwrap().keep();
        fs::write(directory.join("file"), "x").unwrap();
        let mut child = Command::new("sh")
            .args(["-c", "sleep 600 & sleep 600"])
            .process_group(0)
            .spawn()
            .unwrap();
        let group = Pid::from_child(&child);
        guard::end(&[group], &directory).unwrap();
        child.wait().unwrap();
        let deadline = Instant::now() + Duration::from_secs(10);
        while test_kill_process_group(group).is_ok() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(5));
        }
        assert!(!directory.exists());
    }
}
