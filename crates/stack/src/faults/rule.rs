//! Which answers are changed, how, and how often.

use super::{
    change::Change,
    exchange::{Exchange, When},
};

/// Which answers are changed, and how.
pub(super) struct Rule {
    pub(super) when: When,
    pub(super) change: Change,
    pub(super) frequency: Frequency,
}

/// How many of the answers that a rule is about are changed.
#[derive(Clone, Copy)]
pub(super) enum Frequency {
    Always,
    /// The first one only.
    First,
    /// One in this many, at an unpredictable place.
    OneIn(usize),
}

impl Rule {
    /// A rule for all answers of which `when` is true.
    pub(super) fn always(when: When, change: Change) -> Self {
        let frequency = Frequency::Always;
        Self {
            when,
            change,
            frequency,
        }
    }

    /// A rule for the first answer only of which `when` is true.
    pub(super) fn first(when: When, change: Change) -> Self {
        let frequency = Frequency::First;
        Self {
            when,
            change,
            frequency,
        }
    }

    /// A rule for one answer in twenty, preflights among them, that must not be used on three
    /// answers in a row to the same request.
    pub(super) fn sometimes(change: Change) -> Self {
        Self {
            when: |_: &Exchange| true,
            change,
            frequency: Frequency::OneIn(20),
        }
    }
}

impl Frequency {
    /// Whether the answer is changed that comes after `count` others; `seed` is the stack's own.
    pub(super) fn applies(self, count: usize, seed: usize) -> bool {
        match self {
            Self::Always => true,
            Self::First => count == 0,
            Self::OneIn(many) => {
                let block = (count / many).wrapping_add(seed);
                // Knuth's multiplicative hash.
                let place = (block.wrapping_mul(2_654_435_761) >> 16) % many;
                count % many == place
            }
        }
    }
}
