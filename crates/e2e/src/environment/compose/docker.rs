//! Docker's command line.

use std::{
    fmt::Display,
    fs::File,
    io::{self, Read, Seek},
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Command, ExitStatus, Stdio},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use opencloud_browser::process::Failure;
use opencloud_model::redact;
use rustix::process::{Pid, Signal, kill_process_group};
use serde::Deserialize;

use super::{log::plain, service::Local};
use crate::project;

/// Where the job fetcher keeps what jobs take and make, in the project's root.
pub(super) const JOBS: &str = "job_fetcher_data";

/// How long Docker may take for what it only looks up.
const LIMIT: Duration = Duration::from_secs(30);

/// The oldest Docker Compose whose `up --wait` and `ps` are known to do.
const OLDEST: (u32, u32) = (2, 20);

/// Docker Compose, which is not to read .env: it would expand a `$` in a password, and show what it
/// takes for the name of a variable.
const COMPOSE: [&str; 3] = ["compose", "--env-file", "/dev/null"];

/// Docker, as it is called in the project's root.
#[derive(Clone, Debug)]
pub(super) struct Docker {
    program: PathBuf,
    variables: Arc<[(String, String)]>,
}

/// How a call of Docker ended.
#[derive(Debug)]
pub(super) struct Finished {
    pub(super) success: bool,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

/// A container in the output of `docker compose ps`.
#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Container {
    pub(super) service: String,
    pub(super) state: String,
    /// As the service's health check has it; empty without one.
    #[serde(default)]
    pub(super) health: String,
    #[serde(default)]
    pub(super) exit_code: i64,
}

impl Docker {
    /// Looks on `PATH`. `local` holds what docker-compose.yaml leaves open.
    pub(super) fn find(local: Option<&Local>) -> Result<Self, Failure> {
        let program = which::which("docker").map_err(|_| {
            Failure::Input(
                "docker is not on PATH, but the services run in its containers: install Docker with \
                 Docker Compose, see https://docs.docker.com/engine/install/"
                    .into(),
            )
        })?;
        let variables = local.map(|local| local.variables.clone());
        Ok(Self {
            program,
            variables: variables.unwrap_or_default().into(),
        })
    }

    /// Fails unless there is a Docker Compose that is new enough, and an engine that answers. Returns
    /// the engine's ID.
    pub(super) fn check(&self) -> Result<String, Failure> {
        let input = |message: String| Err(Failure::Input(message));
        let compose = self.run(&["compose", "version", "--short"], LIMIT)?;
        let printed = compose.stdout.trim().trim_start_matches('v');
        let (major, minor) = OLDEST;
        let advice = format!(
            "install Docker Compose {major}.{minor} or later (the package docker-compose-plugin), see \
             https://docs.docker.com/compose/install/"
        );
        match version(printed).filter(|_| compose.success) {
            Some(version) if version >= OLDEST => {}
            Some(_) => {
                return input(format!("Docker Compose is of version {printed}: {advice}"));
            }
            None if which::which("docker-compose").is_ok() => {
                return input(format!(
                    "there is only docker-compose of version 1: {advice}"
                ));
            }
            None => return input(format!("docker has no command `compose`: {advice}")),
        }
        let info = self.run(&["info", "--format", "{{.ServerVersion}} {{.ID}}"], LIMIT)?;
        if let (true, Some(id)) = (info.success, info.stdout.split_whitespace().nth(1)) {
            return Ok(id.to_owned());
        }
        let why = last_line(&info.stderr);
        if why.contains("permission denied") {
            return input(format!(
                "this user may not use Docker ({why}): `sudo usermod --append --groups docker $USER`, \
                 and sign in anew"
            ));
        }
        input(format!(
            "Docker's daemon does not answer ({why}): start it, for instance with `sudo systemctl start \
             docker`"
        ))
    }

    /// Fails unless docker-compose.yaml can be read.
    pub(super) fn check_services(&self) -> Result<(), Failure> {
        let read = self.compose(&["config", "--quiet"], LIMIT)?;
        if read.success {
            return Ok(());
        }
        Err(Failure::Input(format!(
            "docker-compose.yaml cannot be used: {}",
            redact::clean(last_line(&read.stderr))
        )))
    }

