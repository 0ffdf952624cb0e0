//! Every fault does what its line says, and the sound stack does not: over real TCP, what each
//! answers to the same requests.

#[path = "../support/mod.rs"]
mod support;

mod awkward;
mod awkward_jobs;
mod bench;
mod cors;
mod directories;
mod disturbances;
mod fields;
mod files;
mod job_list;
mod jobs;
mod losses;
mod refusals;
mod registry;
mod sign_in;
mod transport;
