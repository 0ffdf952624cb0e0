//! The settings that are given: by the file, by the environment of this process, and by options.

use std::{collections::BTreeSet, env, ffi::OsString, fmt, fs, io, path::Path};

use opencloud_browser::process::{Failure, print};
use opencloud_model::{
    redact,
    settings::{Setting, SettingsError, Values, dotenv, dotenv::Entry, table},
};

use crate::project;

/// The file that is read unless another is named.
const DEFAULT: &str = ".env";

/// Where the value of a setting comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// A line of the file of this name.
    File(String, usize),
    /// The environment of this process.
    Environment,
    /// An option.
    Option(String),
    /// This command itself.
    Command,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(name, line) => write!(f, "{name}, line {line}"),
            Self::Environment => f.write_str("the environment"),
            Self::Option(option) => f.write_str(option),
            Self::Command => f.write_str("cargo e2e"),
        }
    }
}

/// Keys and values, each with its source. The last of a key counts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Given {
    pairs: Vec<(String, String)>,
    sources: Vec<Source>,
    /// Whether there is a file.
    pub(crate) has_file: bool,
    /// The file that is read in place of .env.
    other_file: Option<String>,
    notes: Vec<String>,
}

impl Given {
    /// Reads the file that the user names, or .env, where there may be none, and the environment, which
    /// wins.
    pub(crate) fn read(env_file: Option<&Path>) -> Result<Self, Failure> {
        let (text, name) = match env_file {
            None => (text(&project::root().join(DEFAULT))?, DEFAULT.to_owned()),
            Some(path) => {
                let name = path.display().to_string();
                let missing = || Failure::Input(format!("there is no file {name}"));
                (Some(text(path)?.ok_or_else(missing)?), name)
            }
        };
        Self::file(text.as_deref(), &name)?.with_environment(|key| env::var_os(key))
    }

    /// The settings of a file with this text.
    pub(crate) fn file(text: Option<&str>, name: &str) -> Result<Self, Failure> {
        let mut given = Self {
            has_file: text.is_some(),
            other_file: Some(name.to_owned()).filter(|name| name != DEFAULT),
            ..Self::default()
        };
        let document = dotenv::read(text.unwrap_or_default())
            .map_err(|error| Failure::Input(format!("{name}, {error}")))?;
        // Other programs keep theirs in the file, too.
        let notes = document.notes.into_iter();
        let notes = notes.filter(|note| table::find(&note.key).is_some());
        given.notes = notes.map(|note| format!("{name}, {note}")).collect();
        for Entry { key, value, line } in document.entries {
            if let Some(meant) = meant(&key) {
                if table::is_secret(meant.key) && !value.is_empty() {
                    redact::learn(&value);
                }
                given.notes.push(format!(
                    "{name}, line {line}: {key} is not a setting, but {} is",
                    meant.key
                ));
            }
            given.set(&key, &value, Source::File(name.to_owned(), line));
        }
        Ok(given)
    }

    /// The same with all settings that the environment has. An empty variable counts as none: shells and
    /// workflows make one where there is nothing to say.
    fn with_environment(
        mut self,
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self, Failure> {
        for setting in table::all() {
            let Some(value) = variable(setting.key).filter(|value| !value.is_empty()) else {
                continue;
            };
            let value = value.into_string().map_err(|_| {
                let key = setting.key;
                Failure::Input(format!("{key} is not UTF-8 (from {})", Source::Environment))
            })?;
            self.set(setting.key, &value, Source::Environment);
        }
        Ok(self)
    }

    /// The settings of the environment and of options, without any file.
    pub(crate) fn of_options<'a>(
        options: impl Iterator<Item = (&'static str, &'static str, &'a str)>,
    ) -> Result<Self, Failure> {
        let mut given = Self::default().with_environment(|key| env::var_os(key))?;
        given.set_by_options(options);
        Ok(given)
    }

    /// Adds the values of options, each with the option's name and the key before it.
    pub(crate) fn set_by_options<'a>(
        &mut self,
        options: impl Iterator<Item = (&'static str, &'static str, &'a str)>,
    ) {
        for (option, key, value) in options {
            self.set(key, value, Source::Option(option.into()));
        }
    }

    /// Adds a value, which wins over those before.
    pub(crate) fn set(&mut self, key: &str, value: &str, source: Source) {
        if table::is_secret(key) && !value.is_empty() {
            redact::learn(value);
        }
        self.pairs.push((key.to_owned(), value.to_owned()));
        self.sources.push(source);
    }

    /// The keys and values.
    pub(crate) fn pairs(&self) -> &[(String, String)] {
        &self.pairs
    }

    /// Whether the embedded stack is tested. An unknown environment is found out later.
    pub(crate) fn is_embedded(&self) -> bool {
        let name = self.values().get_or_default("ENVIRONMENT");
        name.eq_ignore_ascii_case("embedded")
    }

    /// The keys and values.
    pub(crate) fn values(&self) -> Values<'_> {
        Values(&self.pairs)
    }

    /// Where the value that counts comes from.
    fn source(&self, key: &str) -> Option<&Source> {
        let mut all = self.pairs.iter().zip(&self.sources).rev();
        all.find_map(|((k, _), source)| (k == key).then_some(source))
    }

    /// Where this value of a run comes from. What was not given is the command's own.
    pub(crate) fn source_of(&self, key: &str, value: &str) -> Source {
        let mut all = self.pairs.iter().zip(&self.sources).rev();
        let found = all.find_map(|((k, v), source)| (k == key && v == value).then_some(source));
        found.cloned().unwrap_or(Source::Command)
    }

