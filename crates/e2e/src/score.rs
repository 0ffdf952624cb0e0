//! What the suite notices of a stack that is wrong on purpose.
//!
//! A suite is worth what it notices. The suite runs on a sound stack, which it must pass, and then
//! on one stack for each fault and each disturbance. Several browsers share the work; the result
//! does not depend on which of them did what.

mod differences;
pub(crate) mod document;
pub(crate) mod expectations;
pub(crate) mod file;
pub(crate) mod item;
mod judgement;
pub(crate) mod merge;
mod observed;
pub(crate) mod partition;
pub(crate) mod scope;
pub(crate) mod summary;
pub(crate) mod worker_pool;
