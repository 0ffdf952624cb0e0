//! A browser that a person uses, without a driver.

use std::{
    env,
    net::SocketAddr,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::Context;
use tokio::runtime::Handle;
use url::Url;

use crate::{
    engine::{Engine, Launch},
    process::{Process, Resources},
    serve::TlsListener,
};

/// A browser that is ready to be started, by this process or by hand.
#[derive(Debug)]
pub struct Window {
    command: Command,
}

/// The page to show, and the origin to replace.
#[derive(Clone, Copy, Debug)]
pub struct Visit<'a> {
    /// The page's address.
    pub url: &'a str,
    /// The https origin that `server` stands in for, in this browser alone.
    pub replaced: &'a Url,
    /// A server of plain http on this machine.
    pub server: SocketAddr,
}

impl Window {
    /// Leads the replaced origin to its server, as long as the runtime lives. `profile` is the
    /// directory for the browser's profile.
    pub fn new(
        runtime: &Handle,
        engine: &dyn Engine,
        program: &Path,
        profile: &Path,
        visit: Visit<'_>,
    ) -> anyhow::Result<Self> {
        let host = visit.replaced.host_str().context("an origin has a host")?;
        let tls = TlsListener::bind(runtime, visit.server, vec![host.to_owned()])?;
        let arguments = engine.arguments(&Launch {
            program,
            profile,
            headed: true,
            origins: &[visit.replaced.to_string()],
            secure: &[],
            tls: &tls,
        });
        let mut command = Command::new(program);
        command.args(arguments).arg(visit.url);
        Ok(Self { command })
    }

    /// The line that starts it from a shell.
    pub fn line(&self) -> anyhow::Result<String> {
        let program = [self.command.get_program()].into_iter();
        let words = program.chain(self.command.get_args());
        let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
        let line = shlex::try_join(words.iter().map(|word| &**word));
        line.context("the browser's command cannot be written down")
    }

    /// Starts it. It ends with `resources`.
    pub fn open(mut self, resources: &Resources) -> anyhow::Result<Process> {
        resources.spawn(
            resources
                .contain_files(&mut self.command)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null()),
        )
    }
}

/// Whether there is a desktop on which a window can be shown.
#[must_use]
pub fn has_display() -> bool {
    let is_set = |key| env::var_os(key).is_some_and(|value| !value.is_empty());
    cfg!(target_os = "macos") || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")
}
