//! A browser whose pages come from this machine.

use std::{fs, net::IpAddr, path::PathBuf, sync::Mutex};

use anyhow::Context;
use opencloud_model::redact;
use serde_json::Value;
use tokio::runtime::Handle;

use crate::{
    driver::{Driver, Session, WebDriver, WebDriverError},
    endpoint::Endpoint,
    engine::{Engine, Installed, Launch},
    install::Programs,
    process::{Failure, Interrupt, Resources, lock, print},
    proxies::Proxies,
    serve::{PageDirectory, PageGateway, TlsListener},
};

/// How often a browser is started anew until it does start.
const ATTEMPTS: usize = 3;

/// A browser that shows pages of this machine.
pub struct Browser<'a> {
    /// Its engine.
    pub engine: &'static dyn Engine,
    /// Ends the work with it.
    pub interrupt: &'a Interrupt,
    resources: &'a Resources,
    session: Mutex<Session>,
    gateway: PageGateway,
    way: Way,
    driver: Mutex<Driver>,
}

/// How a browser is started, and led to its pages.
#[derive(Debug)]
struct Way {
    /// The program and the profile, if the browser is installed on this machine.
    installed: Option<(PathBuf, PathBuf)>,
    headed: bool,
    mixed_content: bool,
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
    webdriver: &'a WebDriver,
    headed: bool,
    driver: Driver,
}

/// Which pages a browser shows, and how.
#[derive(Clone, Copy, Debug)]
pub struct Pages<'a> {
    /// The origins whose pages come from this machine.
    pub origins: &'a [String],
    /// The address of this machine at which the browser reaches them.
    pub host: IpAddr,
    /// Those of them that are to be secure contexts.
    pub secure: &'a [&'a str],
    /// Whether those of https may ask services of plain http on another machine than the browser's.
    pub mixed_content: bool,
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
        let installed = self.installed.as_ref();
        work(&Launch {
            installed: installed.map(|(program, profile)| Installed { program, profile }),
            headed: self.headed,
            mixed_content: self.mixed_content,
            origins: &self.origins,
            secure: &secure,
            services,
            tls: &self.tls,
            proxies: &self.proxies,
        })
    }

    /// The capabilities to ask for.
    fn capabilities(&self, engine: &dyn Engine, services: &[String]) -> Result<Value, Failure> {
        self.with_launch(services, |launch| {
            let Some(obstacle) = engine.obstacle(launch) else {
                return Ok(engine.capabilities(launch));
            };
            Err(Failure::Input(if launch.installed.is_some() {
                let key = engine.package().browser_key;
                format!("{obstacle}; {key} may name another browser")
            } else {
                obstacle
            }))
        })
    }
}

impl<'a> Start<'a> {
    /// Starts the browser's driver, where it is one of this machine. `headed`: whether to show the browser.
    pub fn new(
        resources: &'a Resources,
        interrupt: &'a Interrupt,
        engine: &'static dyn Engine,
        webdriver: &'a WebDriver,
        headed: bool,
    ) -> Result<Self, Failure> {
        Ok(Self {
            resources,
            interrupt,
            engine,
            webdriver,
            headed,
            driver: Driver::start(resources, interrupt, engine, webdriver, headed)?,
        })
    }

