//! Cognito's public client over real connections.

mod accounts;
mod claims;
mod cors;
mod service;
mod sessions;
mod sign_in;