    /// The error with the source of the value that it is about.
    pub(crate) fn refuse(&self, error: &SettingsError) -> Failure {
        self.refuse_key(error.key(), error)
    }

    /// `problem` with the source of the value of `key`.
    pub(crate) fn refuse_key(&self, key: Option<&str>, problem: &dyn fmt::Display) -> Failure {
        let source = key.and_then(|key| self.source(key));
        Failure::Input(match (source, &self.other_file) {
            (Some(source), _) => format!("{problem} (from {source})"),
            (None, Some(file)) => format!("{problem} (in place of {DEFAULT}, {file} is read)"),
            (None, None) => problem.to_string(),
        })
    }

    /// Where the settings come from that `message` names, for its end; empty if it names none that was given.
    pub(crate) fn sources_of(&self, message: &str) -> String {
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let words: BTreeSet<_> = message.split(|c| !is_word(c)).collect();
        let named = words.into_iter().filter(|word| table::find(word).is_some());
        let sources = named.filter_map(|key| {
            let source = self
                .source(key)
                .filter(|source| **source != Source::Command)?;
            Some(format!("{key} is from {source}"))
        });
        let sources: Vec<_> = sources.collect();
        match sources.as_slice() {
            [] => String::new(),
            sources => format!(" ({})", sources.join("; ")),
        }
    }

    /// Says how lines of the file are read where programs differ, and which of the settings `used` come
    /// from the environment: a desktop may have set one of them for another end.
    pub(crate) fn print_notes(&self, used: impl Fn(&str) -> bool) {
        for note in &self.notes {
            print::err(format_args!("note: {note}"));
        }
        let keys = self.pairs.iter().map(|(key, _)| key.as_str());
        let keys: BTreeSet<_> = keys
            .filter(|key| self.source(key) == Some(&Source::Environment) && used(key))
            .collect();
        if !keys.is_empty() {
            let keys: Vec<_> = keys.into_iter().collect();
            print::err(format_args!(
                "note: from the environment: {}",
                keys.join(", ")
            ));
        }
    }
}

/// The setting whose key is so like `key`, which is not one, that it may be meant.
fn meant(key: &str) -> Option<&'static Setting> {
    /// Two letters that are missing, too many, others, or in each other's place.
    const MOST: usize = 2;
    if table::find(key).is_some() {
        return None;
    }
    let typed = key.to_ascii_uppercase().replace('-', "_");
    let distance = |setting: &&Setting| strsim::osa_distance(&typed, setting.key);
    // Of a short key, two letters are half.
    let is_near = |setting: &&Setting| distance(setting) <= MOST.min(setting.key.len() / 4);
    table::all().filter(is_near).min_by_key(distance)
}

fn text(path: &Path) -> Result<Option<String>, Failure> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::Input(format!(
            "cannot read {}: {error}",
            path.display()
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_wins_over_the_file_unless_it_is_empty() {
        let file = Given::file(Some("EMAIL=a@x\nDEVICE=cpu\nWORKER=cloud\n"), ".env").unwrap();
        let given = file
            .with_environment(|key| match key {
                "EMAIL" => Some("b@x".into()),
                "DEVICE" => Some("".into()),
                "PASSWORD" => Some(" # $x".into()),
                _ => None,
            })
            .unwrap();
        let values = given.values();
        assert_eq!(values.get("EMAIL"), Some("b@x"));
        assert_eq!(values.get("DEVICE"), Some("cpu"));
        assert_eq!(values.raw("PASSWORD"), " # $x");
        assert_eq!(given.source("EMAIL"), Some(&Source::Environment));
        assert_eq!(
            given.source("DEVICE"),
            Some(&Source::File(".env".into(), 2))
        );
        assert_eq!(given.source_of("WORKER", "local"), Source::Command);
    }

    #[test]
    fn the_settings_that_a_message_names_are_told_with_their_sources() {
        let given = Given::file(Some("\nSECOND_EMAIL=b@x\nSECOND_PASSWORD=1\n"), "my.env").unwrap();
        assert_eq!(
            given.sources_of("b@x (SECOND_EMAIL) is not a user of FRONTEND_URL"),
            " (SECOND_EMAIL is from my.env, line 2)"
        );
        assert_eq!(given.sources_of("FRONTEND_URL, NO_SETTING"), "");
    }

    #[test]
    fn a_key_that_is_like_a_settings_is_told_and_others_are_not() {
        let text = "E_MAIL=a@x\nDEVICE=cpu\nTEST-PASSWORD=hunter2-misspelt\nSECOND_PASSWRD=\n\
                    time_limit_running=1h\nDEVICES=2\nFRONTEND_IMAGE=a\nEMAIL_HOST=b\nPASS=c\n";
        let given = Given::file(Some(text), ".env").unwrap();
        let of =
            |line, key, meant| format!(".env, line {line}: {key} is not a setting, but {meant} is");
        let expected = [
            of(1, "E_MAIL", "EMAIL"),
            of(3, "TEST-PASSWORD", "TEST_PASSWORD"),
            of(4, "SECOND_PASSWRD", "SECOND_PASSWORD"),
            of(5, "time_limit_running", "TIME_LIMIT_RUNNING"),
            of(6, "DEVICES", "DEVICE"),
        ];
        assert_eq!(given.notes, expected);
        assert!(!redact::clean("<hunter2-misspelt>").contains("hunter2"));
    }

    #[test]
    fn secrets_of_the_environment_are_never_shown() {
        let secret = "hunter2-of-the-environment";
        let variable = |key: &str| (key == "SECOND_PASSWORD").then(|| secret.into());
        Given::default().with_environment(variable).unwrap();
        assert!(!redact::clean(&format!("<{secret}>")).contains(secret));
    }
}
