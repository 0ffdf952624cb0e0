//! The driver of a browser, as a child process.

use std::{
    net::{Ipv4Addr, TcpStream},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::Context as _;

use crate::{
    engine::Engine,
    process::{Failure, Interrupt, Output, Process, Resources},
    serve::{check_name, listen_on_localhost},
};

/// How long it may take to listen.
const LIMIT: Duration = Duration::from_secs(30);

/// How often it may find a port.
const ATTEMPTS: usize = 10;

/// A driver on a free port.
#[derive(Debug)]
pub(crate) struct DriverProcess {
    engine: &'static dyn Engine,
    program: PathBuf,
    /// The display of its browsers, if it is not the user's.
    display: Option<String>,
    port: u16,
    process: Process,
    output: Output,
}

impl DriverProcess {
    /// Starts `program`; [`port`](Self::port) waits for it. The browsers that it starts belong to
    /// its process group and end with it.
    pub(crate) fn start(
        resources: &Resources,
        engine: &'static dyn Engine,
        program: &Path,
        display: Option<String>,
    ) -> Result<Self, Failure> {
        check_name()?;
        let port = free_port()?;
        let mut command = Command::new(program);
        if let Some(display) = &display {
            // Toolkits prefer Wayland.
            command
                .env("DISPLAY", display)
                .env_remove("WAYLAND_DISPLAY");
        }
        let command = resources.contain_files(&mut command);
        let (process, output) =
            resources.spawn_with_output(command.args(engine.driver_args(port)))?;
        Ok(Self {
            engine,
            program: program.to_owned(),
            display,
            port,
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
            let is_ready = match self.engine.ready_message() {
                Some(message) => self.output.contains(message),
                None => self.takes_connections(),
            };
            if is_ready {
                return Ok(Some(self.port));
            }
            let Ok(Some(status)) = resources.exit_status(self.process) else {
                return Ok(None);
            };
            if !has_ended {
                // Its last lines may not have been read yet.
                has_ended = true;
                return Ok(None);
            }
            if attempts < ATTEMPTS && self.engine.lost_its_port(&self.output.text()) {
                (attempts, has_ended) = (attempts + 1, false);
                resources.release(self.process)?;
                *self = Self::start(resources, self.engine, &self.program, self.display.clone())?;
                return Ok(None);
            }
            Err(self.failed(&format!("ended: {status}")))
        })?;
        port.ok_or_else(|| self.failed(&format!("is not ready after {} s", LIMIT.as_secs())))
    }

    /// Ends it with its browsers, and starts another.
    pub(crate) fn restart(&mut self, resources: &Resources) -> Result<(), Failure> {
        resources.stop(self.process);
        *self = Self::start(resources, self.engine, &self.program, self.display.clone())?;
        Ok(())
    }

    /// Its last lines of output, and those of its browsers.
    pub(crate) fn output(&self) -> String {
        self.output.text()
    }

    fn takes_connections(&self) -> bool {
        TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_ok()
    }

    fn failed(&self, how: &str) -> Failure {
        Failure::ours_with(
            format!("{} {how}", self.engine.package().driver),
            self.output.text(),
        )
    }
}

/// A port that nobody listens on now.
fn free_port() -> anyhow::Result<u16> {
    let (port, _listeners) = listen_on_localhost(0).context("cannot find a free port")?;
    Ok(port)
}
