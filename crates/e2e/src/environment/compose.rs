//! The local stack: the four real services, in containers that Docker Compose starts.

mod build_failure;
mod checked;
mod cleanup;
mod docker;
mod down;
mod health;
mod lock;
mod log;
mod service;
mod stack;

pub(crate) use checked::CheckedStack;
pub(crate) use cleanup::clean_up;
pub(crate) use down::down;
pub(crate) use service::Local;
pub(crate) use stack::LocalStack;
