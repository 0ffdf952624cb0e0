//! `WebDriver`: the driver's process, and one session.

mod bidi;
mod display;
mod process;
mod session;

pub use bidi::BidiError;
pub(crate) use display::start as start_display;
pub use process::DriverProcess;
pub use session::{Session, WebDriverError};
