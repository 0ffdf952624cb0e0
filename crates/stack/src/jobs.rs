//! Jobs: what they are, and where they are kept.

mod job;
pub(crate) mod store;

pub use self::{job::JobStatus, store::StateChange};
pub(crate) use self::{
    job::{Application, Attributes, FilesDown, Hardware, Job, JobKey, NewJob},
    store::{CreateError, JobStore},
};
