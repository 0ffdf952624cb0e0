//! Where reports are kept: a directory a run, and no more than the last of them.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use anyhow::Context;
use jiff::Timestamp;
use opencloud_browser::process::Failure;
use opencloud_reports::PAGE;

use crate::project;

/// How many runs are kept.
const KEPT: usize = 20;

/// Where runs are kept unless somebody says otherwise.
fn home() -> PathBuf {
    project::root().join("target/e2e")
}

/// The name of a run that begins now: its time to the second, and a part that makes it unique.
pub(crate) fn name() -> String {
    let now = Timestamp::try_from(SystemTime::now()).unwrap_or_default();
    let part = now.subsec_nanosecond() / 16 % 0x10000;
    format!("{}_{part:04x}", now.strftime("%Y%m%dT%H%M%SZ"))
}

/// Makes the directory for the reports of the run `id`: `wanted`, or one of its own beside those
/// of earlier runs, the oldest of which go.
pub(crate) fn directory(id: &str, wanted: Option<&Path>) -> anyhow::Result<PathBuf> {
    if let Some(wanted) = wanted {
        fs::create_dir_all(wanted).with_context(|| format!("cannot make {}", wanted.display()))?;
        return Ok(wanted.to_owned());
    }
    new_in(&home(), id)
}

fn new_in(home: &Path, id: &str) -> anyhow::Result<PathBuf> {
    let directory = home.join(id);
    fs::create_dir_all(&directory)
        .with_context(|| format!("cannot make {}", directory.display()))?;
    let runs = runs(home)?;
    for old in runs.iter().take(runs.len().saturating_sub(KEPT)) {
        // Somebody else may be tidying up as well.
        let _ = fs::remove_dir_all(old);
    }
    Ok(directory)
}

/// The directories of earlier runs, the oldest first. Nothing else is theirs.
fn runs(home: &Path) -> io::Result<Vec<PathBuf>> {
    let mut runs = Vec::new();
    for entry in fs::read_dir(home)? {
        let path = entry?.path();
        if path.is_dir()
            && path
                .file_name()
                .is_some_and(|name| is_run(&name.to_string_lossy()))
        {
            runs.push(path);
        }
    }
    runs.sort();
    Ok(runs)
}

/// Whether a directory's name is that of a run: `20261123T124101Z_9c1f`.
fn is_run(name: &str) -> bool {
    let shape: String = name
        .chars()
        .map(|c| if c.is_ascii_hexdigit() { '0' } else { c })
        .collect();
    shape == "00000000T000000Z_0000"
}

/// The report of the run in `directory`, or of the last run.
pub(crate) fn find(directory: Option<&Path>) -> Result<PathBuf, Failure> {
    let none = |place: &Path, advice: &str| {
        Failure::Input(format!(
            "there is no report.html in {}{advice}",
            place.display()
        ))
    };
    if let Some(directory) = directory {
        let report = directory.join(PAGE);
        return if report.is_file() {
            Ok(report)
        } else {
            Err(none(directory, ""))
        };
    }
    let home = home();
    last_in(&home).ok_or_else(|| none(&home, ": `cargo e2e` makes one at the end of each run"))
}

fn last_in(home: &Path) -> Option<PathBuf> {
    let reports = runs(home).unwrap_or_default().into_iter().rev();
    let mut reports = reports.map(|run| run.join(PAGE));
    reports.find(|report| report.is_file())
}

/// `path` as it is shortest from here.
pub(crate) fn from_here(path: &Path) -> PathBuf {
    let here = env::current_dir().ok();
    let relative = here.and_then(|here| path.strip_prefix(here).ok().map(Path::to_owned));
    relative.unwrap_or_else(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_runs_are_kept_and_the_newest_report_is_found() {
        let home = tempfile::tempdir().unwrap();
        let home = home.path();
        fs::create_dir(home.join("mine")).unwrap();
        let id = |number: usize| format!("20261123T1241{number:02}Z_0000");
        for number in 0..22 {
            let directory = new_in(home, &id(number)).unwrap();
            // The last run has not written its report yet.
            if number < 21 {
                fs::write(directory.join("report.html"), "").unwrap();
            }
        }
        let kept: Vec<_> = (2..22).map(|number| home.join(id(number))).collect();
        assert_eq!(runs(home).unwrap(), kept);
        assert!(home.join("mine").is_dir());
        assert_eq!(last_in(home), Some(home.join(id(20)).join("report.html")));
    }

    #[test]
    fn only_runs_count_and_the_oldest_come_first() {
        let home = tempfile::tempdir().unwrap();
        let names = [
            "20261123T124101Z_9c1f",
            "20251123T124101Z_0000",
            "mine",
            "20261123",
        ];
        for name in names {
            fs::create_dir(home.path().join(name)).unwrap();
        }
        assert_eq!(
            runs(home.path()).unwrap(),
            [names[1], names[0]].map(|name| home.path().join(name))
        );
        assert!(is_run(&name()), "{}", name());
    }
}
