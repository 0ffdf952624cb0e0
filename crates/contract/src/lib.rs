//! The contract between the frontend and `OpenCloud`'s services: recorded exchanges, replayed one by
//! one against any deployment, and what differs.
//!
//! The recordings lie in `recordings/`, the table of differences on purpose is `differences.yaml`.

mod compare;
mod deployment;
mod differences;
mod form;
mod group;
mod http;
mod mailbox;
mod recording;
mod reduction;
mod renewal;
mod replay;
mod texts;
mod tokens;
mod translation;
mod unrecorded;

pub use compare::{Differing, Part};
pub use deployment::{Account, Address, Bucket, Deployment, Login, Role};
pub use differences::{Difference, Differences};
pub use group::{Group, Mode};
pub use http::{Answer, Client, Request};
pub use recording::Recording;
pub use replay::{Outcome, Replay, replay};
pub use tokens::Forge;
