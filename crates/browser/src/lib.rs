//! A browser and the page that it shows: which engines there are, how they are installed, started
//! and driven, where the page comes from, and which requests the page sends.
//!
//! Nothing here knows of OpenCloud.

// Whatever is printed goes through `process::print`.
#![warn(clippy::print_stdout, clippy::print_stderr)]

mod credentials;
pub mod driver;
pub mod endpoint;
pub mod engine;
pub mod install;
pub mod page;
pub mod process;
pub mod proxies;
pub mod serve;
pub mod traffic;
pub mod window;
