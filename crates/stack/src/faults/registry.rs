//! The faults and disturbances of one stack.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;

use super::{
    disturbance::Disturbance,
    edits::CLOCK_OFF,
    fault::{Family, Fault},
};
use crate::file_mode::FileMode;

/// The faults and disturbances of one stack. Clones share them; the default has none.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    pub(super) faults: Arc<[Fault]>,
    pub(super) disturbances: Arc<[Disturbance]>,
}

impl Faults {
    /// These faults and disturbances.
    #[must_use]
    pub fn new(faults: &[Fault], disturbances: &[Disturbance]) -> Self {
        Self {
            faults: faults.into(),
            disturbances: disturbances.into(),
        }
    }

    /// Whether the stack has this fault.
    #[must_use]
    pub fn has(&self, fault: Fault) -> bool {
        self.faults.contains(&fault)
    }

    /// The time by the clock of Cognito and the UserAPI.
    #[must_use]
    pub(crate) fn now(&self) -> Timestamp {
        let mut now = Timestamp::now();
        if self.disturbed_by(Disturbance::ClockFast) {
            now += CLOCK_OFF;
        }
        if self.disturbed_by(Disturbance::ClockSlow) {
            now -= CLOCK_OFF;
        }
        now
    }

    /// How long a token is valid that should be valid for `lifetime`.
    pub(crate) fn token_lifetime(&self, lifetime: Duration) -> Duration {
        if self.disturbed_by(Disturbance::TokensOf3Seconds) {
            Duration::from_secs(3)
        } else if self.disturbed_by(Disturbance::TokensOf5Seconds) {
            Duration::from_secs(5)
        } else {
            lifetime
        }
    }

    /// Whether the stack has this disturbance.
    #[must_use]
    pub fn disturbed_by(&self, disturbance: Disturbance) -> bool {
        self.disturbances.contains(&disturbance)
    }
}

/// All faults and disturbances, one a line, for `--list-faults`.
#[must_use]
pub fn list() -> String {
    let mut lines = Vec::new();
    for family in Family::ALL {
        lines.push(format!("faults, {family}:"));
        for fault in Fault::ALL.iter().filter(|fault| fault.family() == family) {
            let only = only(fault.only_in());
            lines.push(format!("  {:38} {}{only}", fault.name(), fault.about()));
        }
    }
    lines.push("disturbances:".into());
    for disturbance in Disturbance::ALL {
        let (name, about) = (disturbance.name(), disturbance.about());
        let only = only(disturbance.only_in());
        lines.push(format!("  {name:38} {about}{only}"));
    }
    lines.join("\n") + "\n"
}

fn only(mode: Option<FileMode>) -> &'static str {
    match mode {
        None => "",
        Some(FileMode::S3) => " (s3 only)",
        Some(FileMode::Local) => " (local only)",
    }
}
