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

#[cfg(test)]
mod tests;
