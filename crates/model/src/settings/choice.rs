//! Settings that take one of a few values.

use std::fmt;

use crate::origins;

/// Which OpenCloud is under test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    /// The stack that is part of this project.
    Embedded,
    /// The four real services on this machine.
    Local,
    /// The deployment that developers share.
    Dev,
    /// The deployment for users.
    Prod,
}

/// Which workers a job asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worker {
    /// Workers that their owners run (`environment: "local"` in a job).
    Local,
    /// Workers in the cloud (`environment: "cloud"` in a job).
    Cloud,
}

/// What a job trains on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Device {
    /// The processor.
    Cpu,
    /// A CUDA device.
    Gpu,
}

/// A value of a closed set, as it is written in `.env`.
pub(super) trait Choice: Copy + 'static {
    const ALL: &'static [(&'static str, Self)];
}

impl Choice for Environment {
    const ALL: &'static [(&'static str, Self)] = &[
        ("embedded", Self::Embedded),
        ("local", Self::Local),
        ("dev", Self::Dev),
        ("prod", Self::Prod),
    ];
}

impl Choice for Worker {
    const ALL: &'static [(&'static str, Self)] = &[
        (Self::Local.name(), Self::Local),
        (Self::Cloud.name(), Self::Cloud),
    ];
}

impl Worker {
    /// The name that the UserAPI uses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Cloud => "cloud",
        }
    }
}

impl Choice for Device {
    const ALL: &'static [(&'static str, Self)] = &[("cpu", Self::Cpu), ("gpu", Self::Gpu)];
}

/// Something that is on or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Switch {
    On,
    Off,
}

impl Switch {
    pub(super) fn is_on(self) -> bool {
        self == Self::On
    }
}

impl Choice for Switch {
    const ALL: &'static [(&'static str, Self)] = &[("yes", Self::On), ("no", Self::Off)];
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::ALL.iter().find(|(_, value)| value == self);
        f.write_str(name.map_or("", |(name, _)| name))
    }
}

impl Environment {
    /// Where its UserAPI listens unless `USERFACING_API_URL` says otherwise.
    #[must_use]
    pub fn default_user_api(self) -> &'static str {
        match self {
            Self::Embedded | Self::Local => "http://localhost:8000",
            Self::Dev => "https://dev.api.decode.arthur-jaques.de",
            Self::Prod => "https://prod.api.decode.arthur-jaques.de",
        }
    }

    /// The frontend's origin unless `FRONTEND_URL` says otherwise: the one that the environment's
    /// UserAPI allows. `page.js` knows the same, before any Rust runs.
    #[must_use]
    pub fn default_frontend(self) -> &'static str {
        match self {
            Self::Embedded | Self::Local => origins::DEVELOPMENT,
            Self::Dev | Self::Prod => "https://ries-lab.github.io",
        }
    }

    /// The keys that hold its account: e-mail address and password.
    #[must_use]
    pub fn account_keys(self) -> (&'static str, &'static str) {
        match self {
            Self::Embedded | Self::Local => ("EMAIL", "PASSWORD"),
            Self::Dev | Self::Prod => ("TEST_EMAIL", "TEST_PASSWORD"),
        }
    }
}

/// `a, b or c`.
pub(super) fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<_> = names.collect();
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => names.concat(),
    }
}
