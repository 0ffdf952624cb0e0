//! All that a run starts and must end: processes and one temporary directory.

use std::{
    env, fs,
    io::{self, Write},
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use anyhow::Context;
use rustix::process::Pid;

use crate::guard;

/// The owner of a run's processes and of its directory. Dropping it ends and removes them all; if
/// this process is killed, the guard does.
#[derive(Debug)]
pub(crate) struct Resources {
    directory: PathBuf,
    guard: Child,
    to_guard: Option<ChildStdin>,
    processes: Vec<Option<Child>>,
}

/// One of the processes that a run has started.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Process(usize);

impl Resources {
    /// Makes the directory, which only its owner can enter, and starts the guard.
    pub(crate) fn new() -> anyhow::Result<Self> {
        adopt_orphans();
        // Short, because browsers put sockets into it and a socket's path has some 100 bytes.
        let directory = tempfile::Builder::new()
            .prefix("e2e-")
            .permissions(fs::Permissions::from_mode(0o700))
            .tempdir()
            .context("cannot make a temporary directory")?;
        let mut guard = Command::new(env::current_exe()?)
            .arg("guard")
            .arg(directory.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            // Out of the terminal's foreground group: Ctrl-C is for the run, not for its guard.
            .process_group(0)
            .spawn()
            .context("cannot start the guard process")?;
        Ok(Self {
            to_guard: guard.stdin.take(),
            guard,
            directory: directory.keep(),
            processes: Vec::new(),
        })
    }

    /// The run's directory.
    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Starts `command` as the leader of a process group that ends with the run.
    pub(crate) fn spawn(&mut self, command: &mut Command) -> anyhow::Result<Process> {
        let child = command
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start {}", command.get_program().to_string_lossy()))?;
        let group = child.id();
        self.processes.push(Some(child));
        self.tell_guard(&format!("{group}"))?;
        Ok(Process(self.processes.len() - 1))
    }

    /// Lets go of a process that has ended and whose group is empty: the system may give its
    /// number to another one.
    pub(crate) fn release(&mut self, process: Process) -> anyhow::Result<()> {
        match self.processes[process.0].take() {
            Some(child) => self.tell_guard(&format!("-{}", child.id())),
            None => Ok(()),
        }
    }

    fn tell_guard(&self, line: &str) -> anyhow::Result<()> {
        let mut pipe = self.to_guard.as_ref().context("the guard has no pipe")?;
        writeln!(pipe, "{line}").context("the guard process has ended")
    }

    /// The pipes of the process, the first time.
    pub(crate) fn pipes(&mut self, process: Process) -> (Option<ChildStdout>, Option<ChildStderr>) {
        match &mut self.processes[process.0] {
            Some(child) => (child.stdout.take(), child.stderr.take()),
            None => (None, None),
        }
    }

    /// How the process ended, if it has.
    pub(crate) fn exit_status(&mut self, process: Process) -> io::Result<Option<ExitStatus>> {
        match &mut self.processes[process.0] {
            Some(child) => child.try_wait(),
            None => Ok(None),
        }
    }
}

impl Drop for Resources {
    fn drop(&mut self) {
        drop(self.to_guard.take());
        if !self.guard.wait().is_ok_and(|status| status.success()) {
            let groups: Vec<_> = self
                .processes
                .iter()
                .flatten()
                .map(Pid::from_child)
                .collect();
            if let Err(error) = guard::end(&groups, &self.directory) {
                eprintln!(
                    "error: {} is left behind: {error}",
                    self.directory.display()
                );
            }
        }
        for process in self.processes.iter_mut().flatten() {
            let _ = process.wait();
        }
        bury_orphans();
    }
}

/// The children of a killed chromedriver come to us. Otherwise they go to the system's first
/// process, which in many containers leaves them lying about as zombies.
fn adopt_orphans() {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
}

fn bury_orphans() {
    use rustix::process::{WaitOptions, wait};

    let deadline = Instant::now() + Duration::from_secs(2);
    while Instant::now() < deadline {
        match wait(WaitOptions::NOHANG) {
            // All of them were killed, so they come soon.
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
