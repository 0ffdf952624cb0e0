//! What a run tells while it happens: events for machines, lines for people, and the steps that
//! both are about.

mod event;
mod lines;
mod origin_table;
#[cfg(target_arch = "wasm32")]
mod step;
#[cfg(target_arch = "wasm32")]
mod writer;

pub use event::{Blame, Event, Failure, Timed};
pub use lines::lines;
pub use origin_table::{Cell, OriginTable, Row};
#[cfg(target_arch = "wasm32")]
pub use step::Steps;
#[cfg(target_arch = "wasm32")]
pub use writer::write;
