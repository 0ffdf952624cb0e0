//! The score as a table for people.

use std::{fmt, time::Duration};

use opencloud_browser::engine::ENGINES;
use opencloud_stack::Family;

use super::{item::Item, judgement::Judgement, partition::Partition, scope::Scope};

/// One line of the table.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// What was tried.
    pub(crate) item: Item,
    /// What came of it.
    pub(crate) judgement: Judgement,
    /// How long that took. Not in the table, which is the same each time.
    pub(crate) took: Duration,
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (judgement, name) = (self.judgement.name(), self.item.name());
        let noticed_by = match &self.item {
            Item::Fault(_, expectation) => expectation.to_string(),
            _ => String::new(),
        };
        let line = format!("{judgement:14} {name:38} {noticed_by}");
        f.write_str(line.trim_end())?;
        if self.judgement.is_good() {
            return Ok(());
        }
        if let Item::Fault(_, expectation) = &self.item {
            write!(f, "\n    must say: {}", expectation.says.join(" | "))?;
        }
        for (number, line) in self
            .judgement
            .said()
            .unwrap_or_default()
            .lines()
            .enumerate()
        {
            let label = if number == 0 { "said:" } else { "" };
            write!(f, "\n    {label:9} {line}")?;
        }
        Ok(())
    }
}

/// The whole score.
#[derive(Debug)]
pub(crate) struct Summary {
    /// What it is of.
    pub(crate) scope: Scope,
    /// Its rows.
    pub(crate) rows: Vec<Row>,
    /// The names of what cannot be tried in this engine, with the reasons.
    pub(crate) not_tried: Vec<(&'static str, String)>,
}

impl Summary {
    /// Whether every fault is detected and every disturbance tolerated.
    pub(crate) fn is_full(&self) -> bool {
        self.rows.iter().all(|row| row.judgement.is_good())
    }

    /// Those of faults, or those of disturbances.
    pub(super) fn rows_of(&self, faults: bool) -> impl Iterator<Item = &Row> {
        self.rows
            .iter()
            .filter(move |row| row.item.is_fault() == faults)
    }

    /// The same in Markdown: the last line, the table, and what is not as it should be.
    pub(crate) fn to_markdown(&self) -> String {
        let text = self.to_string();
        let (table, score) = text.rsplit_once("\n\n").unwrap_or_default();
        let bad = self.rows.iter().filter(|row| !row.judgement.is_good());
        let bad: Vec<_> = bad.map(|row| format!("\n{row}")).collect();
        // What was said may hold anything, but no line of it begins with a fence.
        format!("### {score}\n\n```\n{table}{}\n```\n", bad.concat())
    }
}

/// A line a family of faults, and the last line with the score.
impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = ["detected", "misattributed", "missed", "hung"];
        write!(f, "{:16}{:>8}", "family", "faults")?;
        for column in columns {
            write!(f, "{column:>15}")?;
        }
        for family in Family::ALL {
            let of_family: Vec<_> = self
                .rows_of(true)
                .filter(|row| matches!(row.item, Item::Fault(fault, _) if fault.family() == family))
                .collect();
            if of_family.is_empty() {
                continue;
            }
            write!(f, "\n{:16}{:>8}", family.name(), of_family.len())?;
            for column in columns {
                let count = of_family
                    .iter()
                    .filter(|row| row.judgement.name() == column)
                    .count();
                write!(f, "{count:>15}")?;
            }
        }
        let good = |faults| {
            let of_all = self.rows_of(faults).count();
            let good = self.rows_of(faults).filter(|row| row.judgement.is_good());
            format!("{} of {of_all}", good.count())
        };
        write!(
            f,
            "\n\nfaults: {} detected; disturbances: {} tolerated (files {}",
            good(true),
            good(false),
            self.scope.files.place()
        )?;
        // The usual engine goes without saying.
        if self.scope.engine.id() != ENGINES[0].id() {
            write!(f, ", {}", self.scope.engine.name())?;
        }
        if self.scope.partition != Partition::WHOLE {
            write!(f, ", share {}", self.scope.partition)?;
        }
        f.write_str(")")
    }
}
