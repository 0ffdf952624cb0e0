//! The part of an engine's network log that is kept.

use std::fmt::Debug;

use opencloud_model::observation::Observation;

use super::exchange::Exchange;

/// Understands the entries of an engine's network log.
pub trait NetworkLog: Debug {
    /// Takes in an entry; those that are about something else are ignored.
    fn take(&mut self, entry: &str);

    /// What became of the page's request that failed and was sent at `started_at`, in milliseconds
    /// since 1970. Others to the same address may have been sent soon after, to find out about the
    /// first.
    fn observation(&self, method: &str, url: &str, started_at: f64) -> Option<Observation>;

    /// All requests over the network, in the order in which they were sent; each with the place of
    /// its preflight among them.
    fn exchanges(&self) -> Vec<(Exchange, Option<usize>)>;
}
