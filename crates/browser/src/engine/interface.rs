//! The interface of an engine.

use std::{
    fmt::Debug,
    path::{Path, PathBuf},
    time::Duration,
};

use serde_json::Value;

use crate::{
    driver::{Session, WebDriverError},
    install::Package,
    proxies::Proxies,
    serve::{Cookie, TlsListener},
    traffic::NetworkLog,
};

/// An engine: where its programs are, how it is led to the page, and what it tells of a request.
pub trait Engine: Debug + Sync {
    /// Its name on the command line, such as `chromium`.
    fn id(&self) -> &'static str;

    /// Its name in messages and reports, such as `Chrome`.
    fn name(&self) -> &'static str;

    /// Where its browser and its driver are found, and how they are installed.
    fn package(&self) -> &'static Package;

    /// Its browser's name in capabilities.
    fn browser_name(&self) -> &'static str;

    /// The arguments that let its driver listen on `port`. Left to choose one, a driver may name
    /// another than it has.
    fn driver_args(&self, port: u16) -> Vec<String>;

    /// A part of the line in which the driver says that it listens; `None` if it says nothing.
    fn ready_message(&self) -> Option<&'static str>;

    /// Whether the driver has ended because somebody else had its port.
    fn lost_its_port(&self, driver_output: &str) -> bool;

    /// How long its browser may take to start.
    fn start_limit(&self) -> Duration {
        Duration::from_secs(60)
    }

    /// Whether its browser always has a window.
    fn needs_display(&self) -> bool {
        false
    }

    /// Whether its browser must be told, when it starts, which services the page will ask.
    fn needs_services(&self) -> bool {
        false
    }

    /// Whether a page of https may ask services of plain http on this machine.
    fn trusts_loopback(&self) -> bool {
        true
    }

    /// The capabilities with which a `WebDriver` session is requested.
    fn capabilities(&self, launch: &Launch<'_>) -> Value;

    /// Asks the browser of a new session for the events that are read later.
    fn subscribe(&self, _session: &Session) -> Result<(), WebDriverError> {
        Ok(())
    }

    /// The arguments of its program, for a browser without a driver; `None` if it needs one.
    fn arguments(&self, _launch: &Launch<'_>) -> Option<Vec<String>> {
        None
    }

    /// Why this machine keeps the browser from being driven, or from pages that come from here.
    fn obstacle(&self, launch: &Launch<'_>) -> Option<String>;

    /// The files of this machine that change what the browser does, for messages.
    fn policies(&self, _program: &Path) -> Vec<PathBuf> {
        Vec::new()
    }

    /// The engine's own name for why the last page did not open, if that is in the part of the network
    /// log that was not read yet.
    fn page_error(&self, _session: &Session) -> Result<Option<String>, WebDriverError> {
        Ok(None)
    }

    /// The longest name of a Unix socket that the browser makes in its temporary directory; empty if it
    /// makes none there.
    fn socket(&self) -> &'static str {
        ""
    }

    /// Whether a session was refused because browser and driver are of different versions.
    fn is_version_mismatch(&self, _refusal: &str) -> bool {
        false
    }

    /// What its driver says if no browser of its own has the capabilities that are asked for.
    fn no_match(&self) -> &'static str;

    /// The driver's name and version, from the capabilities of a session.
    fn driver_version(&self, capabilities: &Value) -> String;

    /// Gives the browser a cookie before any page is open.
    fn set_cookie(&self, session: &Session, cookie: &Cookie) -> Result<(), WebDriverError>;

    /// The errors that the console tells since the last time.
    fn console_errors(&self, _session: &Session) -> Result<Vec<String>, WebDriverError> {
        Ok(Vec::new())
    }

    /// Keeps entries that are never read out of the network log.
    fn shorten_network_log(&self, _session: &Session) -> Result<(), WebDriverError> {
        Ok(())
    }

    /// The entries of the network log since the last time. They hold secrets.
    fn network_entries(&self, session: &Session) -> Result<Vec<String>, WebDriverError>;

    /// Whether it has a network log.
    fn has_network_log(&self) -> bool {
        true
    }

    /// Which facts of a request it does not tell, for readers of reports.
    fn unknown(&self) -> &'static [&'static str];

    /// Understands these entries.
    fn network_log(&self) -> Box<dyn NetworkLog>;
}

/// A browser that is installed on this machine.
#[derive(Clone, Copy, Debug)]
pub struct Installed<'a> {
    /// Its program.
    pub program: &'a Path,
    /// A directory for its profile.
    pub profile: &'a Path,
}

/// The settings that differ from start to start of a browser.
#[derive(Debug)]
pub struct Launch<'a> {
    /// The browser, unless a `WebDriver` elsewhere has its own.
    pub installed: Option<Installed<'a>>,
    /// Whether to show it.
    pub headed: bool,
    /// The origins whose answers come from `tls`, whatever else listens there.
    pub origins: &'a [String],
    /// Those of them that get what browsers give to secure contexts only.
    pub secure: &'a [&'a str],
    /// Whether pages of https may ask services of plain http, also where those are on another machine than
    /// the browser. On the same machine they may.
    pub mixed_content: bool,
    /// The hosts that pages will ask, each with its port where it has one of its own. They stand for the
    /// hosts below them as well.
    pub services: &'a [String],
    /// Where the origins really are.
    pub tls: &'a TlsListener,
    /// The proxies through which everything but the origins and this machine is asked.
    pub proxies: &'a Proxies,
}
