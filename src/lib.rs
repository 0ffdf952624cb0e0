//! The browser's side of DECODE OpenCloud's integration tests: what the frontend's page does,
//! typed, and the steps that the tests are made of.
//!
//! Nothing lower knows of anything higher, and only `http` sends requests. Modules that need no page
//! also build on the host, where their tests run.

pub mod cors;
pub mod file_size;
pub mod job;
pub mod repeat;
pub mod token;

#[cfg(target_arch = "wasm32")]
pub mod calls;
#[cfg(target_arch = "wasm32")]
pub mod clean_up;
#[cfg(target_arch = "wasm32")]
pub mod cognito;
#[cfg(target_arch = "wasm32")]
pub mod http;
#[cfg(target_arch = "wasm32")]
pub mod lifecycle;
#[cfg(target_arch = "wasm32")]
pub mod made;
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
