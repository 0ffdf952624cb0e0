//! Why a stack did not start.

use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use crate::file_mode::FileMode;

/// Why a stack did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another program (or another stack) has the port.
    #[error("port {port} is in use: stop what listens there, or give {flag} another")]
    PortInUse {
        /// The port.
        port: u16,
        /// The command-line option that chooses it.
        flag: &'static str,
    },
    /// The address or port cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address that was requested.
        address: SocketAddr,
        /// The reason.
        source: io::Error,
    },
    /// The data directory cannot be made or written to.
    #[error("cannot use the data directory {}: {source}", path.display())]
    DataDir {
        /// The directory.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// A fault or disturbance was asked for that the chosen file mode does not have.
    #[error("{name} exists only with user files {}", match .only_in {
        FileMode::Local => "on the UserAPI's own disk (--files local)",
        FileMode::S3 => "in S3 (--files s3)",
    })]
    NotInThisMode {
        /// Its name, and what it is.
        name: String,
        /// The mode that has it.
        only_in: FileMode,
    },
    /// The configuration of the applications cannot be used.
    #[error("{0:#}")]
    Applications(#[source] anyhow::Error),
    /// Another stack has the data directory.
    #[error("another embedded OpenCloud uses the data directory {}", .0.display())]
    DataDirInUse(PathBuf),
    /// Accounts, jobs or objects cannot be opened.
    #[error("failed to open the stack's data: {0:#}")]
    Open(#[source] anyhow::Error),
}

impl StartError {
    pub(crate) fn unusable(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        Self::DataDir { path, source }
    }

    /// Whether another configuration can avoid it.
    #[must_use]
    pub fn is_bad_input(&self) -> bool {
        !matches!(self, Self::Open(_))
    }
}
