//! `WebDriver`: the driver's process, and one session.

mod bidi;
mod process;
mod session;

pub use bidi::BidiError;
pub use process::DriverProcess;
pub use session::{Session, WebDriverError};
