//! How a browser is started, again where it does not start at once, and led to its pages.

use std::{
    fs,
    path::{Path, PathBuf},
};

use opencloud_model::redact;
use serde_json::Value;

use crate::{
    driver::{BidiError, Driver, Session, WebDriver, WebDriverError},
    engine::{ENGINES, Engine, Installed, Launch},
    process::{Failure, Interrupt, Resources, print},
    proxies::Proxies,
    serve::TlsListener,
};

/// How often a browser is started until it does start.
const ATTEMPTS: usize = 3;

/// How a browser is started, as often as it is.
#[derive(Debug)]
pub(super) struct Setup<'a> {
    pub(super) resources: &'a Resources,
    pub(super) interrupt: &'a Interrupt,
    pub(super) engine: &'static dyn Engine,
    pub(super) webdriver: &'a WebDriver,
    /// Where a browser of this machine has its profile.
    pub(super) profile: PathBuf,
    pub(super) headed: bool,
    pub(super) mixed_content: bool,
    pub(super) origins: Vec<String>,
    pub(super) secure: Vec<String>,
    // Listens as long as the browser is used.
    pub(super) tls: TlsListener,
    pub(super) proxies: Proxies,
}

impl Setup<'_> {
    /// Starts a browser that will ask `services`. A busy machine may end one that starts, so that another
    /// attempt may succeed.
    pub(super) fn start(
        &self,
        driver: &mut Driver,
        services: &[String],
    ) -> Result<Session, Failure> {
        let capabilities = self.capabilities(services)?;
        let mut attempt = 1;
        loop {
            let opened = driver.open(self.resources, self.interrupt, self.engine, &capabilities)?;
            let error = match opened {
                Ok(session) => return Ok(session),
                Err(error) => error,
            };
            let failure = self.no_browser(&error, driver);
            if attempt == ATTEMPTS || self.is_final(&error) {
                return Err(failure);
            }
            attempt += 1;
            let failure = redact::clean(&failure.to_string());
            let line = failure.lines().next().unwrap_or_default();
            print::err(format_args!("info: {line}; another attempt follows"));
            driver.restart(self.resources, None)?;
            // It may be half made, and another process may still hold it.
            let _ = fs::remove_dir_all(&self.profile);
        }
    }

    /// The browser's program, if it is one of this machine.
    pub(super) fn program(&self) -> Option<&Path> {
        match self.webdriver {
            WebDriver::Installed(programs) => Some(&programs.browser),
            WebDriver::Remote(_) => None,
        }
    }

    /// The capabilities to ask for.
    fn capabilities(&self, services: &[String]) -> Result<Value, Failure> {
        let secure: Vec<_> = self.secure.iter().map(String::as_str).collect();
        let profile = &self.profile;
        let launch = Launch {
            installed: self.program().map(|program| Installed { program, profile }),
            headed: self.headed,
            mixed_content: self.mixed_content,
            origins: &self.origins,
            secure: &secure,
            services,
            tls: &self.tls,
            proxies: &self.proxies,
        };
        let Some(obstacle) = self.engine.obstacle(&launch) else {
            return Ok(self.engine.capabilities(&launch));
        };
        Err(Failure::Input(if launch.installed.is_some() {
            let key = self.engine.package().browser_key;
            format!("{obstacle}; {key} may name another browser")
        } else {
            obstacle
        }))
    }

    /// Whether another attempt would end in the same way. A Grid has had its time, and has tried other nodes.
    fn is_final(&self, error: &WebDriverError) -> bool {
        self.program().is_none() || self.engine.is_version_mismatch(&error.to_string())
    }

    fn no_browser(&self, error: &WebDriverError, driver: &Driver) -> Failure {
        let engine = self.engine;
        match self.webdriver {
            WebDriver::Remote(endpoint) => {
                let message = format!(
                    "{} starts no {} (browserName {}): {error}",
                    endpoint.name(),
                    engine.name(),
                    engine.browser_name()
                );
                if is_bad_choice(engine, error) {
                    Failure::Input(message)
                } else {
                    Failure::ours_with(message, "")
                }
            }
            WebDriver::Installed(programs) if engine.is_version_mismatch(&error.to_string()) => {
                let package = engine.package();
                Failure::Input(format!(
                    "{} and {} are of different versions ({error}): install a matching pair, or name one in \
                     {} and {}",
                    programs.driver.display(),
                    programs.browser.display(),
                    package.browser_key,
                    package.driver_key,
                ))
            }
            WebDriver::Installed(programs) => Failure::ours_with(
                format!("{} does not start: {error}", programs.browser.display()),
                driver.output(),
            ),
        }
    }
}

/// Whether a `WebDriver` elsewhere cannot give a browser of `engine` at all. A driver, which has browsers of
/// one engine, says only that capabilities do not match, each in words of its own.
fn is_bad_choice(engine: &dyn Engine, error: &WebDriverError) -> bool {
    match error {
        WebDriverError::Refused { code, message } => {
            let is_other = || {
                let mut engines = ENGINES.iter();
                engines.any(|engine| message.contains(engine.no_match()))
            };
            code == "session not created" && (engine.is_version_mismatch(message) || is_other())
        }
        WebDriverError::Bidi(BidiError::Proxy(_)) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_driver_without_such_a_browser_is_a_bad_choice() {
        for (code, message, is_bad) in [
            (
                "session not created",
                "session not created: No matching capabilities found",
                true,
            ),
            (
                "session not created",
                "Unable to find a matching set of capabilities",
                true,
            ),
            ("session not created", "Failed to match capabilities", true),
            (
                "session not created",
                "This version of ChromeDriver only supports Chrome version 150",
                true,
            ),
            (
                "session not created",
                "no node has a matching free slot",
                false,
            ),
            ("unknown error", "No matching capabilities found", false),
        ] {
            let error = WebDriverError::Refused {
                code: code.into(),
                message: message.into(),
            };
            assert_eq!(is_bad_choice(ENGINES[0], &error), is_bad, "{error}");
        }
    }
}
