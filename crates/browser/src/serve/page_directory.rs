//! The directory whose files the page's server has.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use anyhow::Context;
use tempfile::Builder;

use super::runner;
use crate::process::{Failure, Interrupt, Resources};

/// How many pages are kept. Checkouts that share what they compile have a page each, and so has the state
/// before a change.
const KEPT: usize = 4;

/// The test page and the files that it may fetch, in a directory of the run's own.
#[derive(Debug)]
pub struct PageDirectory(PathBuf);

impl PageDirectory {
    /// Makes the directory at `path`, with copies of those of `root`'s `folders` that are there.
    pub fn new(path: PathBuf, root: &Path, folders: &[&str]) -> anyhow::Result<Self> {
        fs::create_dir(&path)?;
        for folder in folders {
            let from = root.join(folder);
            if from.exists() {
                copy(&from, &path.join(folder)).with_context(|| format!("cannot copy {folder}"))?;
            }
        }
        Ok(Self(path))
    }

    /// Puts copies of those of the `folders` of `from` that are there into the directory `name`.
    pub fn add(&self, name: &str, from: &Path, folders: &[String]) -> anyhow::Result<()> {
        let into = self.0.join(name);
        for folder in folders {
            let from = from.join(folder);
            if from.is_dir() {
                copy(&from, &into.join(folder))
                    .with_context(|| format!("cannot copy {}", from.display()))?;
            }
        }
        Ok(())
    }

    /// Adds the page of `wasm`. The test runner makes it, in more than a second of processor time, so it is
    /// kept beside the wasm for as long as that stays the same.
    pub fn add_page(
        &self,
        resources: &Resources,
        interrupt: &Interrupt,
        wasm: &Path,
    ) -> Result<(), Failure> {
        let kept = wasm.with_file_name("pages");
        let page = kept.join(runner::fingerprint(wasm)?);
        // Another run may be about to delete it. It is whole as long as it has its name.
        if page.is_dir() && copy(&page, &self.0).is_ok() && page.is_dir() {
            return Ok(());
        }
        let made = runner::make_page(resources, interrupt, wasm)?;
        copy(&made, &self.0).context("cannot copy the page")?;
        // The next run makes it again if this one cannot keep it.
        let _ = keep(&made, &page).and_then(|()| delete_all_but(KEPT, &kept));
        Ok(())
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

/// Copies `made` to `page`, where it is whole or not at all.
fn keep(made: &Path, page: &Path) -> io::Result<()> {
    let kept = page.parent().ok_or(io::ErrorKind::InvalidInput)?;
    fs::create_dir_all(kept)?;
    let whole = Builder::new().prefix(".").tempdir_in(kept)?;
    copy(made, whole.path())?;
    // It fails where another run has been quicker.
    fs::rename(whole.path(), page)
}

/// Deletes what is in `directory`, but for the `count` that are newest.
fn delete_all_but(count: usize, directory: &Path) -> io::Result<()> {
    let made = |path: &Path| path.metadata().and_then(|data| data.modified());
    let mut all: Vec<(SystemTime, PathBuf)> = fs::read_dir(directory)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter_map(|path| Some((made(&path).ok()?, path)))
        .collect();
    all.sort_unstable();
    all.truncate(all.len().saturating_sub(count));
    for (_, path) in all {
        // Another run may be deleting it too.
        let _ = delete(&path);
    }
    Ok(())
}

/// Deletes a page, which nobody finds any more before its first file is gone.
fn delete(page: &Path) -> io::Result<()> {
    let kept = page.parent().ok_or(io::ErrorKind::InvalidInput)?;
    let away = Builder::new().prefix(".").tempdir_in(kept)?;
    fs::rename(page, away.path().join("page"))
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn names(directory: &Path) -> Vec<String> {
        let entries = fs::read_dir(directory).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.collect();
        names.sort();
        names
    }

    #[test]
    fn a_page_is_kept_whole_or_not_at_all() {
        let directory = tempfile::tempdir().unwrap();
        let made = directory.path().join("made");
        fs::create_dir_all(made.join("snippets")).unwrap();
        fs::write(made.join("index.html"), "page").unwrap();
        fs::write(made.join("snippets/page.js"), "script").unwrap();
        let kept = directory.path().join("pages");
        let page = kept.join("1234");
        keep(&made, &page).unwrap();
        assert_eq!(names(&page), ["index.html", "snippets"]);
        assert_eq!(fs::read(page.join("snippets/page.js")).unwrap(), b"script");

        // Another run has kept it meanwhile.
        fs::write(made.join("index.html"), "another").unwrap();
        keep(&made, &page).unwrap_err();
        assert_eq!(fs::read(page.join("index.html")).unwrap(), b"page");
        assert_eq!(names(&kept), ["1234"]);

        keep(&directory.path().join("none"), &kept.join("5678")).unwrap_err();
        assert_eq!(names(&kept), ["1234"]);
    }

    #[test]
    fn the_newest_pages_stay() {
        let directory = tempfile::tempdir().unwrap();
        let now = SystemTime::now();
        for age in 0..6 {
            let page = directory.path().join(format!("{age}"));
            fs::create_dir(&page).unwrap();
            let made = now - Duration::from_secs(60 * age);
            fs::File::open(&page).unwrap().set_modified(made).unwrap();
        }
        delete_all_but(4, directory.path()).unwrap();
        assert_eq!(names(directory.path()), ["0", "1", "2", "3"]);
    }
}
