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

/// The steps by which the first test of a run sets up what all share.
pub const SET_UP: [&str; 3] = ["read the settings", "find OpenCloud", "sign in"];

/// Whether the step of this name checks something of a test's own.
#[must_use]
pub fn is_check(step: &str) -> bool {
    step != TEARDOWN && !SET_UP.contains(&step)
}

pub use event::{Blame, Event, Failure, Timed};
pub use lines::lines;
pub use origin_table::{Cell, OriginTable, Row};
#[cfg(target_arch = "wasm32")]
pub use step::Steps;
#[cfg(target_arch = "wasm32")]
pub use writer::write;
