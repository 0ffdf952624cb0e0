//! The common part of faults and disturbances: rows of a table with names.

use crate::file_mode::FileMode;

/// A row of a table.
pub(super) struct Row {
    pub(super) name: &'static str,
    /// The one file mode that has it; empty if both do.
    pub(super) only_in: &'static [FileMode],
    pub(super) about: &'static str,
}

/// A name that no fault (or disturbance) has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no such {kind}; {}, and `cargo e2e stack --list-faults` shows them all", suggestion(.close))]
pub struct UnknownName {
    kind: &'static str,
    close: Vec<&'static str>,
}

fn suggestion(names: &[&str]) -> String {
    match names {
        [] => "no name is close to it".into(),
        names => format!("close to it: {}", names.join(", ")),
    }
}

impl UnknownName {
    pub(super) fn new(
        kind: &'static str,
        wanted: &str,
        names: impl Iterator<Item = &'static str>,
    ) -> Self {
        let mut close: Vec<_> = names
            .map(|name| (strsim::jaro_winkler(wanted, name), name))
            .filter(|(likeness, _)| *likeness > 0.8)
            .collect();
        close.sort_by(|(left, _), (right, _)| right.total_cmp(left));
        Self {
            kind,
            close: close.into_iter().take(3).map(|(_, name)| name).collect(),
        }
    }
}

/// Everything that follows from a row: `$Named` has `ALL` and `row`, and errors call it `$kind`.
macro_rules! named {
    ($Named:ident, $kind:literal) => {
        impl $Named {
            /// The name on the command line.
            #[must_use]
            pub fn name(self) -> &'static str {
                self.row().name
            }

            /// One sentence on its effect.
            #[must_use]
            pub fn about(self) -> &'static str {
                self.row().about.trim()
            }

            /// The one file mode that has it; `None` if both do.
            #[must_use]
            pub fn only_in(self) -> Option<FileMode> {
                self.row().only_in.first().copied()
            }

            /// Whether a file mode has it.
            #[must_use]
            pub fn exists_in(self, mode: FileMode) -> bool {
                self.only_in().is_none_or(|only| only == mode)
            }
        }

        impl std::fmt::Display for $Named {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }

        impl std::str::FromStr for $Named {
            type Err = UnknownName;

            fn from_str(name: &str) -> Result<Self, UnknownName> {
                let all = Self::ALL.iter().copied();
                let found = all.clone().find(|row| row.name() == name);
                found.ok_or_else(|| UnknownName::new($kind, name, all.map(Self::name)))
            }
        }
    };
}
pub(super) use named;
