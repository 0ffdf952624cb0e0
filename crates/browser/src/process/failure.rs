//! Why a run has no verdict, and the exit code for it.

use super::print;
use std::{fmt, process::ExitCode};

use opencloud_model::{event::Blame, redact};

use super::signal::Signal;

/// Why there is no verdict on the stack.
#[derive(Debug)]
pub enum Failure {
    /// The user's input is wrong: one line that says what to do.
    Input(String),
    /// The stack under test is wrong, and no test was needed to find out.
    Stack {
        /// What is wrong with it.
        message: String,
        /// What helps to find the cause.
        details: String,
    },
    /// Our own failure.
    Ours {
        /// What was expected and what came.
        error: anyhow::Error,
        /// What helps to find the cause, such as a program's last lines. May be empty.
        details: String,
    },
    /// The user or the system asked for an end.
    Interrupted(Signal),
}

impl Failure {
    /// Our own failure, without details.
    pub fn ours(error: impl Into<anyhow::Error>) -> Self {
        Self::Ours {
            error: error.into(),
            details: String::new(),
        }
    }

    /// Our own failure with what helps to find its cause.
    pub fn ours_with(message: impl Into<String>, details: impl Into<String>) -> Self {
        Self::Ours {
            error: anyhow::Error::msg(message.into()),
            details: details.into(),
        }
    }

    /// A thread of ours ended without an answer.
    #[must_use]
    pub fn panicked() -> Self {
        Self::ours_with("a thread of ours panicked", "")
    }

    /// Whose fault it is.
    #[must_use]
    pub fn blame(&self) -> Blame {
        match self {
            Self::Input(_) => Blame::Input,
            Self::Stack { .. } => Blame::Stack,
            Self::Ours { .. } | Self::Interrupted(_) => Blame::Ourselves,
        }
    }

    /// The exit code.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Interrupted(signal) => signal.exit_code(),
            _ => self.blame().exit_code(),
        }
    }

    /// Writes it to stderr, without any secret, and returns the exit code.
    #[expect(
        clippy::must_use_candidate,
        reason = "the text is written, even if the code is not used"
    )]
    pub fn report(&self) -> ExitCode {
        for (number, line) in redact::clean(&self.to_string()).lines().enumerate() {
            print::err(format_args!(
                "{}{line}",
                if number == 0 { "error: " } else { "    " }
            ));
        }
        self.exit_code().into()
    }
}

/// One line, and below it what helps to find the cause.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input(message) => f.write_str(message),
            Self::Stack { message, details } => f.write_str(&with_details(message, details)),
            Self::Ours { error, details } => {
                f.write_str(&with_details(&format!("{error:#}"), details))
            }
            Self::Interrupted(signal) => {
                write!(
                    f,
                    "ended by {signal}; all that this command had started has been stopped"
                )
            }
        }
    }
}

fn with_details(message: &str, details: &str) -> String {
    match details {
        "" => message.to_owned(),
        details => format!("{message}\n{details}"),
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::ours(error)
    }
}
