//! A browser and its driver, as they are installed.

use std::path::PathBuf;

/// Where the programs of an engine are found, and how they are installed.
#[derive(Debug)]
pub struct Package {
    /// The browser's name for people.
    pub browser: &'static str,
    /// The driver's name.
    pub driver: &'static str,
    /// The environment variable that names the browser's program.
    pub browser_key: &'static str,
    /// The environment variable that names the driver's program.
    pub driver_key: &'static str,
    /// The variable that names the driver's directory on GitHub's machines.
    pub driver_directory_key: &'static str,
    /// The browser's programs, those to be preferred first.
    pub browsers: &'static [&'static str],
    /// The driver's programs.
    pub drivers: &'static [&'static str],
    /// Debian's packages of the browser and, as the last one, of the driver.
    pub apt: &'static [&'static str],
    /// The crate of the driver with its version, if it is built from source.
    pub driver_crate: Option<&'static str>,
    /// Further programs that a browser without a window needs, each with Debian's package of it.
    pub tools: &'static [(&'static str, &'static str)],
    /// The command that installs all, by the package manager's program.
    pub commands: &'static [(&'static str, &'static str)],
    /// What to do where apt has no such package, as on Ubuntu, whose Chromium is a snap.
    pub without_apt: &'static str,
    /// Where to look otherwise.
    pub website: &'static str,
}

/// The programs of a browser and its driver.
#[derive(Clone, Debug)]
pub struct Programs {
    /// The browser's.
    pub browser: PathBuf,
    /// The driver's.
    pub driver: PathBuf,
}

/// The programs that are missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Missing {
    pub(super) browser: bool,
    pub(super) driver: bool,
    pub(super) tools: Vec<&'static str>,
}

impl Missing {
    pub(super) fn describe(&self, package: &Package) -> String {
        let Package {
            browser,
            driver,
            driver_crate,
            ..
        } = package;
        let pair = match (self.browser, self.driver) {
            (true, true) => Some(format!("{browser} with its {driver}")),
            (true, false) => Some((*browser).to_owned()),
            (false, true) if driver_crate.is_some() => Some((*driver).to_owned()),
            (false, true) => Some(format!("{driver}, in the browser's version")),
            (false, false) => None,
        };
        let tools = self.tools.iter().map(|tool| (*tool).to_owned());
        let all: Vec<_> = pair.into_iter().chain(tools).collect();
        all.join(" and ")
    }

    /// Whether a package manager has what is missing.
    pub(super) fn is_packaged(&self, package: &Package) -> bool {
        self.browser || !self.tools.is_empty() || (self.driver && package.driver_crate.is_none())
    }
}
