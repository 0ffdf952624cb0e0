//! The browser's side of DECODE OpenCloud's integration tests: the calls of the frontend's page,
//! typed, and the steps of the tests.
//!
//! No two modules import each other, and only `http` sends requests. Modules that need no page also
//! build on the host, where their tests run.

pub mod address;
pub mod cors;
pub mod expiry;
pub mod file_name;
pub mod file_size;
pub mod form_policy;
pub mod freshness;
pub mod job;
pub mod listed_paths;
pub mod refused_part;
pub mod retry;
pub mod token;

#[cfg(target_arch = "wasm32")]
pub mod accounts;
#[cfg(target_arch = "wasm32")]
pub mod clean_up;
#[cfg(target_arch = "wasm32")]
pub mod cognito;
#[cfg(target_arch = "wasm32")]
pub mod content;
#[cfg(target_arch = "wasm32")]
pub mod created;
#[cfg(target_arch = "wasm32")]
pub mod frontend_calls;
#[cfg(target_arch = "wasm32")]
pub mod http;
#[cfg(target_arch = "wasm32")]
pub mod lifecycle;
#[cfg(target_arch = "wasm32")]
pub mod mailbox;
#[cfg(target_arch = "wasm32")]
pub mod page;
#[cfg(target_arch = "wasm32")]
pub mod report;
#[cfg(target_arch = "wasm32")]
pub mod session;
#[cfg(target_arch = "wasm32")]
pub mod suite;
#[cfg(target_arch = "wasm32")]
pub mod transfer;
#[cfg(target_arch = "wasm32")]
pub mod user_api;
