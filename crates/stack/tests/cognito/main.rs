//! Cognito's public client over real connections.

#[path = "../support/mod.rs"]
mod support;

mod accounts;
mod claims;
mod cors;
mod service;
mod sessions;
mod sign_in;
