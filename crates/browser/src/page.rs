//! A browser whose pages come from this machine.

use std::{
    fs,
    net::SocketAddr,
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
};

use anyhow::Context;
use opencloud_model::redact;
use serde_json::Value;
use tokio::runtime::Handle;

use crate::{
    driver::{DriverProcess, Session, WebDriverError, start_display},
    engine::{Engine, Launch},
    install::Programs,
    process::{Failure, Interrupt, Resources, print},
    proxies::Proxies,
    serve::{PageGateway, TlsListener},
};

/// How often a browser is started anew until it does start.
const ATTEMPTS: usize = 3;

/// A browser that shows pages of this machine.
pub struct Browser {
    /// Its engine.
    pub engine: &'static dyn Engine,
    session: Mutex<Session>,
    gateway: PageGateway,
    way: Way,
    driver: Mutex<DriverProcess>,
}

/// How a browser is started, and led to its pages.
#[derive(Debug)]
struct Way {
    program: PathBuf,
    profile: PathBuf,
    headed: bool,
    origins: Vec<String>,
    secure: Vec<String>,
    /// What it was told of the services.
    services: Mutex<Vec<String>>,
    // Listens as long as the browser is used.
    tls: TlsListener,
    proxies: Proxies,
}

/// A browser that is about to start. Other slow work can be done meanwhile.
#[derive(Debug)]
pub struct Start<'a> {
    resources: &'a Resources,
    interrupt: &'a Interrupt,
    engine: &'static dyn Engine,
    programs: &'a Programs,
    headed: bool,
    driver: DriverProcess,
}

/// Which pages a browser shows, and how.
#[derive(Clone, Copy, Debug)]
pub struct Pages<'a> {
    /// The origins whose pages come from this machine.
    pub origins: &'a [String],
    /// Those of them that are to be secure contexts.
    pub secure: &'a [&'a str],
    /// The name of the browser's profile, in the run's directory.
    pub profile: &'a str,
}

/// A page to be opened.
#[derive(Clone, Copy, Debug)]
pub struct Visit<'a> {
    /// The page's origin.
    pub origin: &'a str,
    /// Its path and query.
    pub path: &'a str,
    /// The settings that it reads.
    pub settings: &'a str,
    /// The hosts that it will ask, each with its port where it has one of its own.
    pub services: &'a [String],
}

impl Way {
    /// Lets `work` use it for a start of a browser that will ask `services`.
    fn with_launch<T>(&self, services: &[String], work: impl FnOnce(&Launch<'_>) -> T) -> T {
        let secure: Vec<_> = self.secure.iter().map(String::as_str).collect();
        work(&Launch {
            program: &self.program,
            profile: &self.profile,
            headed: self.headed,
            origins: &self.origins,
            secure: &secure,
            services,
            tls: &self.tls,
            proxies: &self.proxies,
        })
    }

    /// Writes the profile, and returns the capabilities to ask for.
    fn prepare(&self, engine: &dyn Engine, services: &[String]) -> Result<Value, Failure> {
        self.with_launch(services, |launch| {
            if let Some(obstacle) = engine.obstacle(launch) {
                let key = engine.package().browser_key;
                return Err(Failure::Input(format!(
                    "{obstacle}; {key} may name another browser"
                )));
            }
            let prepared = engine.prepare(launch);
            prepared.context("cannot write the browser's profile")?;
            Ok(engine.capabilities(launch))
        })
    }
}

impl<'a> Start<'a> {
    /// Starts the browser's driver. `headed`: whether to show the browser.
    pub fn new(
        resources: &'a Resources,
        interrupt: &'a Interrupt,
        engine: &'static dyn Engine,
        programs: &'a Programs,
        headed: bool,
    ) -> Result<Self, Failure> {
        resources.check_room_for(engine.socket())?;
        let needs_display = engine.needs_display() && !headed;
        let display = needs_display.then(|| start_display(resources, interrupt));
        let display = display.transpose()?;
        Ok(Self {
            resources,
            interrupt,
            engine,
            programs,
            headed,
            driver: DriverProcess::start(resources, engine, &programs.driver, display)?,
        })
    }