    /// The command with `args`, in the project's root.
    pub(super) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(args)
            .envs(self.variables.iter().map(|(key, value)| (key, value)))
            .current_dir(project::root())
            .stdin(Stdio::null());
        command
    }

    /// Runs the command to its end, which comes at the latest after `limit`. It is not disturbed by
    /// a Ctrl-C that is meant for this program.
    pub(super) fn run(&self, args: &[&str], limit: Duration) -> anyhow::Result<Finished> {
        // Files and no pipes: a process that a command leaves running might keep a pipe open.
        let (mut stdout, mut stderr) = (tempfile::tempfile()?, tempfile::tempfile()?);
        let mut child = self
            .command(args)
            .stdout(stdout.try_clone()?)
            .stderr(stderr.try_clone()?)
            .process_group(0)
            .spawn()?;
        let deadline = Instant::now() + limit;
        let status = loop {
            if let Some(status) = child.try_wait()? {
                break status;
            }
            if Instant::now() >= deadline {
                let _ = kill_process_group(Pid::from_child(&child), Signal::KILL);
                child.wait()?;
                anyhow::bail!(
                    "`docker {}` has not ended after {} s",
                    args.join(" "),
                    limit.as_secs()
                );
            }
            thread::sleep(Duration::from_millis(10));
        };
        Ok(Finished {
            success: ExitStatus::success(&status),
            stdout: text(&mut stdout)?,
            stderr: text(&mut stderr)?,
        })
    }

    /// Like [`run`](Self::run), for a command that must succeed; gives its stdout.
    pub(super) fn expect(&self, args: &[&str], limit: Duration) -> Result<String, Failure> {
        let finished = self.run(args, limit)?;
        if finished.success {
            return Ok(finished.stdout);
        }
        let message = format!("`docker {}` fails", args.join(" "));
        Err(Failure::ours_with(message, redact::clean(&finished.stderr)))
    }

    /// The arguments for a command of Docker Compose.
    pub(super) fn compose_args<'a>(args: &[&'a str]) -> Vec<&'a str> {
        [&COMPOSE, args].concat()
    }

    /// Runs a command of Docker Compose.
    pub(super) fn compose(&self, args: &[&str], limit: Duration) -> anyhow::Result<Finished> {
        self.run(&Self::compose_args(args), limit)
    }

    /// The project's containers, also those that have ended.
    pub(super) fn containers(&self) -> Result<Vec<Container>, Failure> {
        let args = Self::compose_args(&["ps", "--all", "--format", "json"]);
        let printed = self.expect(&args, LIMIT)?;
        containers(&printed).map_err(|error| {
            Failure::ours_with(
                format!("`docker compose ps` cannot be read: {error}"),
                printed,
            )
        })
    }

    /// The last lines of what `service` has written, without any secret. With times no two are alike.
    pub(super) fn log(&self, service: &str, with_times: bool) -> String {
        let mut args = vec!["logs", "--no-color", "--no-log-prefix", "--tail", "400"];
        args.extend(with_times.then_some("--timestamps"));
        args.push(service);
        match self.compose(&args, LIMIT) {
            Ok(Finished { stdout, stderr, .. }) => redact::clean(&(stdout + &stderr)),
            Err(error) => format!("(no log: {error:#})"),
        }
    }

    /// The containers of jobs, which the job fetcher has started through the engine. Compose does not
    /// know them. Each has a directory below the job fetcher's own.
    pub(super) fn job_containers(&self) -> Result<Vec<String>, Failure> {
        let format = "{{.ID}}\t{{.Mounts}}";
        let printed = self.expect(&["ps", "--all", "--no-trunc", "--format", format], LIMIT)?;
        let directory = project::root().join(JOBS);
        Ok(of_jobs(&printed, &directory.display()))
    }
}

/// The first two numbers of a version such as `2.26.1-desktop.1`.
fn version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.split('.').map(|number| number.parse().ok());
    Some((numbers.next()??, numbers.next()??))
}

/// The last line of a program that fails.
fn last_line(stderr: &str) -> &str {
    let mut lines = stderr.lines().rev().map(str::trim);
    lines
        .find(|line| !line.is_empty())
        .unwrap_or("it says nothing")
}

/// The text in `file`, safe to show.
fn text(file: &mut File) -> io::Result<String> {
    let mut bytes = Vec::new();
    file.rewind()?;
    file.read_to_end(&mut bytes)?;
    Ok(plain(&String::from_utf8_lossy(&bytes)))
}

/// Compose writes one array before version 2.21, and an object a line since.
fn containers(printed: &str) -> serde_json::Result<Vec<Container>> {
    if printed.trim_start().starts_with('[') {
        return serde_json::from_str(printed);
    }
    printed
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(serde_json::from_str)
        .collect()
}

fn of_jobs(printed: &str, directory: &impl Display) -> Vec<String> {
    let below = format!("{directory}/");
    let lines = printed.lines().filter_map(|line| line.split_once('\t'));
    lines
        .filter(|(_, mounts)| mounts.split(',').any(|mount| mount.starts_with(&below)))
        .map(|(id, _)| id.to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn containers_are_read_from_old_and_new_versions() {
        let one = r#"{"Name":"x-frontend-1","Service":"frontend","State":"exited","ExitCode":3}"#;
        let two = r#"{"Service":"job-fetcher","State":"running","Health":"starting"}"#;
        for printed in [format!("{one}\n{two}\n"), format!("[{one},{two}]")] {
            let found = containers(&printed).unwrap();
            assert_eq!(found[0].service, "frontend");
            assert_eq!((&*found[0].state, found[0].exit_code), ("exited", 3));
            assert_eq!((&*found[1].state, found[1].exit_code), ("running", 0));
            assert_eq!((&*found[0].health, &*found[1].health), ("", "starting"));
        }
        assert_eq!(containers("").unwrap(), []);
        assert_eq!(containers("[]\n").unwrap(), []);
        assert!(containers("nonsense").is_err());
    }

    #[test]
    fn containers_of_jobs_are_known_by_their_directory() {
        let printed = "a1\t/p/job_fetcher_data\n\
                    b2\t/var/run/x,/p/job_fetcher_data/17\n\
                    c3\t/p/job_fetcher_data2/17\n\
                    d4\t\n";
        assert_eq!(of_jobs(printed, &"/p/job_fetcher_data"), ["b2"]);
    }
}
