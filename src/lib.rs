//! The browser's side of DECODE OpenCloud's integration tests: what the frontend's page does,
//! typed, and the steps that the tests are made of.
//!
//! The rooms, ground floor first. Nothing lower knows of anything higher, and only `http` sends
//! requests.

pub mod application;
pub mod report;
pub mod settings;
