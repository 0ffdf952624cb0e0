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

/// A browser with its driver. Whether their versions match is the driver's own business: it says
/// so when it starts the browser, and asking both beforehand costs more than that.
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
    let program = chosen("CHROME")?.or_else(|| first(&BROWSERS));
    let driver = chosen("CHROMEDRIVER")?
        .or_else(of_github)
        .or_else(|| first(&DRIVERS));
    Ok(match (program, driver) {
        (Some(program), Some(driver)) => Ok(Browser { program, driver }),
        (None, None) => Err(Missing::Both),
        (None, Some(_)) => Err(Missing::Browser),
        (Some(_), None) => Err(Missing::Driver),
    })
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

fn first(names: &[&str]) -> Option<PathBuf> {
    names.iter().find_map(|name| which::which(name).ok())
}

/// The command that installs a browser with its driver on this machine.
pub(super) fn command() -> &'static str {
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
    announce(&format!("apt-get install {}", PACKAGES.join(" ")));
    let mut output = if has_package_lists() {
        apt.install()?
    } else {
        apt.update()?;
        apt.install()?
    };
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
