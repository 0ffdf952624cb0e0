//! Chrome or Chromium, and the chromedriver that drives it.

use std::{
    env, fmt, fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use super::announce;
use crate::failure::Failure;

const BROWSERS: [&str; 6] = [
    "google-chrome",
    "google-chrome-stable",
    "chromium",
    "chromium-browser",
    "chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

const DRIVERS: [&str; 3] = [
    "chromedriver",
    "/usr/lib/chromium-browser/chromedriver",
    "/usr/lib/chromium/chromedriver",
];

/// Debian's packages; they are of one version.
const PACKAGES: [&str; 2] = ["chromium", "chromium-driver"];

/// What installs a pair where apt has none, as on Ubuntu, whose Chromium comes in a snap.
const ELSEWHERE: &str = "npx @puppeteer/browsers install chrome@stable and npx \
                         @puppeteer/browsers install chromedriver@stable";

/// A browser with its driver.
#[derive(Clone, Debug)]
pub(crate) struct Browser {
    /// The browser's program.
    pub(crate) program: PathBuf,
    /// chromedriver.
    pub(crate) driver: PathBuf,
}

/// What is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missing {
    /// Neither a browser nor a driver.
    Both,
    /// A browser.
    Browser,
    /// A driver.
    Driver,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Both => "Chrome or Chromium with its chromedriver",
            Self::Browser => "Chrome or Chromium",
            Self::Driver => "chromedriver, in the browser's version",
        })
    }
}

/// Looks where `CHROME` and `CHROMEDRIVER` say, then on `PATH` and in the usual places.
pub(super) fn find() -> Result<Result<Browser, Missing>, Failure> {
    let browsers = chosen("CHROME")?.map_or_else(|| all(&BROWSERS), |chosen| vec![chosen]);
    let drivers = chosen("CHROMEDRIVER")?
        .or_else(of_github)
        .map_or_else(|| all(&DRIVERS), |chosen| vec![chosen]);
    Ok(match (browsers.is_empty(), drivers.is_empty()) {
        (false, false) => Ok(fitting(&browsers, &drivers, major)),
        (true, true) => Err(Missing::Both),
        (true, false) => Err(Missing::Browser),
        (false, true) => Err(Missing::Driver),
    })
}

/// The first pair of one version. Where there is no choice, nobody is asked for a version: a driver
/// that does not fit says so when it starts the browser, and asking both costs more than that.
fn fitting(
    browsers: &[PathBuf],
    drivers: &[PathBuf],
    version: impl Fn(&Path) -> Option<u32>,
) -> Browser {
    let pair = |program: &PathBuf, driver: &PathBuf| Browser {
        program: program.clone(),
        driver: driver.clone(),
    };
    if browsers.len() > 1 || drivers.len() > 1 {
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

/// The first part of the version that a browser or a driver tells.
fn major(program: &Path) -> Option<u32> {
    let output = Command::new(program).arg("--version").output().ok()?;
    in_version(&String::from_utf8_lossy(&output.stdout))
}

fn in_version(told: &str) -> Option<u32> {
    let mut words = told.split_whitespace();
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
            "{key}={} is no program that can be run",
            value.to_string_lossy()
        ))),
    }
}

/// GitHub's machines have a chromedriver for their Chrome in a directory that a variable names.
fn of_github() -> Option<PathBuf> {
    let driver = Path::new(&env::var_os("CHROMEWEBDRIVER")?).join("chromedriver");
    which::which(driver).ok()
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

/// The command that installs a browser with its driver on this machine.
pub(super) fn command() -> &'static str {
    if has_package_lists() && apt_lacks_driver() {
        return ELSEWHERE;
    }
    [
        (
            "apt-get",
            "sudo apt-get install -y --no-install-recommends chromium chromium-driver",
        ),
        ("dnf", "sudo dnf install -y chromium chromedriver"),
        ("pacman", "sudo pacman -S --noconfirm chromium"),
        ("apk", "sudo apk add chromium chromium-chromedriver"),
        ("zypper", "sudo zypper install -y chromium chromedriver"),
        ("brew", "brew install --cask google-chrome chromedriver"),
    ]
    .into_iter()
    .find_map(|(program, command)| which::which(program).ok().map(|_| command))
    .unwrap_or("see https://googlechromelabs.github.io/chrome-for-testing/")
}

