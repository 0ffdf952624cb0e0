//! Every fault does what its line says, and the sound stack does not: over real TCP, what each
//! answers to the same requests.

#[path = "../support/mod.rs"]
mod support;

mod bench;
mod cors;
mod disturbances;
mod files;
mod jobs;
mod registry;
mod sign_in;
mod transport;