    /// Starts the browser.
    pub fn open(mut self, runtime: &Handle, pages: Pages<'_>) -> Result<Browser<'a>, Failure> {
        let gateway = PageGateway::start(runtime).context("cannot listen on loopback")?;
        let tls = TlsListener::bind(runtime, pages.host, gateway.address(), pages.origins)?;
        let profile = self.resources.directory().join(pages.profile);
        let way = Way {
            installed: match self.webdriver {
                WebDriver::Installed(programs) => Some((programs.browser.clone(), profile)),
                WebDriver::Remote(_) => None,
            },
            headed: self.headed,
            mixed_content: pages.mixed_content,
            origins: pages.origins.to_vec(),
            secure: pages.secure.iter().map(ToString::to_string).collect(),
            services: Mutex::default(),
            tls,
            proxies: Proxies::of_environment().except(pages.host),
        };
        if self.engine.needs_services() && way.installed.is_some() {
            // What it is not told of is asked through its one proxy. Others on its network must not do so.
            way.tls.relay_others(way.proxies.clone());
        }
        let capabilities = way.capabilities(self.engine, &[])?;
        let session = match self.session(&capabilities)? {
            Ok(session) => session,
            Err(error) if self.is_final(&error) => return Err(self.no_browser(&error)),
            // A busy machine may end a browser that starts.
            Err(error) => {
                let failure = redact::clean(&self.no_browser(&error).to_string());
                let line = failure.lines().next().unwrap_or_default();
                print::err(format_args!("info: {line}; another attempt follows"));
                self.driver.restart(self.resources, None)?;
                if let Some((_, profile)) = &way.installed {
                    // It may be half made, and another process may still hold it.
                    let _ = fs::remove_dir_all(profile);
                }
                self.session(&capabilities)?
                    .map_err(|error| self.no_browser(&error))?
            }
        };
        Ok(Browser {
            engine: self.engine,
            interrupt: self.interrupt,
            resources: self.resources,
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
        let Self {
            resources,
            interrupt,
            engine,
            ..
        } = *self;
        self.driver.open(resources, interrupt, engine, capabilities)
    }

    /// Whether another attempt would end in the same way. A Grid has had its time, and has tried other nodes.
    fn is_final(&self, error: &WebDriverError) -> bool {
        self.driver.remote().is_some() || self.engine.is_version_mismatch(&error.to_string())
    }

    fn no_browser(&self, error: &WebDriverError) -> Failure {
        let message = error.to_string();
        let Programs { browser, driver } = match self.webdriver {
            WebDriver::Installed(programs) => programs,
            WebDriver::Remote(endpoint) => return no_remote_browser(endpoint, self.engine, error),
        };
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

impl Browser<'_> {
    /// Shows the pages of this directory from now on.
    pub fn serve(&self, directory: &PageDirectory) {
        self.gateway.set_directory(directory.path());
    }

    /// Whether somebody may see it.
    #[must_use]
    pub fn is_headed(&self) -> bool {
        self.way.headed
    }

    /// The `WebDriver` session.
    #[must_use]
    pub fn session(&self) -> Session {
        lock(&self.session).clone()
    }

    /// Opens a page.
    pub fn open(&self, visit: Visit<'_>) -> Result<(), Failure> {
        let Visit { origin, path, .. } = visit;
        if self.engine.needs_services() {
            self.restart_for(visit.services)?;
        }
        self.gateway.set_settings(visit.settings);
        let cookie = self.gateway.cookie(origin);
        let url = format!("{origin}{path}");
        let (engine, session) = (self.engine, self.session());
        let opened = self.interrupt.block(move || {
            engine.set_cookie(&session, &cookie)?;
            session.navigate(&url)
        })?;
        opened.with_context(|| {
            let cannot = format!("cannot open the test page at {origin}");
            match self.webdriver() {
                None => cannot,
                Some(name) => format!(
                    "{cannot} in a browser of {name}, which must reach this machine at {}",
                    self.way.tls.address().ip()
                ),
            }
        })?;
        Ok(())
    }

    /// The address of the `WebDriver`, if it is not one of ours.
    #[must_use]
    pub fn webdriver(&self) -> Option<String> {
        lock(&self.driver).remote().map(Endpoint::name)
    }

    /// Starts the browser anew, unless it already knows these services.
    fn restart_for(&self, services: &[String]) -> Result<(), Failure> {
        if *lock(&self.way.services) == services {
            return Ok(());
        }
        let (resources, interrupt) = (self.resources, self.interrupt);
        let capabilities = self.way.capabilities(self.engine, services)?;
        let mut driver = lock(&self.driver);
        let mut attempt = 1;
        driver.restart(resources, Some(&self.session()))?;
        let session = loop {
            match driver.open(resources, interrupt, self.engine, &capabilities)? {
                Err(_) if attempt < ATTEMPTS => {
                    attempt += 1;
                    driver.restart(resources, None)?;
                }
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
        let installed = self.way.installed.as_ref();
        installed.map_or_else(Vec::new, |(program, _)| self.engine.policies(program))
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

/// Why a `WebDriver` elsewhere starts no browser.
fn no_remote_browser(endpoint: &Endpoint, engine: &dyn Engine, error: &WebDriverError) -> Failure {
    let message = format!(
        "{} starts no {} (browserName {}): {error}",
        endpoint.name(),
        engine.name(),
        engine.browser_name()
    );
    // A driver, which has one kind of browser, says only that capabilities do not match.
    match error {
        WebDriverError::Refused(why) if why.contains("match") => Failure::Input(message),
        _ => Failure::ours_with(message, ""),
    }
}