/// Installs both through apt, where that can be done without asking for a password.
pub(super) fn install(missing: Missing) -> Result<Browser, Failure> {
    let Some(apt) = Apt::find() else {
        return Err(Failure::Input(format!(
            "{missing} is missing and cannot be installed from here: run {}, or name the programs \
             in CHROME and CHROMEDRIVER",
            command()
        )));
    };
    if !has_package_lists() {
        apt.update()?;
    }
    if apt_lacks_driver() {
        return Err(Failure::Input(format!(
            "{missing} is missing, and apt has no {}: run {ELSEWHERE}, and name the programs that \
             they print in CHROME and CHROMEDRIVER",
            PACKAGES[1]
        )));
    }
    announce(&format!("apt-get install {}", PACKAGES.join(" ")));
    let mut output = apt.install()?;
    if !output.status.success() {
        // The lists may be older than the packages.
        apt.update()?;
        output = apt.install()?;
    }
    match find()? {
        Ok(browser) if output.status.success() => Ok(browser),
        _ => Err(Failure::ours_with(
            format!(
                "apt-get did not install {}; name a browser and its driver in CHROME and \
                 CHROMEDRIVER",
                PACKAGES.join(" and ")
            ),
            last_lines(&output),
        )),
    }
}

fn has_package_lists() -> bool {
    fs::read_dir("/var/lib/apt/lists").is_ok_and(|mut entries| {
        entries.any(|entry| {
            entry.is_ok_and(|entry| entry.file_name().to_string_lossy().contains("_Packages"))
        })
    })
}

/// Whether apt knows no package with a driver.
fn apt_lacks_driver() -> bool {
    let policy = Command::new("apt-cache")
        .args(["policy", PACKAGES[1]])
        .env("LC_ALL", "C")
        .output();
    policy.is_ok_and(|policy| {
        let told = String::from_utf8_lossy(&policy.stdout);
        let has_candidate = told.contains("Candidate: ") && !told.contains("Candidate: (none)");
        policy.status.success() && !has_candidate
    })
}

fn last_lines(output: &Output) -> String {
    let text = [&output.stdout[..], &output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}

struct Apt {
    as_root: bool,
}

impl Apt {
    /// `None` where there is no apt or it may not be used without a password.
    fn find() -> Option<Self> {
        which::which("apt-get").ok()?;
        let as_root = rustix::process::geteuid().is_root();
        let may_use = as_root
            || Command::new("sudo")
                .args(["-n", "true"])
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .is_ok_and(|status| status.success());
        may_use.then_some(Self { as_root })
    }

    fn update(&self) -> Result<Output, Failure> {
        announce("apt-get update");
        self.run(&["update"])
    }

    fn install(&self) -> Result<Output, Failure> {
        self.run(&[&["install", "-y", "--no-install-recommends"][..], &PACKAGES].concat())
    }

    /// Runs to its end even when the run is asked to end: a package that is half installed is
    /// worse than a short wait.
    fn run(&self, args: &[&str]) -> Result<Output, Failure> {
        let mut command = if self.as_root {
            Command::new("env")
        } else {
            let mut sudo = Command::new("sudo");
            sudo.args(["-n", "env"]);
            sudo
        };
        command
            .args(["DEBIAN_FRONTEND=noninteractive", "apt-get"])
            // Another program may be at it.
            .args(["-o", "DPkg::Lock::Timeout=300"])
            .args(args)
            .stdin(Stdio::null())
            .output()
            .map_err(Failure::ours)
    }
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
            let found = fitting(&paths(browsers), &paths(drivers), version);
            let name = |path: PathBuf| path.display().to_string();
            (name(found.program), name(found.driver))
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
        let told = "ChromeDriver 148.0.7778.167 (0a1b2c-refs/branch-heads/7778@{#1})";
        assert_eq!(in_version(told), Some(148));
        assert_eq!(in_version("Google Chrome 149.0.1 \n"), Some(149));
        assert_eq!(in_version("no version"), None);
    }
}
