//! The local stack: the four real services, in containers that Docker Compose starts.

mod cleanup;
mod docker;
mod down;
mod health;
mod judged;
mod service;
mod stack;

pub(crate) use cleanup::clean_up;
pub(crate) use down::down;
pub(crate) use judged::Judged;
pub(crate) use service::Local;
pub(crate) use stack::LocalStack;
