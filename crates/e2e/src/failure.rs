//! Why a run has no verdict, and the exit code that tells.

use std::process::ExitCode;

use crate::interrupt::Signal;

/// The suite found the stack wrong.
pub(crate) const STACK_IS_WRONG: u8 = 1;
/// The user's input is wrong.
pub(crate) const INPUT_IS_WRONG: u8 = 2;
/// This project itself failed.
pub(crate) const OUR_FAILURE: u8 = 3;

/// Why there is no verdict on the stack.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The user's input is wrong: one line that says what to do.
    Input(String),
    /// Our own failure.
    Ours {
        /// What was expected and what came.
        error: anyhow::Error,
        /// What helps to find the cause: a program's last words, for instance. May be empty.
        details: String,
    },
    /// The user or the system asked for an end.
    Interrupted(Signal),
}

impl Failure {
    /// Our own failure, told by `error` alone.
    pub(crate) fn ours(error: impl Into<anyhow::Error>) -> Self {
        Self::Ours {
            error: error.into(),
            details: String::new(),
        }
    }

    /// Our own failure with what helps to find its cause.
    pub(crate) fn ours_with(message: impl Into<String>, details: impl Into<String>) -> Self {
        Self::Ours {
            error: anyhow::Error::msg(message.into()),
            details: details.into(),
        }
    }

    /// Says it on stderr and returns the exit code.
    pub(crate) fn report(&self) -> ExitCode {
        match self {
            Self::Input(message) => {
                eprintln!("error: {message}");
                INPUT_IS_WRONG.into()
            }
            Self::Ours { error, details } => {
                eprintln!("error: {error:#}");
                for line in details.lines() {
                    eprintln!("    {line}");
                }
                OUR_FAILURE.into()
            }
            Self::Interrupted(signal) => {
                eprintln!("error: ended by {signal}; everything that was started has ended too");
                signal.exit_code().into()
            }
        }
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::ours(error)
    }
}
