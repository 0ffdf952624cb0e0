//! The settings of a run: its environment, its account, its limits.
//!
//! The page fetches `.env` at run time, so no setting is compiled in. `cargo e2e` reads the same keys with
//! the same code on the host.

mod account;
mod applications;
mod choice;
pub mod dotenv;
mod error;
mod reader;
mod setting;
pub mod table;
mod values;

pub use account::{Account, Extras, Part};
pub use applications::ApplicationChoice;
pub use choice::{Device, Environment, Worker};
pub use error::SettingsError;
pub use reader::{Limits, Settings};
pub(crate) use setting::page;
pub use setting::{Audience, Kind, Setting, SettingOption};
pub use values::Values;

/// The header of the answer with the settings by which a page knows that `cargo e2e` drives its browser: before
/// the first question that the page may have, and before the program first asks the page for news.
pub const DRIVEN: &str = "x-opencloud-e2e-driven";

#[cfg(test)]
mod tests;
