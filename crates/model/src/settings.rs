//! What a run is told: which environment, whose account, which limits.
//!
//! Settings reach the page at run time, as the text of `.env`; nothing of them is compiled in.
//! `cargo e2e` reads the same keys on the host, so both judge them alike.

mod account;
mod choice;
pub mod dotenv;
mod error;
mod reader;
mod setting;
pub mod table;
mod values;

pub use account::{Account, Extras};
pub use choice::{Device, Environment, Worker};
pub use error::SettingsError;
pub use reader::{Limits, Settings};
pub(crate) use setting::page;
pub use setting::{Audience, Kind, Setting, SettingOption};

#[cfg(test)]
mod tests;
