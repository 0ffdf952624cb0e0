//! `WebDriver`: the driver's process, and one session.

mod process;
mod session;

pub use process::DriverProcess;
pub use session::{Session, WebDriverError};
