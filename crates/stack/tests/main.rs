//! The tests of the embedded OpenCloud over real connections. They are one program, since each would link
//! the same hundreds of crates.

mod applications;
mod cli;
mod cognito;
mod edges;
mod faults;
mod files;
mod full_disk;
mod hostile;
mod lifecycle;
mod memory;
mod paths;
mod queue;
mod recordings;
mod s3;
mod stack;
mod support;
mod unrecorded;
