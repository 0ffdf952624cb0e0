//! The inputs of real jobs: fetched once and outside the browser, kept with their checksums, and
//! served beside the page.

mod cache;
mod download;
mod source;
mod unpack;

use std::{
    collections::{BTreeMap, btree_map::Entry},
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
    time::Duration,
};

use opencloud_browser::process::{Failure, Interrupt, print};
use opencloud_model::{
    application::{self, Application},
    redact,
    settings::{ApplicationChoice, Values},
};

use crate::project;
use cache::{Cache, State};
use source::Source;

/// How long another run may take to fetch them.
const OTHERS_LIMIT: Duration = Duration::from_secs(60 * 60);

/// Where the inputs are, and where they come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Inputs {
    /// Holds a directory for each application.
    pub(crate) directory: PathBuf,
    /// The address that replaces the one in an application's file.
    source: Option<String>,
    /// The zip or the directory for applications whose files name no address.
    others: Option<String>,
    /// The applications that get inputs.
    choice: ApplicationChoice,
}

impl Inputs {
    /// Reads the settings of inputs.
    pub(crate) fn of(values: Values<'_>, choice: ApplicationChoice) -> Self {
        Self {
            directory: project::root().join(values.get_or_default("INPUTS_DIRECTORY")),
            source: values.get("INPUTS_SOURCE").map(Into::into),
            others: values.get("APPLICATION_INPUTS").map(Into::into),
            choice,
        }
    }

    /// The folders of the directory that hold inputs, one for each chosen application. Whatever else is there is the
    /// user's own.
    pub(crate) fn folders(&self) -> Result<Vec<String>, Failure> {
        let needed = self.needed()?.into_iter();
        Ok(needed.map(|(name, _)| name).collect())
    }

    /// The applications that get inputs, each with its name.
    fn needed(&self) -> Result<Vec<(String, Application)>, Failure> {
        let all = application::check_all(&project::root().join("tests/applications"))
            .map_err(|error| Failure::Input(error.to_string()))?;
        let is_needed =
            |(name, _): &&(String, Application)| application::is_needed(name, &all, &self.choice);
        Ok(all.iter().filter(is_needed).cloned().collect())
    }

    /// Fetches the inputs of every chosen application that are missing, and verifies the others. With
    /// `renew` all are fetched anew and may have changed.
    pub(crate) fn ensure(&self, renew: bool, interrupt: &Interrupt) -> Result<(), Failure> {
        let needed = self.needed()?;
        fs::create_dir_all(&self.directory)
            .map_err(|error| download::unusable(&self.directory, &error))?;
        // Another run may be fetching the same inputs.
        let _lock = self.lock(interrupt)?;
        let mut sources = BTreeMap::new();
        for (name, application) in &needed {
            self.ensure_one(name, application, renew, &mut sources, interrupt)?;
        }
        Ok(())
    }

    /// Held until it is dropped. The system releases it if this process is killed.
    fn lock(&self, interrupt: &Interrupt) -> Result<File, Failure> {
        let file = File::create(self.directory.join(".lock"))
            .map_err(|error| download::unusable(&self.directory, &error))?;
        let mut waits = false;
        let locked = interrupt.poll(OTHERS_LIMIT, || match file.try_lock() {
            Ok(()) => Ok(Some(())),
            Err(TryLockError::WouldBlock) => {
                if !waits {
                    print::err("inputs: waiting for another run to fetch them");
                }
                waits = true;
                Ok(None)
            }
            Err(TryLockError::Error(error)) => Err(Failure::ours(error)),
        })?;
        let message = "another run has been fetching the inputs for an hour";
        locked.ok_or_else(|| Failure::ours_with(message, ""))?;
        Ok(file)
    }

