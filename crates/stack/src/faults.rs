//! Ways in which a stack is wrong, or merely awkward, on purpose.
//!
//! A suite is worth what it notices. A [`Fault`] makes the stack wrong in exactly one way, which a
//! suite must notice; a [`Disturbance`] is something that a suite must put up with. Each lives at
//! one place of the code: beside the decision that it breaks or, where it only changes an answer on
//! its way out, in a table of rules (`rules`).

mod change;
mod disturbance;
mod dropped_answers;
mod exchange;
mod fault;
mod json;
mod layer;
mod named;
mod origins;
mod registry;
mod rule;
mod rules;
mod uploads;

pub use self::{
    disturbance::Disturbance,
    fault::{Family, Fault},
    named::UnknownName,
    registry::{Faults, list},
};
pub(crate) use self::{
    layer::layer,
    origins::{configured_origin, with_numeric_host, wrongly_allows},
    rules::is_random,
    uploads::Damage,
};
