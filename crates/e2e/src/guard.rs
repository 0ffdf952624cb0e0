//! The guard: a child process that outlives the run by a moment and ends what is left of it.
//!
//! The run tells it on a pipe which process groups it has started. The pipe closes when the run
//! ends, however it ends: a kernel closes the files of a process that was killed, too.

use std::{
    fs, io,
    path::Path,
    process::ExitCode,
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process_group};

/// How long killed processes may take to let go of their directory.
const LIMIT: Duration = Duration::from_secs(10);

/// What the guard's process does: collects process groups, one a line, until its stdin closes;
/// then ends them and removes `directory`.
pub(crate) fn main(directory: &Path) -> ExitCode {
    let groups: Vec<_> = io::stdin()
        .lines()
        .map_while(Result::ok)
        .filter_map(|line| Pid::from_raw(line.parse().ok()?))
        .collect();
    match end(&groups, directory) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {} is left behind: {error}", directory.display());
            ExitCode::FAILURE
        }
    }
}

/// Kills every process of `groups` and removes `directory`.
pub(crate) fn end(groups: &[Pid], directory: &Path) -> io::Result<()> {
    for group in groups {
        // The only error to expect is that the group has ended by itself.
        let _ = kill_process_group(*group, Signal::KILL);
    }
    let deadline = Instant::now() + LIMIT;
    loop {
        match fs::remove_dir_all(directory) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            // A process that is about to die may still write a file.
            Err(_) if Instant::now() < deadline => thread::sleep(Duration::from_millis(5)),
            result => return result,
        }
    }
}
