//! Where user files live.

/// Where user files live, as the UserAPI's `FILESYSTEM` setting has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum FileMode {
    /// In an S3 bucket; the page reaches them by pre-signed requests.
    #[default]
    S3,
    /// On the UserAPI's own disk; the page reaches them through `/upload` and `/download`.
    Local,
}

impl FileMode {
    /// The name, as on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::S3 => "s3",
            Self::Local => "local",
        }
    }

    /// The place for people, such as `in s3`.
    #[must_use]
    pub fn place(self) -> &'static str {
        match self {
            Self::S3 => "in s3",
            Self::Local => "on the UserAPI's disk",
        }
    }
}
