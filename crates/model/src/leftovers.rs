//! The names that runs give to their files and jobs, and which leftovers of earlier runs may be removed.
//! Pure.
//!
//! A clean-up removes only a [`LeftPath`] or a [`LeftJob`], and neither can be made from a name that does
//! not begin with [`PREFIX`].

use std::{fmt, str::FromStr};

use jiff::{SignedDuration, civil::DateTime};
use serde_json::json;

/// The prefix of every name that a run gives.
pub const PREFIX: &str = "integration_test_";

/// The directories of a user.
pub const ROOT: [&str; 5] = ["artifact", "config", "data", "log", "output"];

/// The part that all names of a run share: the time of its start, and a unique random part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunId(String);

impl RunId {
    /// The run that started `now` (UTC); `random` is made of letters and digits.
    #[must_use]
    pub fn new(now: DateTime, random: &str) -> Self {
        Self(format!("{}_{random}", now.strftime(TIME)))
    }

    /// The prefix of all names of the run.
    #[must_use]
    pub fn prefix(&self) -> String {
        format!("{PREFIX}{}", self.0)
    }

    /// The name for files and jobs of the test `test`, such as `files::browse`.
    #[must_use]
    pub fn name(&self, test: &str) -> String {
        format!("{}_{}", self.prefix(), test.replace("::", "_"))
    }
}

const TIME: &str = "%Y%m%dT%H%M%SZ";

/// Which leftovers are selected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Which {
    /// Those of runs that started more than a day ago, because no run takes so long.
    #[default]
    OlderThanADay,
    /// All of them, even those of a run that has not ended.
    All,
    /// Those whose names begin with this text, which includes [`PREFIX`].
    Named(String),
}

/// A text that selects no leftovers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected day, all, or a name that begins with integration_test_ and is longer")]
pub struct NoChoice;

impl FromStr for Which {
    type Err = NoChoice;

    fn from_str(text: &str) -> Result<Self, NoChoice> {
        match text {
            "day" => Ok(Self::OlderThanADay),
            "all" => Ok(Self::All),
            name if is_ours(name) => Ok(Self::Named(name.to_owned())),
            _ => Err(NoChoice),
        }
    }
}

impl fmt::Display for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OlderThanADay => "day",
            Self::All => "all",
            Self::Named(name) => name,
        })
    }
}

impl Which {
    /// Whether a file or job of this name is selected at this time (UTC). The name must begin with
    /// [`PREFIX`].
    #[must_use]
    pub fn means(&self, name: &str, now: DateTime) -> bool {
        is_ours(name)
            && match self {
                Self::OlderThanADay => started(name).is_some_and(|start| {
                    now.duration_since(start) > SignedDuration::from_hours(24)
                }),
                Self::All => true,
                Self::Named(begin) => name.starts_with(begin.as_str()),
            }
    }
}

/// Which of the leftovers that are found are removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Removal {
    /// Nothing.
    #[default]
    Nothing,
    /// All of them.
    Everything,
    /// Only these, by the names that were shown before, so that no other leftover is removed.
    Told(Vec<String>),
}

impl Removal {
    /// Whether the leftover with this name is removed.
    #[must_use]
    pub fn means(&self, told: &str) -> bool {
        match self {
            Self::Nothing => false,
            Self::Everything => true,
            Self::Told(names) => names.iter().any(|name| name == told),
        }
    }
}

impl FromStr for Removal {
    type Err = serde_json::Error;

    fn from_str(text: &str) -> Result<Self, serde_json::Error> {
        match text {
            "no" => Ok(Self::Nothing),
            "yes" => Ok(Self::Everything),
            list => serde_json::from_str(list).map(Self::Told),
        }
    }
}

impl fmt::Display for Removal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("no"),
            Self::Everything => f.write_str("yes"),
            Self::Told(names) => f.write_str(&json!(names).to_string()),
        }
    }
}

fn is_ours(name: &str) -> bool {
    name.strip_prefix(PREFIX)
        .is_some_and(|rest| !rest.is_empty())
}

/// When the run that gave this name started.
fn started(name: &str) -> Option<DateTime> {
    let time = name.strip_prefix(PREFIX)?.split('_').next()?;
    DateTime::strptime(TIME, time).ok()
}

/// A path that may be removed: that of a file or directory right below one of the user's
/// directories.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftPath(String);

impl LeftPath {
    /// The leftover with this path in a listing, if it is selected.
    #[must_use]
    pub fn of(path: &str, which: &Which, now: DateTime) -> Option<Self> {
        let (root, rest) = path.split_once('/')?;
        let name = rest.strip_suffix('/').unwrap_or(rest);
        let direct = ROOT.contains(&root) && !name.contains(['/', '\\']);
        (direct && which.means(name, now)).then(|| Self(path.to_owned()))
    }

    /// The path; that of a directory ends in a slash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A job that may be removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftJob {
    id: i64,
    name: String,
}

impl LeftJob {
    /// The job with this id and name, if it is selected.
    #[must_use]
    pub fn of(id: i64, name: &str, which: &Which, now: DateTime) -> Option<Self> {
        // Its outputs are removed with it, and their paths contain its name.
        let simple = !name.contains(['/', '\\']);
        (simple && which.means(name, now)).then(|| Self {
            id,
            name: name.to_owned(),
        })
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> i64 {
        self.id
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

#[cfg(test)]
mod tests;
