//! The kept inputs of one application, with a list of checksums as `sha256sum` writes it.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use opencloud_model::application::Application;
use sha2::{Digest, Sha256};

const LIST: &str = "SHA256SUMS";

/// A directory of inputs.
#[derive(Debug)]
pub(super) struct Cache(PathBuf);

/// The state of its files.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum State {
    /// All files are there, unchanged.
    Complete,
    /// A file is missing.
    Missing,
    /// The file of this name has changed since it was fetched.
    Changed(String),
}

impl Cache {
    pub(super) fn new(directory: PathBuf) -> Self {
        Self(directory)
    }

    pub(super) fn path(&self, file: &str) -> PathBuf {
        self.0.join(file)
    }

    /// Compares every input with its checksums: the one that was recorded when it was fetched, and
    /// the one that the application's file may name.
    pub(super) fn state(&self, application: &Application) -> io::Result<State> {
        for input in &application.inputs {
            let (Some(recorded), true) =
                (self.recorded(&input.file)?, self.path(&input.file).exists())
            else {
                return Ok(State::Missing);
            };
            let sum = sum(&self.path(&input.file))?;
            let is_wanted = input.sha256.as_ref().is_none_or(|wanted| *wanted == sum);
            if sum != recorded || !is_wanted {
                return Ok(State::Changed(input.file.clone()));
            }
        }
        Ok(State::Complete)
    }

    /// The SHA-256 of each file in hexadecimal digits. One file may be several inputs.
    pub(super) fn sums(&self, application: &Application) -> io::Result<BTreeMap<String, String>> {
        let files = application.inputs.iter().map(|input| &input.file);
        files
            .map(|file| Ok((file.clone(), sum(&self.path(file))?)))
            .collect()
    }

    /// The checksum that was recorded for `file`.
    pub(super) fn recorded(&self, file: &str) -> io::Result<Option<String>> {
        let list = match fs::read_to_string(self.path(LIST)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            list => list?,
        };
        let lines = list.lines().filter_map(|line| line.split_once("  "));
        let mut found = lines.filter(|(_, name)| *name == file);
        Ok(found.next().map(|(sum, _)| sum.to_owned()))
    }

    /// Moves the files of `fresh`, in a directory of the same file system, to here. The list is moved
    /// last: until then, new files count as missing, and renewed ones as changed.
    pub(super) fn take(&self, fresh: &Self, sums: &BTreeMap<String, String>) -> io::Result<()> {
        fs::create_dir_all(&self.0)?;
        for file in sums.keys() {
            fs::rename(fresh.path(file), self.path(file))?;
        }
        let list: Vec<_> = sums
            .iter()
            .map(|(file, sum)| format!("{sum}  {file}\n"))
            .collect();
        fs::write(fresh.path(LIST), list.concat())?;
        fs::rename(fresh.path(LIST), self.path(LIST))
    }
}

fn sum(path: &Path) -> io::Result<String> {
    // A file may be large.
    let mut hasher = Sha256::new();
    io::copy(&mut File::open(path)?, &mut hasher)?;
    Ok(format!("{:x}", hasher.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As a calibration that a job reads and keeps beside its outputs.
    #[test]
    fn a_file_that_goes_to_two_directories_is_one_file() {
        let application: Application = serde_yaml::from_str(
            "application: a\nversion: v\nentrypoint: e\noutputs: []\n\
             inputs: [{file: a.yaml, to: config}, {file: b, to: data}, {file: b, to: artifact}]\n",
        )
        .unwrap();
        let [there, fresh] = [(); 2].map(|()| tempfile::tempdir().unwrap());
        for file in ["a.yaml", "b"] {
            fs::write(fresh.path().join(file), file).unwrap();
        }
        let there = Cache::new(there.path().to_owned());
        let fresh = Cache::new(fresh.path().to_owned());
        assert_eq!(there.state(&application).unwrap(), State::Missing);
        there
            .take(&fresh, &fresh.sums(&application).unwrap())
            .unwrap();
        assert_eq!(there.state(&application).unwrap(), State::Complete);
        let list = fs::read_to_string(there.path(LIST)).unwrap();
        assert_eq!(list.lines().count(), 2, "{list}");
    }
}
