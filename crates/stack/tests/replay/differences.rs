//! Where the stack answers otherwise than what was recorded, on purpose.

use super::compare::Part::{self, Body, Header, NotSent, Status};

/// An exchange that differs.
pub struct Difference {
    /// `local`, `s3`, or empty for both.
    mode: &'static str,
    group: &'static str,
    pub exchange: &'static str,
    pub parts: &'static [Part],
    /// Why this is right.
    #[allow(dead_code, reason = "for people")]
    reason: &'static str,
}

impl Difference {
    pub fn is_for(&self, mode: &str, group: &str) -> bool {
        (self.mode.is_empty() || self.mode == mode) && self.group == group
    }
}

const fn differs(
    mode: &'static str,
    group: &'static str,
    exchange: &'static str,
    parts: &'static [Part],
    reason: &'static str,
) -> Difference {
    Difference {
        mode,
        group,
        exchange,
        parts,
        reason,
    }
}

const NO_WORKER_API: &str = "the stack's worker needs no WorkerAPI, and no page can use one";
const NO_TRAVERSAL: &str = "`..` must not lead out of the user's directory";

/// All of them.
pub const DIFFERENCES: &[Difference] = &[
    differs("", "cors", "preflight_worker_api", &[NotSent], NO_WORKER_API),
    differs("", "cors", "actual_worker_api", &[NotSent], NO_WORKER_API),
    differs("local", "files", "traversal_get_url", &[Status, Body], NO_TRAVERSAL),
    differs("local", "files", "traversal_list", &[Status, Body], NO_TRAVERSAL),
];
