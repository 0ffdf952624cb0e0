//! Which answers each fault and each disturbance changes, and how.

mod cors;
mod disturbances;
mod fields;
mod transport;

use super::{
    disturbance::Disturbance,
    fault::Fault,
    rule::{Frequency, Rule},
};

/// The rule of a fault; `None` if the services themselves have it.
pub(super) fn of_fault(fault: Fault) -> Option<Rule> {
    cors::rule_of(fault)
        .or_else(|| fields::rule_of(fault))
        .or_else(|| transport::rule_of(fault))
}

/// The rule of a disturbance, likewise.
pub(super) fn of_disturbance(disturbance: Disturbance) -> Option<Rule> {
    disturbances::rule_of(disturbance)
}

/// Whether the stack's seed decides which answers a disturbance changes.
pub(crate) fn is_random(disturbance: Disturbance) -> bool {
    of_disturbance(disturbance).is_some_and(|rule| matches!(rule.frequency, Frequency::OneIn(_)))
}
