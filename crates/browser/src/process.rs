//! The processes that a run starts and must end, their output, signals, and why a run fails.

mod failure;
mod guard;
mod interrupt;
mod output;
pub mod print;
mod resources;
mod signal;
mod temporary;
mod threads;

pub use failure::Failure;
pub use guard::main as guard;
pub use interrupt::Interrupt;
pub use output::Output;
pub use resources::{AtEnd, Process, Resources};
pub use signal::Signal;
pub use threads::{join, lock};
