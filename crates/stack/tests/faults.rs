//! Every fault does what its line says, and the sound stack does not: over real TCP, what each
//! answers to the same requests.

mod accounts;
mod applications;
mod bench;
mod between;
mod cors;
mod directories;
mod disturbances;
mod disturbed_answers;
mod disturbed_jobs;
mod dropped_answers;
mod edges;
mod fields;
mod files;
mod frontend;
mod job_list;
mod jobs;
mod proxies;
mod refusals;
mod registry;
mod shown_jobs;
mod sign_in;
mod transport;
