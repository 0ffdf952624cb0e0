//! Where workers run.

/// Where a worker runs, as a job's `environment` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum WorkerEnvironment {
    /// On a machine of a user's own.
    Local,
    /// In the cloud: the worker is in the group `cloud`.
    Cloud,
}

impl WorkerEnvironment {
    /// The name, as in a job and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Cloud => "cloud",
        }
    }
}
