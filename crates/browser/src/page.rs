//! A browser whose pages come from this machine.

mod setup;

use std::{net::IpAddr, path::PathBuf, sync::Mutex};

use anyhow::Context;
use tokio::runtime::Handle;

use self::setup::Setup;
use crate::{
    driver::{Driver, Session, WebDriver},
    engine::Engine,
    process::{Failure, Interrupt, Resources, lock},
    proxies::Proxies,
    serve::{PageDirectory, PageGateway, TlsListener},
};

/// A browser that shows pages of this machine.
pub struct Browser<'a> {
    /// Its engine.
    pub engine: &'static dyn Engine,
    /// Ends the work with it.
    pub interrupt: &'a Interrupt,
    setup: Setup<'a>,
    session: Mutex<Session>,
    /// What it was told of the services.
    services: Mutex<Vec<String>>,
    gateway: PageGateway,
    driver: Mutex<Driver>,
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
    pub fn open(self, runtime: &Handle, pages: Pages<'_>) -> Result<Browser<'a>, Failure> {
        let gateway = PageGateway::start(runtime).context("cannot listen on loopback")?;
        let tls = TlsListener::bind(runtime, pages.host, gateway.address(), pages.origins)?;
        let Self {
            resources,
            interrupt,
            engine,
            webdriver,
            headed,
            mut driver,
        } = self;
        let setup = Setup {
            resources,
            interrupt,
            engine,
            webdriver,
            profile: resources.directory().join(pages.profile),
            headed,
            mixed_content: pages.mixed_content,
            origins: pages.origins.to_vec(),
            secure: pages.secure.iter().map(ToString::to_string).collect(),
            tls,
            proxies: Proxies::of_environment().except(pages.host),
        };
        if engine.needs_services() && setup.program().is_some() {
            // What it is not told of is asked through its one proxy. Others on its network must not do so.
            setup.tls.relay_others(setup.proxies.clone());
        }
        let session = setup.start(&mut driver, &[])?;
        Ok(Browser {
            engine,
            interrupt,
            setup,
            session: Mutex::new(session),
            services: Mutex::default(),
            gateway,
            driver: Mutex::new(driver),
        })
    }
}

impl Browser<'_> {
    /// Shows the pages of this directory, which is the only one.
    pub fn serve(&self, directory: &PageDirectory) {
        self.gateway.set_directory(directory.path());
    }

    /// Whether somebody may see it.
    #[must_use]
    pub fn is_headed(&self) -> bool {
        self.setup.headed
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
                    self.setup.tls.address().ip()
                ),
            }
        })?;
        Ok(())
    }

    /// The address of the `WebDriver`, if it is not one of ours.
    #[must_use]
    pub fn webdriver(&self) -> Option<String> {
        match self.setup.webdriver {
            WebDriver::Installed(_) => None,
            WebDriver::Remote(endpoint) => Some(endpoint.name()),
        }
    }

    /// Starts the browser anew, unless it already knows these services.
    fn restart_for(&self, services: &[String]) -> Result<(), Failure> {
        let mut known = lock(&self.services);
        if *known != services {
            let mut driver = lock(&self.driver);
            driver.restart(self.setup.resources, Some(&self.session()))?;
            *lock(&self.session) = self.setup.start(&mut driver, services)?;
            *known = services.to_vec();
        }
        Ok(())
    }

    /// The files of this machine that change what the browser does, for messages.
    #[must_use]
    pub fn policies(&self) -> Vec<PathBuf> {
        let program = self.setup.program();
        program.map_or_else(Vec::new, |program| self.engine.policies(program))
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
