//! All disturbances: what is awkward, but no fault, so that a suite must put up with it.

use std::{fmt, str::FromStr, time::Duration};

use super::{
    UnknownName,
    answers::{Bend, Rule, rule},
};

/// Name and line.
type Entry = (&'static str, &'static str);

macro_rules! disturbances {
    ($(#[doc = $about:literal] $disturbance:ident = $name:literal;)+) => {
        /// A way in which the stack can be awkward on purpose, and still be right.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Disturbance {
            $(#[doc = $about] $disturbance,)+
        }

        impl Disturbance {
            /// All disturbances.
            pub const ALL: &[Self] = &[$(Self::$disturbance,)+];
        }

        /// In the order of the variants.
        const TABLE: &[Entry] = &[$(($name, $about),)+];
    };
}

impl Disturbance {
    /// The name, such as `slow-bodies`.
    #[must_use]
    pub fn name(self) -> &'static str {
        TABLE[self as usize].0
    }

    /// A line on what is awkward.
    #[must_use]
    pub fn about(self) -> &'static str {
        TABLE[self as usize].1.trim()
    }
}

impl fmt::Display for Disturbance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Disturbance {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        let all = Self::ALL.iter().copied();
        let mut same = all.clone().filter(|other| other.name() == name);
        same.next()
            .ok_or_else(|| UnknownName::new("disturbance", name, all.map(Self::name)))
    }
}

disturbances! {
    /// Every answer comes 300 ms later.
    Latency = "latency";
    /// Every body comes in pieces, with pauses.
    SlowBodies = "slow-bodies";
}

/// How a disturbance bends answers.
pub(super) fn rule_of(disturbance: Disturbance) -> Option<Rule> {
    Some(match disturbance {
        Disturbance::Latency => rule(|_| true, Bend::Late(Duration::from_millis(300))),
        Disturbance::SlowBodies => rule(|x| !x.is_preflight, Bend::Slow),
    })
}
