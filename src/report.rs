//! What a run tells while it happens: the steps of its tests, and the one writer of events.

mod step;
mod writer;

pub use step::Steps;
pub use writer::write;
