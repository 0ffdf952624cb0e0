//! Limits for each client of a server.

use std::time::Duration;

/// Limits for each client.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// How many connections a service has at a time, at all its addresses; more of them wait.
    pub(super) connections: usize,
    /// How many bytes a request's line and headers may have.
    pub(super) head: usize,
    /// How long they may take, counted from the end of the request before.
    pub(super) head_time: Duration,
    /// How many bytes a body may have.
    pub(super) body: u64,
    /// How long a client may send nothing more of a body, and take nothing more of an answer.
    pub(super) idle: Duration,
    /// How many bytes of a body must arrive for each second of waiting, beyond the first `idle`.
    pub(super) body_rate: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 512,
            head: 64 * 1024,
            head_time: Duration::from_secs(30),
            // S3's limit for one upload, and room for the form around it.
            body: (5 << 30) + (1 << 20),
            idle: Duration::from_secs(30),
            body_rate: 1024,
        }
    }
}
