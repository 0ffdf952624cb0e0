//! Which answers the pages of all origins could read.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::origins::Foreign;

/// A table of calls and origins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OriginTable {
    /// The origins, the frontend's first.
    pub origins: Vec<Origin>,
    /// The calls.
    pub rows: Vec<Row>,
}

/// An origin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// As the browser sends it.
    pub origin: String,
    /// Its difference from the frontend's.
    pub difference: String,
}

impl From<Foreign> for Origin {
    fn from(foreign: Foreign) -> Self {
        Self {
            origin: foreign.origin,
            difference: foreign.difference.into(),
        }
    }
}

/// Which origins could read the answer to a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The call.
    pub call: String,
    /// A cell for each origin.
    pub cells: Vec<Cell>,
}

/// Whether a page could read an answer, and whether it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// Whether it could; `None`: not checked.
    pub readable: Option<bool>,
    /// Whether it should.
    pub expected: bool,
}

impl Cell {
    /// Whether the page could read what it should not, or the other way round.
    #[must_use]
    pub fn is_wrong(self) -> bool {
        self.readable
            .is_some_and(|readable| readable != self.expected)
    }
}

impl fmt::Display for OriginTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letters = || 'a'..='z';
        for (letter, Origin { origin, difference }) in letters().zip(&self.origins) {
            writeln!(f, "{letter}  {origin}  ({difference})")?;
        }
        let width = self
            .rows
            .iter()
            .map(|row| row.call.len())
            .max()
            .unwrap_or(0);
        write!(f, "{:width$}", "")?;
        for letter in letters().take(self.origins.len()) {
            write!(f, "  {letter}")?;
        }
        for row in &self.rows {
            write!(f, "\n{:width$}", row.call)?;
            for cell in &row.cells {
                let mark = if cell.is_wrong() { '!' } else { ' ' };
                let seen = match cell.readable {
                    Some(true) => 'r',
                    Some(false) => '-',
                    None => '?',
                };
                write!(f, " {mark}{seen}")?;
            }
        }
        write!(
            f,
            "\nr readable, - refused by the browser, ? not checked, ! wrong"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_marks_what_is_wrong() {
        let cell = |readable, expected| Cell { readable, expected };
        let origin = |origin: &str, difference: &str| Origin {
            origin: origin.into(),
            difference: difference.into(),
        };
        let table = OriginTable {
            origins: vec![
                origin("http://localhost:8080", "the frontend"),
                origin("null", "opaque origin"),
            ],
            rows: vec![
                Row {
                    call: "get user".into(),
                    cells: vec![cell(Some(true), true), cell(Some(true), false)],
                },
                Row {
                    call: "browse".into(),
                    cells: vec![cell(Some(true), true), cell(None, false)],
                },
            ],
        };
        assert_eq!(
            table.to_string(),
            "a  http://localhost:8080  (the frontend)\n\
             b  null  (opaque origin)\n          \
                       a  b\n\
             get user  r !r\n\
             browse    r  ?\n\
             r readable, - refused by the browser, ? not checked, ! wrong"
        );
    }
}
