//! Installs a browser and its driver through apt.

use crate::process::print;
use std::{
    fs,
    process::{Command, Output, Stdio},
};

use super::package::{Missing, Package};
use super::programs;
use crate::process::Failure;

/// What the user can do to get `package`.
pub(super) fn advice(package: &Package) -> String {
    if has_package_lists() && lacks_driver(package) {
        return package.without_apt.into();
    }
    let mut commands = package.commands.iter();
    let command = commands.find(|(program, _)| which::which(program).is_ok());
    let how = command.map_or_else(
        || format!("see {}", package.website),
        |(_, command)| format!("run {command}"),
    );
    let (browser, driver) = (package.browser_key, package.driver_key);
    format!("{how}, or name the programs in {browser} and {driver}")
}

/// Installs both through apt, where that can be done without asking for a password.
pub(super) fn install(package: &Package, missing: &Missing) -> Result<(), Failure> {
    let missing = missing.describe(package);
    let Package {
        browser_key,
        driver_key,
        apt: packages,
        ..
    } = package;
    let tools = package.tools.iter().map(|(_, name)| name);
    let names: Vec<_> = packages.iter().chain(tools).copied().collect();
    let Some(apt) = Apt::find() else {
        return Err(Failure::Input(format!(
            "{missing} is missing and cannot be installed from here: {}",
            advice(package)
        )));
    };
    if !has_package_lists() {
        apt.update()?;
    }
    if lacks_driver(package) {
        return Err(Failure::Input(format!(
            "{missing} is missing, and apt has no {}: {}",
            last(package),
            package.without_apt
        )));
    }
    print::err(format_args!("set-up: apt-get install {}", names.join(" ")));
    let mut output = apt.install(&names)?;
    if !output.status.success() {
        // The lists may be older than the packages.
        apt.update()?;
        output = apt.install(&names)?;
    }
    let is_installed = match programs::find(package)? {
        Ok(_) => true,
        // The driver may come from elsewhere.
        Err(missing) => !missing.is_packaged(package),
    };
    if is_installed && output.status.success() {
        return Ok(());
    }
    Err(Failure::ours_with(
        format!(
            "apt-get did not install {}; name a browser and its driver in {browser_key} and \
                 {driver_key}",
            names.join(" and ")
        ),
        last_lines(&output),
    ))
}

fn has_package_lists() -> bool {
    fs::read_dir("/var/lib/apt/lists").is_ok_and(|mut entries| {
        entries.any(|entry| {
            entry.is_ok_and(|entry| entry.file_name().to_string_lossy().contains("_Packages"))
        })
    })
}

/// The package that apt may not know: that of the driver, unless it is built from source.
fn last(package: &Package) -> &'static str {
    package.apt.last().unwrap_or(&"")
}

/// Whether apt does not know it.
fn lacks_driver(package: &Package) -> bool {
    let policy = Command::new("apt-cache")
        .args(["policy", last(package)])
        .env("LC_ALL", "C")
        .output();
    policy.is_ok_and(|policy| {
        let printed = String::from_utf8_lossy(&policy.stdout);
        let has_candidate =
            printed.contains("Candidate: ") && !printed.contains("Candidate: (none)");
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
        print::err("set-up: apt-get update");
        self.run(&["update"])
    }

    fn install(&self, packages: &[&str]) -> Result<Output, Failure> {
        self.run(&[&["install", "-y", "--no-install-recommends"][..], packages].concat())
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
