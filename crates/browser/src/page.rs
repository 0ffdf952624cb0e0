//! A browser whose pages come from this machine.

use std::{collections::BTreeSet, fs, net::SocketAddr, path::PathBuf};

use anyhow::Context;
use opencloud_model::redact;
use serde_json::Value;
use tokio::runtime::Handle;
use url::Url;

use crate::{
    driver::{DriverProcess, Session, WebDriverError},
    engine::{Engine, Launch},
    install::Programs,
    process::{Failure, Interrupt, Resources, print},
    proxies::Proxies,
    serve::{PageGateway, TlsListener},
};

/// A browser that shows pages of this machine.
pub struct Browser {
    /// Its engine.
    pub engine: &'static dyn Engine,
    /// The `WebDriver` session.
    pub session: Session,
    program: PathBuf,
    gateway: PageGateway,
    // Listens as long as the browser is used.
    _tls: TlsListener,
}

/// A browser that is about to start. Other slow work can be done meanwhile.
#[derive(Debug)]
pub struct Start<'a> {
    resources: &'a Resources,
    interrupt: &'a Interrupt,
    engine: &'static dyn Engine,
    programs: &'a Programs,
    driver: DriverProcess,
}

/// Which pages a browser shows, and how.
#[derive(Clone, Copy, Debug)]
pub struct Pages<'a> {
    /// The origins whose pages come from this machine.
    pub origins: &'a [String],
    /// Those of them that are to be secure contexts.
    pub secure: &'a [&'a str],
    /// Whether to show the browser.
    pub headed: bool,
    /// The name of the browser's profile, in the run's directory.
    pub profile: &'a str,
}

impl<'a> Start<'a> {
    /// Starts the browser's driver.
    pub fn new(
        resources: &'a Resources,
        interrupt: &'a Interrupt,
        engine: &'static dyn Engine,
        programs: &'a Programs,
    ) -> Result<Self, Failure> {
        resources.check_room_for(engine.socket())?;
        Ok(Self {
            resources,
            interrupt,
            engine,
            programs,
            driver: DriverProcess::start(resources, engine, &programs.driver)?,
        })
    }

    /// Starts the browser.
    pub fn open(mut self, runtime: &Handle, pages: Pages<'_>) -> Result<Browser, Failure> {
        let gateway = PageGateway::start(runtime).context("cannot listen on loopback")?;
        let tls = TlsListener::bind(runtime, gateway.address(), hosts(pages.origins))?;
        let profile = self.resources.directory().join(pages.profile);
        let launch = Launch {
            program: &self.programs.browser,
            profile: &profile,
            headed: pages.headed,
            origins: pages.origins,
            secure: pages.secure,
            tls: &tls,
            proxies: &Proxies::of_environment(),
        };
        if let Some(obstacle) = self.engine.obstacle(&launch) {
            let key = self.engine.package().browser_key;
            return Err(Failure::Input(format!(
                "{obstacle}; {key} may name another browser"
            )));
        }
        let prepare = || {
            self.engine
                .prepare(&launch)
                .context("cannot write the profile")
        };
        prepare()?;
        let capabilities = self.engine.capabilities(&launch);
        let session = match self.session(&capabilities)? {
            Ok(session) => session,
            Err(error) if self.engine.is_version_mismatch(&error.to_string()) => {
                return Err(self.no_browser(&error));
            }
            // A busy machine may end a browser that starts.
            Err(error) => {
                let failure = redact::clean(&self.no_browser(&error).to_string());
                let line = failure.lines().next().unwrap_or_default();
                print::err(format_args!("info: {line}; another attempt follows"));
                self.driver.restart(self.resources)?;
                // The profile may be half made, and another process may still hold it.
                let _ = fs::remove_dir_all(&profile);
                prepare()?;
                self.session(&capabilities)?
                    .map_err(|error| self.no_browser(&error))?
            }
        };
        Ok(Browser {
            engine: self.engine,
            session,
            program: self.programs.browser.clone(),
            gateway,
            _tls: tls,
        })
    }

    fn session(
        &mut self,
        capabilities: &Value,
    ) -> Result<Result<Session, WebDriverError>, Failure> {
        let port = self.driver.port(self.resources, self.interrupt)?;
        let (engine, capabilities) = (self.engine, capabilities.clone());
        self.interrupt.block(move || {
            let session = Session::open(port, &capabilities)?;
            engine.subscribe(&session)?;
            Ok(session)
        })
    }

    fn no_browser(&self, error: &WebDriverError) -> Failure {
        let Programs { browser, driver } = self.programs;
        let message = error.to_string();
        if self.engine.is_version_mismatch(&message) {
            let package = self.engine.package();
            return Failure::Input(format!(
                "{} and {} are of different versions ({message}): install a matching pair, or name \
                 one in {} and {}",
                driver.display(),
                browser.display(),
                package.browser_key,
                package.driver_key,
            ));
        }
        Failure::ours_with(
            format!("{} does not start: {message}", browser.display()),
            self.driver.output(),
        )
    }
}

impl Browser {
    /// Takes the pages from `server`.
    pub fn serve_from(&self, server: SocketAddr) {
        self.gateway.serve_from(server);
    }

    /// Opens the page `path` of `origin`, which reads `settings`.
    pub fn open(
        &self,
        interrupt: &Interrupt,
        origin: &str,
        path: &str,
        settings: &str,
    ) -> Result<(), Failure> {
        self.gateway.set_settings(settings);
        let cookie = self.gateway.cookie(origin);
        let url = format!("{origin}{path}");
        let (engine, session) = (self.engine, self.session.clone());
        let opened = interrupt.block(move || {
            engine.set_cookie(&session, &cookie)?;
            session.navigate(&url)
        })?;
        opened.with_context(|| format!("cannot open the test page at {origin}"))?;
        Ok(())
    }

    /// The files of this machine that change what the browser does, for messages.
    #[must_use]
    pub fn policies(&self) -> Vec<PathBuf> {
        self.engine.policies(&self.program)
    }

    /// The browser's name and version, and the driver's.
    #[must_use]
    pub fn versions(&self) -> [String; 2] {
        [
            self.session.browser_version(),
            self.engine.driver_version(&self.session.capabilities),
        ]
    }
}

/// The hosts of `origins`, each once.
fn hosts(origins: &[String]) -> Vec<String> {
    let urls = origins.iter().filter_map(|origin| Url::parse(origin).ok());
    let hosts: BTreeSet<_> = urls
        .filter_map(|url| Some(url.host_str()?.to_owned()))
        .collect();
    hosts.into_iter().collect()
}
