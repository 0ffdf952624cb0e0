//! A browser that a person uses, without a driver.

use std::{
    env, fs,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::Context;
use rustix::process::{Pid, Signal, kill_process};
use tokio::runtime::Handle;
use url::Url;

use crate::{
    engine::{Engine, Installed, Launch},
    process::{Process, Resources},
    proxies::Proxies,
    serve::TlsListener,
};

/// How long a browser may take to end.
const LIMIT: Duration = Duration::from_secs(5);

/// How often is looked whether it has.
const PERIOD: Duration = Duration::from_millis(20);

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
        let origins = [visit.replaced.to_string()];
        let tls = TlsListener::bind(runtime, Ipv4Addr::LOCALHOST.into(), visit.server, &origins)?;
        let launch = Launch {
            installed: Some(Installed { program, profile }),
            headed: true,
            origins: &origins,
            secure: &[],
            mixed_content: false,
            services: &[],
            tls: &tls,
            proxies: &Proxies::of_environment(),
        };
        let arguments = engine.arguments(&launch);
        let arguments =
            arguments.with_context(|| format!("{} needs a driver here", engine.name()))?;
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

/// Ends every browser that has `profile`, whoever has started it: it would go on writing into a directory
/// that is about to be removed. Only Linux shows the arguments of processes.
pub fn close_all(profile: &Path) {
    // A second SIGTERM would end a browser at once, before its children.
    signal_all(profile, Signal::TERM);
    let deadline = Instant::now() + LIMIT;
    while !processes_with(profile).is_empty() {
        if Instant::now() > deadline {
            signal_all(profile, Signal::KILL);
            return;
        }
        thread::sleep(PERIOD);
    }
}

fn signal_all(profile: &Path, signal: Signal) {
    for process in processes_with(profile) {
        // The only error to expect is that it has ended by itself.
        let _ = kill_process(process, signal);
    }
}

/// The processes whose arguments hold the path of `profile`: browsers and their children.
fn processes_with(profile: &Path) -> Vec<Pid> {
    let profile = profile.to_string_lossy();
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| {
        let pid = Pid::from_raw(entry.file_name().to_str()?.parse().ok()?)?;
        let arguments = fs::read(entry.path().join("cmdline")).ok()?;
        let has_profile = String::from_utf8_lossy(&arguments).contains(&*profile);
        has_profile.then_some(pid)
    });
    pids.collect()
}

/// Whether there is a desktop on which a window can be shown.
#[must_use]
pub fn has_display() -> bool {
    let is_set = |key| env::var_os(key).is_some_and(|value| !value.is_empty());
    cfg!(target_os = "macos") || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")
}
