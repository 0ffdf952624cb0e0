//! What a run tells while it happens: events for machines, lines for people.

mod event;
mod lines;

pub use event::{Blame, Event, Failure};
pub use lines::lines;
