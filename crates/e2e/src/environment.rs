//! The environment under test: an `OpenCloud` that this command starts, and the inputs of real jobs.

pub(crate) mod client;
pub(crate) mod compose;
pub(crate) mod embedded;
pub(crate) mod inputs;
pub(crate) mod proxy;
pub(crate) mod recording_proxy;
