//! The events of a run: the steps of its tests, and the function that writes every event.

mod step;
mod writer;

pub use step::{StepFailure, Steps};
pub(crate) use writer::Outlet;
pub use writer::write;
