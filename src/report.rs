//! What a run tells while it happens: events for machines, lines for people, and the steps that
//! both are about.

mod event;
mod lines;
mod origin_table;
#[cfg(target_arch = "wasm32")]
mod step;
#[cfg(target_arch = "wasm32")]
mod writer;

/// The last step of each test that makes something; it runs whatever became of the others.
pub const TEARDOWN: &str = "tear down what is left";

pub use event::{Blame, Event, Failure, Timed};
pub use lines::lines;
pub use origin_table::{Cell, OriginTable, Row};
#[cfg(target_arch = "wasm32")]
pub use step::Steps;
#[cfg(target_arch = "wasm32")]
pub use writer::write;
