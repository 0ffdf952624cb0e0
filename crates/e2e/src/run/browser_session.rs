//! A browser that runs the suite.
//!
//! A session serves one run or many. Which tests run is in the page's address, and the page reads
//! its settings anew each time it is opened.

use std::iter;

use opencloud_browser::{
    engine::Engine,
    page::{Browser, Pages, Start, Visit},
    process::Failure,
    serve::PageDirectory,
    traffic::Traffic,
};
use opencloud_model::{
    event::Timed,
    origins, redact,
    settings::{Settings, dotenv, table},
};
use opencloud_reports::Progress;
use tokio::runtime::Handle;
use url::form_urlencoded;

use crate::{
    browser_location::BrowserLocation,
    run::watch::{Ending, Watch},
};

/// A browser that is ready to run the suite.
pub(crate) struct BrowserSession<'a> {
    browser: Browser<'a>,
}

/// A run that has ended.
pub(crate) struct EndedRun {
    /// The part that its events have reported.
    pub(crate) progress: Progress,
    /// The requests of the page.
    pub(crate) traffic: Traffic,
    /// How it ended.
    pub(crate) ending: Result<Ending, Failure>,
}

/// The assignment of a run: its settings and its tests.
#[derive(Clone, Debug)]
pub(crate) struct Assignment<'a> {
    /// The settings, as judged.
    pub(crate) settings: &'a Settings,
    /// The keys and values that the page reads them from.
    pub(crate) pairs: &'a [(String, String)],
    /// The hosts that the page will ask.
    pub(crate) services: Vec<String>,
    /// Only the tests whose names contain this; all without it.
    pub(crate) filter: Option<&'a str>,
}

impl<'a> BrowserSession<'a> {
    /// Starts the browser at `location`, for pages of any of the `frontends`' origins, which ask the UserAPI at
    /// `user_api`; it may be empty if that is at a port that the system has chosen. Its profile gets the name
    /// `profile`.
    pub(crate) fn open(
        start: Start<'a>,
        runtime: &Handle,
        location: &BrowserLocation,
        frontends: &[&str],
        user_api: &str,
        profile: &str,
    ) -> Result<Self, Failure> {
        let origins = frontends.iter().flat_map(|frontend| page_origins(frontend));
        let of_developers = origins::development_servers(user_api).map(str::to_owned);
        let origins = origins.chain(of_developers);
        let pages = Pages {
            origins: &origins.collect::<Vec<_>>(),
            // The suite needs what browsers give to secure contexts only, and the real frontend has
            // it: on localhost as it is, elsewhere over https.
            secure: frontends,
            host: location.page_host(),
            mixed_content: location.allows_mixed_content(),
            profile,
        };
        let browser = start.open(runtime, pages)?;
        Ok(Self { browser })
    }

    /// Shows the page of this directory, which is the only one.
    pub(crate) fn serve(&self, page: &PageDirectory) {
        self.browser.serve(page);
    }

    /// Opens the page and stays until all tests of the assignment have ended. Passes every event to
    /// `show` when it comes.
    pub(crate) fn run(&self, assignment: Assignment<'_>, show: &mut dyn FnMut(&Timed)) -> EndedRun {
        self.watch(assignment, show, false)
    }

    /// Like [`Self::run`], and keeps the requests of the page.
    pub(crate) fn record(
        &self,
        assignment: Assignment<'_>,
        show: &mut dyn FnMut(&Timed),
    ) -> EndedRun {
        self.watch(assignment, show, true)
    }

    /// The browser's engine.
    pub(crate) fn engine(&self) -> &'static dyn Engine {
        self.browser.engine
    }

    /// The browser's name and version, and its driver's.
    pub(crate) fn versions(&self) -> [String; 2] {
        self.browser.versions()
    }

    fn watch(
        &self,
        assignment: Assignment<'_>,
        show: &mut dyn FnMut(&Timed),
        keeps_traffic: bool,
    ) -> EndedRun {
        let settings = assignment.settings;
        if let Err(failure) = self.visit(assignment) {
            return EndedRun {
                progress: Progress::default(),
                traffic: Traffic::default(),
                ending: Err(failure),
            };
        }
        let mut watch = Watch::new(&self.browser, settings, show);
        let ending = watch.run();
        EndedRun {
            traffic: if keeps_traffic {
                watch.traffic()
            } else {
                Traffic::default()
            },
            progress: watch.progress,
            ending,
        }
    }

    /// Opens the page for its assignment.
    fn visit(&self, assignment: Assignment<'_>) -> Result<(), Failure> {
        let Assignment {
            settings,
            pairs,
            services,
            filter,
        } = assignment;
        for (key, value) in pairs {
            if table::is_secret(key) {
                redact::learn(value);
            }
        }
        let for_the_page = pairs.iter().filter(|(key, _)| table::is_for_page(key));
        let for_the_page = for_the_page.map(|(key, value)| (&**key, &**value));
        let visit = Visit {
            origin: &settings.frontend,
            path: &path(filter),
            settings: &dotenv::write(for_the_page),
            services: &services,
        };
        self.browser.open(visit)
    }
}

/// The path and query of the page, which tell it which tests are asked for.
fn path(filter: Option<&str>) -> String {
    let query = filter.map(|filter| {
        let only: String = form_urlencoded::byte_serialize(filter.as_bytes()).collect();
        format!("?only={only}")
    });
    format!("/{}", query.unwrap_or_default())
}

/// The origins that a page is opened at: the frontend's own, and those that are tried in its place.
fn page_origins(frontend: &str) -> impl Iterator<Item = String> {
    let foreign = origins::foreign(frontend).into_iter();
    let foreign = foreign.map(|foreign| foreign.origin);
    iter::once(frontend.to_owned()).chain(foreign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_asks_for_tests() {
        assert_eq!(path(None), "/");
        assert_eq!(path(Some("files::a&b")), "/?only=files%3A%3Aa%26b");
    }
}
