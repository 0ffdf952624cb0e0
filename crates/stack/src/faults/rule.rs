//! Which answers are changed, how, and how often.

use super::{change::Change, exchange::When};

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
    /// The third of every three.
    EveryThird,
    /// One in this many, at an unpredictable place, but never three in a row to the same request.
    OneIn(usize),
}

impl Rule {
    pub(super) fn new(frequency: Frequency, when: When, change: Change) -> Self {
        Self {
            when,
            change,
            frequency,
        }
    }
}

impl Frequency {
    /// Whether the answer is changed that comes after `count` others; `seed` is the stack's own.
    pub(super) fn applies(self, count: usize, seed: usize) -> bool {
        match self {
            Self::Always => true,
            Self::First => count == 0,
            Self::EveryThird => count % 3 == 2,
            Self::OneIn(many) => {
                let block = (count / many).wrapping_add(seed);
                // Knuth's multiplicative hash.
                let place = (block.wrapping_mul(2_654_435_761) >> 16) % many;
                count % many == place
            }
        }
    }
}
