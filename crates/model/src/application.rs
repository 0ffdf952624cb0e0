//! An application under test, as data: one YAML file lists its inputs and the outputs that it must have.
//!
//! To test another application, add a file to `tests/applications`; its inputs lie in the folder
//! of the same name beside it.

mod chain;
#[cfg(not(target_arch = "wasm32"))]
mod check;
mod error;
mod file;
mod pattern;
pub mod yaml;

pub use chain::is_needed;
#[cfg(not(target_arch = "wasm32"))]
pub use check::check_all;
pub use error::ApplicationError;
pub use file::{
    Application, ByDevice, Download, Edit, Input, InputDirectory, Output, OutputDirectory,
    Unchanged,
};

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;
