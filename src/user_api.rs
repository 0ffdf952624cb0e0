//! The UserAPI, as the frontend calls it: access, files and jobs of a signed-in user.
//!
//! An [`Endpoint`] makes a bare request, for tests that send it in their own way. The methods of
//! [`UserApi`] send a request and read its answer.

pub mod access;
pub mod applications;
mod changes;
mod client;
pub mod endpoint;
pub mod error;
pub mod files;
pub mod jobs;
mod listing;
pub mod non_idempotent;
mod refused_upload;
mod s3_refusal;
mod service_error;
mod stale;
pub mod transfers;
mod turns;

pub use client::{CallError, UserApi};
pub use endpoint::Endpoint;
pub use listing::check_entries;
pub use stale::{Stale, explain_repeated};
pub use turns::{Place, Turn};
