//! Ways in which a stack is wrong, or merely awkward, on purpose.
//!
//! A suite is worth what it notices. A [`Fault`] makes the stack wrong in exactly one way, which a
//! suite must notice; a [`Disturbance`] is something that a suite must put up with. Each lives at
//! one place of the code: beside the decision that it breaks or, where it only bends an answer on
//! its way out, in a table of rules ([`answers`]).

mod answers;
mod bodies;
mod cors;
mod crowd;
mod disturbances;
mod endpoint;
mod fields;
mod files;
mod losses;
mod origins;
mod rewritten;
mod table;
mod tokens;
mod transport;
mod uploads;
mod versions;

use std::{fmt, sync::Arc, time::Duration};

use jiff::Timestamp;

pub(crate) use self::{
    answers::bend,
    crowd::fill,
    endpoint::Service,
    files::{deleted_with, spoil_renamed},
    origins::{configured, lets_in, with_numeric_host},
    tokens::{excused, nobody, unchecked_claims},
    uploads::{spoil_file, spoil_object},
    versions::{earlier, earlier_object, keep_earlier, keep_earlier_object},
};
pub use self::{disturbances::Disturbance, table::Fault};
use crate::file_mode::FileMode;

/// What a fault is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// Which of the UserAPI's answers a page may read.
    CorsUserApi,
    /// Which of S3's and Cognito's answers a page may read.
    CorsS3Cognito,
    /// Who is taken for whom.
    SignIn,
    /// Files of the user.
    Files,
    /// Jobs of the user.
    Jobs,
    /// Answers that do not arrive, or not in the form that was agreed on.
    Transport,
}

impl Family {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::CorsUserApi,
        Self::CorsS3Cognito,
        Self::SignIn,
        Self::Files,
        Self::Jobs,
        Self::Transport,
    ];

    /// The name for people, such as `cors-user-api`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::CorsUserApi => "cors-user-api",
            Self::CorsS3Cognito => "cors-s3-cognito",
            Self::SignIn => "sign-in",
            Self::Files => "files",
            Self::Jobs => "jobs",
            Self::Transport => "transport",
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What is wrong or awkward about one stack. Clones share it; the default is a sound stack.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    faults: Arc<[Fault]>,
    disturbances: Arc<[Disturbance]>,
}

impl Faults {
    /// These faults and disturbances.
    #[must_use]
    pub fn new(faults: &[Fault], disturbances: &[Disturbance]) -> Self {
        Self {
            faults: faults.into(),
            disturbances: disturbances.into(),
        }
    }

    /// Whether the stack is to be wrong in this way.
    #[must_use]
    pub fn has(&self, fault: Fault) -> bool {
        self.faults.contains(&fault)
    }

    /// What the clock of Cognito and the UserAPI shows.
    #[must_use]
    pub(crate) fn now(&self) -> Timestamp {
        let mut now = Timestamp::now();
        if self.disturbed_by(Disturbance::ClockFast) {
            now += disturbances::CLOCK_OFF;
        }
        if self.disturbed_by(Disturbance::ClockSlow) {
            now -= disturbances::CLOCK_OFF;
        }
        now
    }

    /// How long a token is good for that should be so for `lifetime`.
    pub(crate) fn token_lifetime(&self, lifetime: Duration) -> Duration {
        if self.disturbed_by(Disturbance::TokensOf3Seconds) {
            Duration::from_secs(3)
        } else if self.disturbed_by(Disturbance::TokensOf5Seconds) {
            Duration::from_secs(5)
        } else {
            lifetime
        }
    }

    /// Whether the stack is to be awkward in this way.
    #[must_use]
    pub fn disturbed_by(&self, disturbance: Disturbance) -> bool {
        self.disturbances.contains(&disturbance)
    }
}

/// A name that no fault (or disturbance) has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no such {what}; {}, and --list-faults tells them all", close_ones(.close))]
pub struct UnknownName {
    what: &'static str,
    close: Vec<&'static str>,
}

fn close_ones(names: &[&str]) -> String {
    match names {
        [] => "no name is like it".into(),
        names => format!("close to it: {}", names.join(", ")),
    }
}

impl UnknownName {
    fn new(what: &'static str, wanted: &str, names: impl Iterator<Item = &'static str>) -> Self {
        let mut close: Vec<_> = names
            .map(|name| (strsim::jaro_winkler(wanted, name), name))
            .filter(|(likeness, _)| *likeness > 0.8)
            .collect();
        close.sort_by(|(left, _), (right, _)| right.total_cmp(left));
        Self {
            what,
            close: close.into_iter().take(3).map(|(_, name)| name).collect(),
        }
    }
}

/// All faults and disturbances, a line each, for people.
#[must_use]
pub fn list() -> String {
    let mut lines = Vec::new();
    for family in Family::ALL {
        lines.push(format!("faults, {family}:"));
        for fault in Fault::ALL.iter().filter(|fault| fault.family() == family) {
            let only = only(fault.only_in());
            lines.push(format!("  {:38} {}{only}", fault.name(), fault.about()));
        }
    }
    lines.push("disturbances:".into());
    for disturbance in Disturbance::ALL {
        let (name, about) = (disturbance.name(), disturbance.about());
        let only = only(disturbance.only_in());
        lines.push(format!("  {name:38} {about}{only}"));
    }
    lines.join("\n") + "\n"
}

fn only(mode: Option<FileMode>) -> &'static str {
    match mode {
        None => "",
        Some(FileMode::S3) => " (s3 only)",
        Some(FileMode::Local) => " (local only)",
    }
}