    /// Several applications may have one of the `sources`, which is opened once.
    fn ensure_one(
        &self,
        name: &str,
        application: &Application,
        renew: bool,
        sources: &mut BTreeMap<String, Source>,
        interrupt: &Interrupt,
    ) -> Result<(), Failure> {
        let Some(download) = &application.download else {
            return Ok(());
        };
        let named = match &download.url {
            Some(url) => Some(("INPUTS_SOURCE", self.source.as_ref().unwrap_or(url))),
            None => self
                .others
                .as_ref()
                .map(|named| ("APPLICATION_INPUTS", named)),
        };
        let cache = Cache::new(self.directory.join(name));
        let check = |cache: &Cache| {
            let mut inputs = application.inputs.iter();
            inputs.try_for_each(|input| check(name, application, input, &cache.path(&input.file)))
        };
        // Without any, the page uses what lies in the directory, or does not test the application.
        let Some((key, named)) = named else {
            return check(&cache);
        };
        match cache.state(application).map_err(Failure::ours)? {
            // The application's file may have changed since they were fetched.
            State::Complete if !renew => return check(&cache),
            State::Changed(file) if !renew => {
                return Err(Failure::Input(format!(
                    "{} is not what was fetched: `cargo e2e inputs --renew` fetches it anew",
                    cache.path(&file).display()
                )));
            }
            _ => {}
        }
        let opened = match sources.entry(named.clone()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                new.insert(Source::open((key, named), &self.directory, interrupt)?)
            }
        };
        let source = redact::shown_url(named);
        let fresh = tempfile::tempdir_in(&self.directory)
            .map_err(|error| download::unusable(&self.directory, &error))?;
        for input in &application.inputs {
            let (folder, file) = (&download.folder, &input.file);
            opened
                .take(folder, file, &fresh.path().join(file))
                .map_err(|problem| Failure::Input(format!("{key}: {opened} {source} {problem}")))?;
        }
        let fresh = Cache::new(fresh.path().to_owned());
        check(&fresh)?;
        let sums = fresh.sums(application).map_err(Failure::ours)?;
        judge(name, application, &cache, &sums, &source, renew)?;
        cache.take(&fresh, &sums).map_err(Failure::ours)?;
        for (file, sum) in &sums {
            print::err(format_args!(
                "inputs: {} (SHA-256 {sum})",
                cache.path(file).display()
            ));
        }
        Ok(())
    }
}

/// Fails if files of `source` with these checksums are others than the application's file wants, or, unless
/// they are to be renewed, than they were before.
fn judge(
    name: &str,
    application: &Application,
    cache: &Cache,
    sums: &BTreeMap<String, String>,
    source: &str,
    renew: bool,
) -> Result<(), Failure> {
    for input in &application.inputs {
        let (file, sum) = (&input.file, &sums[&input.file]);
        if let Some(pinned) = input.sha256.as_ref().filter(|pinned| *pinned != sum) {
            return Err(Failure::Input(format!(
                "{file} of {source} has changed: its SHA-256 is {sum}, but tests/applications/{name}.yaml \
                 wants {pinned}"
            )));
        }
        let before = cache.recorded(file).map_err(Failure::ours)?;
        let Some(before) = before.filter(|before| before != sum) else {
            continue;
        };
        if !renew {
            return Err(Failure::Input(format!(
                "{file} of {source} has changed: its SHA-256 is {sum}, before it was {before}; \
                 `cargo e2e inputs --renew` accepts that"
            )));
        }
        print::err(format_args!(
            "inputs: {file} has changed, its SHA-256 was {before}"
        ));
    }
    Ok(())
}

/// Fails unless the file, if it is there, is what the application's file asks for.
fn check(
    name: &str,
    application: &Application,
    input: &application::Input,
    path: &Path,
) -> Result<(), Failure> {
    if !application.reads(input) || !path.exists() {
        return Ok(());
    }
    let wrong = |problem: String| {
        Failure::Input(format!(
            "{} of {name} cannot be edited as tests/applications/{name}.yaml asks (application {}): \
             {problem}",
            input.file, application.application
        ))
    };
    let text = fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    application
        .check_edits(input, &text)
        .map_err(|error| wrong(error.to_string()))
}
