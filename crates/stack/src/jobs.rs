//! Jobs: what they are, and where they are kept.

mod job;
mod status;
pub(crate) mod store;

pub(crate) use self::{
    job::{Application, Attributes, FilesDown, Hardware, Job, JobKey, NewJob},
    store::{CreateError, JobStore},
};
pub use self::{status::JobStatus, store::StateChange};
