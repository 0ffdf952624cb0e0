//! The recordings: reading them, and writing them anew so that only what has changed differs.

mod exchange;
mod file;
pub(crate) mod frontend;
mod golden;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde_json::Value;

pub(crate) use self::{
    exchange::{Answer, Body, Change, Exchange, RequestBody},
    file::json,
    golden::{Token, tokens},
};
use crate::group::{Group, Mode, Style};

/// The recorded exchanges of a group, in their order.
#[derive(Clone, Debug)]
pub struct Recording {
    /// The exchanges.
    pub(crate) exchanges: Vec<Exchange>,
    style: Style,
    path: PathBuf,
    raw: Vec<Value>,
}

impl Recording {
    /// Reads the recording of `group` in `mode` from the directory of all recordings.
    ///
    /// # Errors
    /// If there is none, or it is not of the form that its `README.md` describes.
    pub fn read(directory: &Path, mode: Mode, group: Group) -> anyhow::Result<Self> {
        let path = directory.join(group.file(mode));
        let raw: Vec<Value> = json(&path)?;
        let read = match group.style() {
            Style::Golden => golden::exchange,
            Style::Frontend => frontend::exchange,
        };
        let exchanges = raw.iter().map(|raw| read(raw).context("an exchange"));
        let mut exchanges = exchanges
            .collect::<anyhow::Result<Vec<_>>>()
            .with_context(|| path.display().to_string())?;
        number_repeated_names(&mut exchanges);
        Ok(Self {
            exchanges,
            style: group.style(),
            path,
            raw,
        })
    }

    /// Changes the recorded answer of the exchange at `index`.
    pub(crate) fn change(&mut self, index: usize, change: Change) {
        match self.style {
            Style::Golden => golden::change(&mut self.raw[index], change),
            Style::Frontend => frontend::change(&mut self.raw[index], change),
        }
    }

    /// The recording as the text of its file, with every text in it as `clean` returns it. The names that
    /// hold its JSON together stay.
    ///
    /// # Errors
    /// Never, for what was read from JSON can be written as JSON.
    pub fn text(&self, clean: &dyn Fn(&str) -> String) -> anyhow::Result<String> {
        let mut raw = self.raw.clone();
        for value in &mut raw {
            cleaned(value, clean);
        }
        match self.style {
            Style::Golden => golden::text_of(&raw),
            Style::Frontend => frontend::text_of(&raw),
        }
    }

    /// Where it was read from.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Passes every text in `value` through `clean`.
fn cleaned(value: &mut Value, clean: &dyn Fn(&str) -> String) {
    match value {
        Value::String(text) => *text = clean(text),
        Value::Array(items) => items.iter_mut().for_each(|item| cleaned(item, clean)),
        Value::Object(members) => members
            .values_mut()
            .for_each(|member| cleaned(member, clean)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The second exchange of a name becomes `name (2)`.
fn number_repeated_names(exchanges: &mut [Exchange]) {
    let names: Vec<_> = exchanges.iter().map(|e| e.name.clone()).collect();
    for (index, exchange) in exchanges.iter_mut().enumerate() {
        let earlier = names[..index].iter().filter(|name| **name == names[index]);
        let earlier = earlier.count();
        if earlier > 0 {
            exchange.name = format!("{} ({})", exchange.name, earlier + 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recordings() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("recordings")
    }

    #[test]
    fn a_recording_is_written_as_it_was_read() {
        for mode in Mode::ALL {
            for group in Group::ALL {
                let recording = Recording::read(&recordings(), mode, group).unwrap();
                let written = recording.text(&str::to_owned).unwrap();
                let read = std::fs::read_to_string(recording.path()).unwrap();
                assert!(written == read, "{}", recording.path().display());
            }
        }
    }

    #[test]
    fn names_of_exchanges_are_unique_in_their_group() {
        for mode in Mode::ALL {
            for group in Group::ALL {
                let recording = Recording::read(&recordings(), mode, group).unwrap();
                let mut names: Vec<_> = recording.exchanges.iter().map(|e| &e.name).collect();
                let all = names.len();
                names.sort_unstable();
                names.dedup();
                assert_eq!(names.len(), all, "{mode} {group}");
            }
        }
    }

    #[test]
    fn a_change_leaves_all_else_as_it_was() {
        for group in [Group::Files, Group::Frontend] {
            let mut recording = Recording::read(&recordings(), Mode::S3, group).unwrap();
            let before = recording.text(&str::to_owned).unwrap();
            let index = recording
                .exchanges
                .iter()
                .position(|e| e.answer.status == 404)
                .unwrap();
            recording.change(index, Change::Status(410));
            recording.change(index, Change::Header("vary".into(), vec!["*".into()]));
            recording.change(index, Change::Header("allow".into(), vec!["GET".into()]));
            recording.change(index, Change::Body(br#"{"detail":"Gone"}"#.to_vec()));
            let after = recording.text(&str::to_owned).unwrap();
            let gone = before.lines().filter(|line| !after.contains(line)).count();
            // A line is a whole exchange, or a member of one.
            let changed = if group == Group::Files { 1 } else { 4 };
            assert!(gone <= changed, "{group}: {gone} lines");
            assert!(after.contains("410") && after.contains("Gone"), "{group}");
        }
    }

    #[test]
    fn a_secret_that_is_a_name_of_the_json_leaves_the_recording_readable() {
        for group in [Group::Files, Group::Frontend] {
            let recording = Recording::read(&recordings(), Mode::S3, group).unwrap();
            let text = recording.text(&|text| text.replace("status", "…")).unwrap();
            let read: Vec<Value> = serde_json::from_str(&text).unwrap();
            assert_eq!(read.len(), recording.exchanges.len());
            assert!(text.contains(r#""status":"#), "{group}");
        }
    }
}
