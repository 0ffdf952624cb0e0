//! What the test page and `cargo e2e` both know: the settings, the events of a run, origins that
//! must not be allowed, why a browser refuses an answer, secrets, applications under test, and the
//! names of what a run leaves behind.
//!
//! Nothing here needs a page, so all of it builds and is tested on the host too.

pub mod application;
pub mod bad_port;
pub mod cause;
pub mod event;
pub mod job_state;
pub mod leftovers;
mod line;
pub mod lines;
pub mod observation;
pub mod origin_table;
pub mod origins;
pub mod redact;
pub mod request_body;
pub mod service;
pub mod settings;

#[cfg(all(test, not(target_arch = "wasm32")))]
mod properties;
