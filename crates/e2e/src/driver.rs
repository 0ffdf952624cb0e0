//! chromedriver, as a child process.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use crate::{
    failure::Failure,
    interrupt::Interrupt,
    output::Output,
    resources::{Process, Resources},
};

/// How long it may take to listen.
const LIMIT: Duration = Duration::from_secs(30);

/// How often it may find a port.
const ATTEMPTS: usize = 10;

/// A chromedriver on a port of its own choice.
#[derive(Debug)]
pub(crate) struct Driver {
    program: PathBuf,
    process: Process,
    output: Output,
}

impl Driver {
    /// Starts `program`; [`port`](Self::port) waits for it. The browsers that it starts belong to
    /// its process group and end with it.
    pub(crate) fn start(resources: &Resources, program: &Path) -> Result<Self, Failure> {
        let directory = resources.directory().to_owned();
        let process = resources.spawn(
            Command::new(program)
                .arg("--port=0")
                // Whatever it and its browser leave lying about goes with the run's directory.
                .env("TMPDIR", &directory)
                .env("XDG_CONFIG_HOME", directory.join("config"))
                .env("XDG_CACHE_HOME", directory.join("cache"))
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped()),
        )?;
        let output = Output::default();
        let (stdout, stderr) = resources.pipes(process);
        output.read(stdout);
        output.read(stderr);
        Ok(Self {
            program: program.to_owned(),
            process,
            output,
        })
    }

    /// The port that it listens on, as soon as it does.
    pub(crate) fn port(
        &mut self,
        resources: &Resources,
        interrupt: &Interrupt,
    ) -> Result<u16, Failure> {
        let mut attempts = 1;
        let mut has_ended = false;
        let port = interrupt.poll(LIMIT, || {
            if let Some(port) = self.output.find(port) {
                return Ok(Some(port));
            }
            let Ok(Some(status)) = resources.exit_status(self.process) else {
                return Ok(None);
            };
            if !has_ended {
                // Its last words may still be on their way.
                has_ended = true;
                return Ok(None);
            }
            // It takes a port that is free with one version of the Internet Protocol, and ends if
            // somebody has the same one with the other.
            if attempts < ATTEMPTS && self.output.text().contains("port not available") {
                (attempts, has_ended) = (attempts + 1, false);
                *self = Self::start(resources, &self.program)?;
                return Ok(None);
            }
            Err(self.failed(&format!("ended: {status}")))
        })?;
        port.ok_or_else(|| self.failed(&format!("is not ready after {} s", LIMIT.as_secs())))
    }

    /// What it has said, for the case that something goes wrong.
    pub(crate) fn output(&self) -> String {
        self.output.text()
    }

    fn failed(&self, how: &str) -> Failure {
        Failure::ours_with(format!("chromedriver {how}"), self.output.text())
    }
}

fn port(line: &str) -> Option<u16> {
    let (_, port) = line.split_once("started successfully on port ")?;
    port.trim_end_matches('.').parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_read_from_the_line_that_tells_it() {
        assert_eq!(
            port("ChromeDriver was started successfully on port 46857."),
            Some(46857)
        );
        assert_eq!(port("Starting ChromeDriver 156.0.8078.79 on port 0"), None);
    }
}
