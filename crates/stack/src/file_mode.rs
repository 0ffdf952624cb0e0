//! Where user files live.

/// Where user files live, as the UserAPI's `FILESYSTEM` setting has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum FileMode {
    /// In an S3 bucket; the page reaches them by pre-signed requests.
    S3,
    /// On the UserAPI's own disk; the page reaches them through `/upload` and `/download`.
    Local,
}
