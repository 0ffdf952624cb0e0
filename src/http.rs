//! Sends requests: nothing else in the suite calls `fetch`.
//!
//! Each request has a name, a deadline, a start and an end, and fails in one of a closed set of
//! ways ([`Problem`]). An idempotent request is sent again where the network or a busy service is
//! at fault ([`retry`](crate::retry) decides when).

mod answer;
mod client;
mod diagnosis;
mod failure;
pub mod frame;
mod request;
mod send;

pub use answer::Answer;
pub(crate) use answer::shown;
pub use client::Http;
pub(crate) use client::report_retry;
pub use failure::{Failure, Problem, SUCCESS, Sent};
pub(crate) use failure::{is_expected, is_page};
pub(crate) use request::Kind;
pub use request::{Form, Method, Request};
