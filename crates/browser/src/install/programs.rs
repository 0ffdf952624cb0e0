//! Finds a browser and a driver that fit together.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::{
    build,
    package::{Missing, Package, Programs},
};
use crate::process::Failure;

/// Looks where the environment says, then on `PATH` and in the usual places.
pub(super) fn find(package: &Package) -> Result<Result<Programs, Missing>, Failure> {
    let browsers = browsers(package)?;
    let drivers = chosen(package.driver_key)?.or_else(|| in_directory(package));
    let drivers = drivers.map_or_else(|| found_drivers(package), |chosen| vec![chosen]);
    let tools = package.tools.iter().map(|(program, _)| *program);
    let missing = Missing {
        browser: browsers.is_empty(),
        driver: drivers.is_empty(),
        tools: tools.filter(|tool| which::which(tool).is_err()).collect(),
    };
    Ok(if missing == Missing::default() {
        Ok(fitting(
            &browsers,
            &drivers,
            package.driver_crate.is_none(),
            major,
        ))
    } else {
        Err(missing)
    })
}

/// The drivers of the machine, and the one that an earlier run has built.
fn found_drivers(package: &Package) -> Vec<PathBuf> {
    let mut all = all(package.drivers);
    all.extend(build::built(package));
    all
}

/// The browser to be preferred, if there is one.
pub(super) fn browser(package: &Package) -> Result<Option<PathBuf>, Failure> {
    Ok(browsers(package)?.into_iter().next())
}

fn browsers(package: &Package) -> Result<Vec<PathBuf>, Failure> {
    let chosen = chosen(package.browser_key)?;
    Ok(chosen.map_or_else(|| all(package.browsers), |chosen| vec![chosen]))
}

/// The first pair, of one version if it has to be. Where there is no choice, no version is asked for: a driver that does
/// not fit says so when it starts the browser, and that costs less.
fn fitting(
    browsers: &[PathBuf],
    drivers: &[PathBuf],
    same_version: bool,
    version: impl Fn(&Path) -> Option<u32>,
) -> Programs {
    let pair = |browser: &PathBuf, driver: &PathBuf| Programs {
        browser: browser.clone(),
        driver: driver.clone(),
    };
    let is_choice = browsers.len() > 1 || drivers.len() > 1;
    if is_choice && same_version {
        for driver in drivers {
            let wanted = version(driver);
            let mut programs = browsers.iter();
            let fits = |program: &&PathBuf| wanted.is_some() && version(program) == wanted;
            if let Some(program) = programs.find(fits) {
                return pair(program, driver);
            }
        }
    }
    pair(&browsers[0], &drivers[0])
}

/// The first part of the version that a browser or a driver prints.
fn major(program: &Path) -> Option<u32> {
    let output = Command::new(program).arg("--version").output().ok()?;
    in_version(&String::from_utf8_lossy(&output.stdout))
}

fn in_version(printed: &str) -> Option<u32> {
    let mut words = printed.split_whitespace();
    words.find_map(|word| word.split_once('.')?.0.parse().ok())
}

/// The program that the environment variable `key` names.
fn chosen(key: &str) -> Result<Option<PathBuf>, Failure> {
    let Some(value) = env::var_os(key).filter(|value| !value.is_empty()) else {
        return Ok(None);
    };
    match which::which(&value) {
        Ok(program) => Ok(Some(program)),
        Err(_) => Err(Failure::Input(format!(
            "{key}={} is not a program that can be run",
            value.to_string_lossy()
        ))),
    }
}

/// The driver in the directory that a variable names.
fn in_directory(package: &Package) -> Option<PathBuf> {
    let directory = env::var_os(package.driver_directory_key)?;
    which::which(Path::new(&directory).join(package.driver)).ok()
}

fn all(names: &[&str]) -> Vec<PathBuf> {
    let found = names.iter().filter_map(|name| which::which(name).ok());
    let mut found: Vec<_> = found.collect();
    // Some are names of one program.
    let mut known = Vec::new();
    found.retain(|program| {
        let real = fs::canonicalize(program);
        let is_new = real.as_ref().is_ok_and(|real| !known.contains(real));
        known.extend(real);
        is_new
    });
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_taken_that_fits_the_driver() {
        let paths = |names: &[&str]| names.iter().map(PathBuf::from).collect::<Vec<_>>();
        let version = |program: &Path| match program.to_str()? {
            "google-chrome" => Some(150),
            "broken" => None,
            _ => Some(148),
        };
        let pick = |browsers: &[&str], drivers: &[&str]| {
            let found = fitting(&paths(browsers), &paths(drivers), true, version);
            let name = |path: PathBuf| path.display().to_string();
            (name(found.browser), name(found.driver))
        };
        let pair = |program: &str, driver: &str| (program.to_owned(), driver.to_owned());
        assert_eq!(
            pick(&["google-chrome", "chromium"], &["chromedriver"]),
            pair("chromium", "chromedriver")
        );
        assert_eq!(
            pick(&["chromium"], &["broken", "chromedriver"]),
            pair("chromium", "chromedriver")
        );
        // Then the driver says what is wrong.
        assert_eq!(
            pick(&["google-chrome", "broken"], &["chromedriver"]),
            pair("google-chrome", "chromedriver")
        );
        assert_eq!(
            pick(&["google-chrome"], &["chromedriver"]),
            pair("google-chrome", "chromedriver")
        );
    }

    #[test]
    fn versions_are_read_of_browsers_and_drivers() {
        let printed = "ChromeDriver 148.0.7778.167 (0a1b2c-refs/branch-heads/7778@{#1})";
        assert_eq!(in_version(printed), Some(148));
        assert_eq!(in_version("Google Chrome 149.0.1 \n"), Some(149));
        assert_eq!(in_version("no version"), None);
    }
}
