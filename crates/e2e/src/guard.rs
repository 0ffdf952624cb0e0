//! The guard: a child process that outlives the run by a moment and ends what is left of it.
//!
//! The run tells it on a pipe which process groups it has started: `7` for the group 7, `-7` when
//! that one has ended. The pipe closes when the run ends, however it ends: a kernel closes the
//! files of a process that was killed, too.

use std::{
    fs,
    io::{self, BufRead},
    path::Path,
    process::ExitCode,
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process_group};

/// How long killed processes may take to let go of their directory.
const LIMIT: Duration = Duration::from_secs(10);

/// What the guard's process does: listens until its stdin closes, then ends the groups that are
/// left and removes `directory`.
pub(crate) fn main(directory: &Path) -> ExitCode {
    match end(&groups(io::stdin().lock()), directory) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {} is left behind: {error}", directory.display());
            ExitCode::FAILURE
        }
    }
}

fn groups(told: impl BufRead) -> Vec<Pid> {
    let mut groups = Vec::new();
    for line in told.lines().map_while(Result::ok) {
        let ended = line.strip_prefix('-');
        let Some(group) = ended.unwrap_or(&line).parse().ok().and_then(Pid::from_raw) else {
            continue;
        };
        if ended.is_some() {
            groups.retain(|known| *known != group);
        } else {
            groups.push(group);
        }
    }
    groups
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_that_have_ended_are_let_be() {
        let left = groups("7\n8\nnonsense\n-7\n0\n9\n".as_bytes());
        let numbers: Vec<_> = left.into_iter().map(Pid::as_raw_nonzero).collect();
        assert_eq!(numbers.iter().map(|n| n.get()).collect::<Vec<_>>(), [8, 9]);
    }
}
