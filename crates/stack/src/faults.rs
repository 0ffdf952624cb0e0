//! Faults and disturbances: how a stack is wrong, or merely difficult, on purpose.
//!
//! They test a test suite. A [`Fault`] is exactly one error of the stack, which a suite must
//! notice; a [`Disturbance`] is difficult but correct behaviour, which a suite must cope with. Each
//! is implemented at one place: beside the decision that it breaks (often in a file `faulty.rs`)
//! or, where it only changes an answer, by a rule beside its name, which the layer around the
//! service follows.

mod between;
mod change;
mod disturbance;
mod dropped_answers;
mod edits;
mod exchange;
mod fault;
mod json;
mod layer;
mod named;
mod origins;
mod registry;
mod rule;
mod stored_answers;
mod uploads;

pub use self::{
    disturbance::Disturbance,
    fault::{Family, Fault},
    named::UnknownName,
    registry::{Faults, list},
};
pub(crate) use self::{
    edits::CLOCK_OFF,
    layer::layer,
    origins::{configured_origin, with_numeric_host, wrongly_allows},
    uploads::Damage,
};
