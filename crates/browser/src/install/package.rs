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
    /// Debian's packages of the browser and of the driver; they are of one version.
    pub apt: [&'static str; 2],
    /// The command that installs both, by the package manager's program.
    pub commands: &'static [(&'static str, &'static str)],
    /// The command that installs both where apt has no such package, as on Ubuntu, whose Chromium is a snap.
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missing {
    Both,
    Browser,
    Driver,
}

impl Missing {
    pub(super) fn describe(self, package: &Package) -> String {
        let Package {
            browser, driver, ..
        } = package;
        match self {
            Self::Both => format!("{browser} with its {driver}"),
            Self::Browser => (*browser).to_owned(),
            Self::Driver => format!("{driver}, in the browser's version"),
        }
    }
}
