//! Cognito's public client over real connections.

mod cors;
mod recorded;
mod service;
mod sessions;
mod sign_in;
