//! `WebDriver`: a driver of this machine or one elsewhere, and one session.

mod bidi;
mod display;
mod process;
mod remote;
mod session;
mod webdriver;

pub use bidi::BidiError;
pub use remote::check_remote;
pub use session::{Session, WebDriverError};
pub use webdriver::WebDriver;

pub(crate) use webdriver::Driver;
