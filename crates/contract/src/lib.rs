//! The contract between the frontend and `OpenCloud`'s services: recorded exchanges, replayed one by
//! one against any deployment, and what differs.
//!
//! The recordings lie in `recordings/`, the table of differences on purpose is `differences.yaml`.

mod account;
mod compare;
pub mod coverage;
mod deployment;
mod diff;
mod differences;
mod form;
mod group;
mod http;
mod mailbox;
mod openapi;
mod page;
mod preparation;
mod recorder;
mod recording;
mod reduction;
mod renewal;
mod replay;
mod report;
mod service;
mod texts;
mod tokens;
mod translation;

pub use account::{contents, empty};
pub use compare::{Differing, Part};
pub use deployment::{Account, Address, Bucket, Deployment, Login, Role, SignInRefused};
pub use differences::{Difference, Differences};
pub use group::{Group, Mode};
pub use http::{Answer, Client, ProxyOf, Request};
pub use openapi::Operations;
pub use recorder::Recorder;
pub use recording::Recording;
pub use replay::{Outcome, Replay, replay};
pub use report::{Counts, Report};
pub use service::Service;
pub use tokens::Forge;
