//! Where the suite runs: a browser, and the servers that the page comes from.
//!
//! A stage serves one run or many. Which tests run is in the page's address, and what settings they
//! read is asked for anew each time the page is opened.

use std::collections::BTreeSet;

use anyhow::Context;
use opencloud_model::{
    event::Timed,
    redact,
    settings::{Settings, dotenv, table},
};
use tokio::runtime::Handle;
use url::{Url, form_urlencoded};

use crate::{
    capabilities::{Capabilities, page_origins},
    devtools::Traffic,
    door::Door,
    driver::Driver,
    failure::Failure,
    front::Front,
    interrupt::Interrupt,
    page::PageServer,
    resources::Resources,
    setup::Browser,
    watch::Watch,
    webdriver::{self, Session, WebDriverError},
};

pub(crate) use crate::watch::Ending;

/// A browser that is ready to run the suite.
pub(crate) struct Stage<'a> {
    interrupt: &'a Interrupt,
    front: Front,
    session: Session,
    // The door stays open for as long as the browser may knock.
    _door: Door,
}

/// A stage whose browser is about to start. What else takes its time can be done meanwhile.
pub(crate) struct Preparation<'a> {
    resources: &'a Resources,
    interrupt: &'a Interrupt,
    browser: &'a Browser,
    driver: Driver,
}

/// What a run is to do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Assignment<'a> {
    /// The settings, as judged.
    pub(crate) settings: &'a Settings,
    /// The keys and values that the page reads them from.
    pub(crate) pairs: &'a [(String, String)],
    /// Only the tests whose names contain this; all without it.
    pub(crate) filter: Option<&'a str>,
}

impl<'a> Preparation<'a> {
    /// Starts the browser's driver.
    pub(crate) fn new(
        resources: &'a Resources,
        interrupt: &'a Interrupt,
        browser: &'a Browser,
    ) -> Result<Self, Failure> {
        Ok(Self {
            resources,
            interrupt,
            browser,
            driver: Driver::start(resources, &browser.driver)?,
        })
    }

    /// Starts the browser, for pages of any of the `frontends`' origins. Its profile gets the name
    /// `profile`.
    pub(crate) fn open(
        mut self,
        runtime: &Handle,
        frontends: &[&str],
        headed: bool,
        profile: &str,
    ) -> Result<Stage<'a>, Failure> {
        let front = Front::start(runtime).context("cannot listen on loopback")?;
        let door = Door::open(runtime, front.address(), hosts(frontends))?;
        let port = self.driver.port(self.resources, self.interrupt)?;
        let capabilities = Capabilities {
            browser: &self.browser.program,
            profile: &self.resources.directory().join(profile),
            headed,
            frontends,
            door: &door,
        }
        .to_json();
        let session = self
            .interrupt
            .block(move || Session::open(port, &capabilities))?
            .map_err(|error| self.no_browser(&error))?;
        Ok(Stage {
            interrupt: self.interrupt,
            front,
            session,
            _door: door,
        })
    }

    fn no_browser(&self, error: &WebDriverError) -> Failure {
        let Browser { program, driver } = self.browser;
        let message = error.to_string();
        if message.contains("only supports Chrome version") {
            return Failure::Input(format!(
                "{} and {} are of different versions ({message}): install a matching pair, or name \
                 one in CHROME and CHROMEDRIVER",
                driver.display(),
                program.display(),
            ));
        }
        Failure::ours_with(
            format!("{} does not start: {message}", program.display()),
            self.driver.output(),
        )
    }
}

impl Stage<'_> {
    /// Takes the page from `server`, as soon as that has it.
    pub(crate) fn show(&self, resources: &Resources, server: &PageServer) -> Result<(), Failure> {
        self.front.show(server.address(resources, self.interrupt)?);
        Ok(())
    }

    /// Opens the page and stays until all tests of the assignment have ended. Shows `sink` every
    /// event when it comes.
    pub(crate) fn run(
        &self,
        assignment: Assignment<'_>,
        sink: &mut dyn FnMut(&Timed),
    ) -> Result<Ending, Failure> {
        self.open(assignment)?;
        self.watch(assignment, sink).run()
    }

    /// Like [`Stage::run`]; what the page sent and received is put into `traffic`, however it ends.
    pub(crate) fn record(
        &self,
        assignment: Assignment<'_>,
        sink: &mut dyn FnMut(&Timed),
        traffic: &mut Traffic,
    ) -> Result<Ending, Failure> {
        self.open(assignment)?;
        let mut watch = self.watch(assignment, sink);
        let ended = watch.run();
        *traffic = watch.traffic();
        ended
    }

    /// The browser and its driver.
    pub(crate) fn versions(&self) -> &webdriver::Versions {
        &self.session.versions
    }

    fn watch<'a>(
        &'a self,
        assignment: Assignment<'a>,
        sink: &'a mut dyn FnMut(&Timed),
    ) -> Watch<'a> {
        Watch::new(&self.session, self.interrupt, assignment.settings, sink)
    }

    fn open(&self, assignment: Assignment<'_>) -> Result<(), Failure> {
        let Assignment {
            settings,
            pairs,
            filter,
        } = assignment;
        learn_secrets(pairs);
        let for_the_page = pairs.iter().filter(|(key, _)| table::is_for_page(key));
        let for_the_page = for_the_page.map(|(key, value)| (&**key, &**value));
        self.front.tell(&dotenv::write(for_the_page));

        let url = address(&settings.frontend, filter);
        let cookie = self.front.cookie(&settings.frontend);
        let opened = self.interrupt.block({
            let session = self.session.clone();
            move || {
                session.command("Network.setCookie", &cookie)?;
                session.navigate(&url)
            }
        })?;
        opened.with_context(|| format!("cannot open the test page at {}", settings.frontend))?;
        Ok(())
    }
}

/// The page's address; it tells the page which tests are asked for.
fn address(frontend: &str, filter: Option<&str>) -> String {
    let query = filter.map(|filter| {
        let only: String = form_urlencoded::byte_serialize(filter.as_bytes()).collect();
        format!("?only={only}")
    });
    format!("{frontend}/{}", query.unwrap_or_default())
}

/// The hosts that the page is served for.
fn hosts(frontends: &[&str]) -> Vec<String> {
    let origins = frontends.iter().flat_map(|frontend| page_origins(frontend));
    let urls = origins.filter_map(|origin| Url::parse(&origin).ok());
    let hosts: BTreeSet<_> = urls
        .filter_map(|url| Some(url.host_str()?.to_owned()))
        .collect();
    hosts.into_iter().collect()
}

/// Keeps the page's secrets out of whatever is shown of its output.
fn learn_secrets(pairs: &[(String, String)]) {
    for (key, value) in pairs {
        if table::is_secret(key) {
            redact::learn(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_asks_for_tests() {
        let frontend = "http://localhost:8080";
        assert_eq!(address(frontend, None), "http://localhost:8080/");
        assert_eq!(
            address(frontend, Some("files::a&b")),
            "http://localhost:8080/?only=files%3A%3Aa%26b"
        );
    }
}
