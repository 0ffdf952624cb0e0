//! What a score is of.

use opencloud_browser::{
    engine::{ENGINES, Engine},
    process::Failure,
};
use opencloud_stack::{Fault, config::FileMode};

use super::{
    expectations::Expectations,
    item::{self, Item},
    partition::Partition,
};

/// What a score is of.
#[derive(Clone, Debug)]
pub(crate) struct Scope {
    /// The browser's engine.
    pub(crate) engine: &'static dyn Engine,
    /// Where the embedded OpenCloud keeps user files.
    pub(crate) files: FileMode,
    /// Parts of the names of what is tried; everything without any.
    pub(crate) only: Vec<String>,
    /// Whether the whole suite runs for each fault.
    pub(crate) whole: bool,
    /// Which share of all that.
    pub(crate) partition: Partition,
}

/// What belongs to a scope.
#[derive(Debug, Default)]
pub(crate) struct Items {
    /// What is tried.
    pub(crate) tried: Vec<Item>,
    /// The names of what cannot be tried in the engine, with the reasons.
    pub(crate) not_tried: Vec<(&'static str, String)>,
}

impl Scope {
    /// What belongs to it. A pattern that no name matches is bad input.
    pub(crate) fn items(&self, expectations: &Expectations) -> Result<Items, Failure> {
        let chosen = item::choose(expectations, self.files, |name| {
            self.only.is_empty() || self.only.iter().any(|pattern| name.contains(pattern))
        })?;
        self.check_patterns(&chosen)?;
        let mut items = Items::default();
        for item in chosen {
            if !self.partition.holds(item.name()) {
                continue;
            }
            let name = item.name();
            let why = match &item {
                Item::Fault(_, expectation) => expectation.not_tried.as_ref(),
                _ => expectations.not_tolerated(name),
            };
            match why {
                Some(why) => items.not_tried.push((name, why.clone())),
                None => items.tried.push(item),
            }
        }
        Ok(items)
    }

    fn check_patterns(&self, chosen: &[Item]) -> Result<(), Failure> {
        let matches_nothing = |pattern: &&String| {
            let mut names = chosen.iter().map(Item::name);
            !names.any(|name| name.contains(pattern.as_str()))
        };
        let Some(pattern) = self.only.iter().find(matches_nothing) else {
            return Ok(());
        };
        // Disturbances are the same in both modes.
        let is_known = Fault::ALL
            .iter()
            .any(|fault| fault.name().contains(pattern));
        let hint = if is_known {
            "it is about the other mode of --files"
        } else {
            "cargo e2e stack --list-faults tells all names"
        };
        Err(Failure::Input(format!(
            "--only {pattern} matches no fault and no disturbance: {hint}"
        )))
    }

    /// The name of the file that the score is written to.
    pub(crate) fn file_name(&self) -> String {
        let files = self.files.name();
        // The usual engine goes without saying.
        let engine = match self.engine.id() {
            id if id == ENGINES[0].id() => String::new(),
            id => format!("-{id}"),
        };
        let share = self.partition.suffix();
        format!("faults-{files}{engine}{share}.json")
    }
}
