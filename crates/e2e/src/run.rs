//! One run: a browser session, what is seen and kept of it, and its verdict.

pub(crate) mod browser_session;
pub(crate) mod record;
pub(crate) mod reports;
pub(crate) mod services;
pub(crate) mod session;
pub(crate) mod step_summary;
pub(crate) mod suite_build;
pub(crate) mod terminal;
pub(crate) mod watch;

mod delay;
