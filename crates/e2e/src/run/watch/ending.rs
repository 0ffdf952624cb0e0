//! How a run of the suite ends.

use opencloud_browser::process::Failure;

/// How a run ended.
#[derive(Debug)]
pub(crate) enum Ending {
    /// All tests have ended.
    Complete,
    /// A test went on past every limit.
    Hung {
        /// Which one, and where it was.
        message: String,
        /// What helps to find the cause.
        details: String,
    },
    /// The suite panicked, and no test came after that.
    Panicked {
        /// In which test.
        message: String,
        /// What helps to find the cause.
        details: String,
    },
}

impl Ending {
    /// Nothing, or the failure that not all tests have ended.
    pub(crate) fn completed(self) -> Result<(), Failure> {
        match self {
            Self::Complete => Ok(()),
            Self::Hung { message, details } | Self::Panicked { message, details } => {
                Err(Failure::ours_with(message, details))
            }
        }
    }
}
