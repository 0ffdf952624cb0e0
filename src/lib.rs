//! The browser's side of DECODE OpenCloud's integration tests: what the frontend's page does,
//! typed, and the steps that the tests are made of.
//!
//! The rooms, ground floor first. Nothing lower knows of anything higher, and only `http` sends
//! requests. Rooms that need no page also build on the host, where `cargo e2e` uses them and their
//! tests run.

pub mod cors;
pub mod leftovers;
mod line;
pub mod origins;
pub mod redact;
pub mod repeat;
pub mod settings;
pub mod token;

#[cfg(target_arch = "wasm32")]
pub mod page;

#[cfg(target_arch = "wasm32")]
pub mod http;

#[cfg(target_arch = "wasm32")]
pub mod cognito;
#[cfg(target_arch = "wasm32")]
pub mod session;
#[cfg(target_arch = "wasm32")]
pub mod transfer;
#[cfg(target_arch = "wasm32")]
pub mod user_api;

pub mod application;
pub mod file_size;
pub mod job;

pub mod report;

#[cfg(target_arch = "wasm32")]
pub mod suite;

#[cfg(target_arch = "wasm32")]
pub mod calls;
#[cfg(target_arch = "wasm32")]
pub mod clean_up;
#[cfg(target_arch = "wasm32")]
pub mod lifecycle;
#[cfg(target_arch = "wasm32")]
pub mod made;

#[cfg(all(test, not(target_arch = "wasm32")))]
mod properties;