    /// Starts the browser.
    pub fn open(mut self, runtime: &Handle, pages: Pages<'_>) -> Result<Browser, Failure> {
        let gateway = PageGateway::start(runtime).context("cannot listen on loopback")?;
        let tls = TlsListener::bind(runtime, gateway.address(), pages.origins)?;
        let way = Way {
            program: self.programs.browser.clone(),
            profile: self.resources.directory().join(pages.profile),
            headed: self.headed,
            origins: pages.origins.to_vec(),
            secure: pages.secure.iter().map(ToString::to_string).collect(),
            services: Mutex::default(),
            tls,
            proxies: Proxies::of_environment(),
        };
        if self.engine.needs_services() {
            // What it is not told of is asked through its one proxy.
            way.tls.relay_others(way.proxies.clone());
        }
        let capabilities = way.prepare(self.engine, &[])?;
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
                let _ = fs::remove_dir_all(&way.profile);
                way.prepare(self.engine, &[])?;
                self.session(&capabilities)?
                    .map_err(|error| self.no_browser(&error))?
            }
        };
        Ok(Browser {
            engine: self.engine,
            session: Mutex::new(session),
            gateway,
            way,
            driver: Mutex::new(self.driver),
        })
    }

    fn session(
        &mut self,
        capabilities: &Value,
    ) -> Result<Result<Session, WebDriverError>, Failure> {
        let port = self.driver.port(self.resources, self.interrupt)?;
        let (engine, capabilities) = (self.engine, capabilities.clone());
        self.interrupt
            .block(move || start(engine, port, &capabilities))
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

    /// The `WebDriver` session.
    #[must_use]
    pub fn session(&self) -> Session {
        lock(&self.session).clone()
    }

    /// Opens a page.
    pub fn open(
        &self,
        resources: &Resources,
        interrupt: &Interrupt,
        visit: Visit<'_>,
    ) -> Result<(), Failure> {
        let Visit { origin, path, .. } = visit;
        if self.engine.needs_services() {
            self.restart_for(resources, interrupt, visit.services)?;
        }
        self.gateway.set_settings(visit.settings);
        let cookie = self.gateway.cookie(origin);
        let url = format!("{origin}{path}");
        let (engine, session) = (self.engine, self.session());
        let opened = interrupt.block(move || {
            engine.set_cookie(&session, &cookie)?;
            session.navigate(&url)
        })?;
        opened.with_context(|| format!("cannot open the test page at {origin}"))?;
        Ok(())
    }

    /// Starts the browser anew, unless it already knows these services. Its driver is started anew as well:
    /// one whose browser is about to end may never start another.
    fn restart_for(
        &self,
        resources: &Resources,
        interrupt: &Interrupt,
        services: &[String],
    ) -> Result<(), Failure> {
        if *lock(&self.way.services) == services {
            return Ok(());
        }
        let capabilities = self.way.prepare(self.engine, services)?;
        let mut driver = lock(&self.driver);
        let mut attempt = 1;
        let session = loop {
            driver.restart(resources)?;
            let (engine, port) = (self.engine, driver.port(resources, interrupt)?);
            let capabilities = capabilities.clone();
            match interrupt.block(move || start(engine, port, &capabilities))? {
                Err(_) if attempt < ATTEMPTS => attempt += 1,
                session => break session.context("the browser does not start again")?,
            }
        };
        *lock(&self.session) = session;
        *lock(&self.way.services) = services.to_vec();
        Ok(())
    }

    /// The files of this machine that change what the browser does, for messages.
    #[must_use]
    pub fn policies(&self) -> Vec<PathBuf> {
        self.engine.policies(&self.way.program)
    }

    /// The browser's name and version, and the driver's.
    #[must_use]
    pub fn versions(&self) -> [String; 2] {
        let session = self.session();
        [
            session.browser_version(),
            self.engine.driver_version(&session.capabilities),
        ]
    }
}

/// Starts a browser through the driver on `port`.
fn start(engine: &dyn Engine, port: u16, capabilities: &Value) -> Result<Session, WebDriverError> {
    let session = Session::open(port, capabilities, engine.start_limit())?;
    engine.subscribe(&session)?;
    Ok(session)
}

/// The values behind these locks stay consistent even if a thread panics while it holds one.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
