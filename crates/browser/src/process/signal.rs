//! A signal that asks for an end.

use std::fmt;

use signal_hook::consts::{SIGHUP, SIGINT};

/// A signal, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signal(pub(crate) i32);

impl Signal {
    /// The exit code that shells use for a program that a signal has ended.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        u8::try_from(128 + self.0).unwrap_or(u8::MAX)
    }
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            SIGHUP => "SIGHUP",
            SIGINT => "Ctrl-C",
            _ => "SIGTERM",
        })
    }
}
