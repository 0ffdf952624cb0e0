//! What is wrong with an application file.

use super::yaml::EditError;
use crate::line::line;

/// What is wrong with an application file.
#[derive(Debug, thiserror::Error)]
pub enum ApplicationError {
    /// It is not YAML, or does not have the fields that it needs.
    #[error("tests/applications/{name}.yaml: {}", line(&source.to_string()))]
    Syntax {
        /// The file's name without its extension.
        name: String,
        /// What the reader says, with line and column.
        source: serde_yaml::Error,
    },
    /// It contains a contradiction or an invalid value.
    #[error("tests/applications/{name}.yaml: {}", line(problem))]
    Meaning {
        /// The file's name without its extension.
        name: String,
        /// What is wrong, and what is valid.
        problem: String,
    },
    /// An input cannot be edited as asked.
    #[error("tests/applications/{name}/{file}: {}", line(&source.to_string()))]
    Edit {
        /// The application file's name without its extension.
        name: String,
        /// The input's file name.
        file: String,
        /// Which key, and what is wrong with it.
        source: EditError,
    },
    /// A file is not there or cannot be read.
    #[cfg(not(target_arch = "wasm32"))]
    #[error("{path} cannot be read: {source}")]
    Read {
        /// The file.
        path: String,
        /// What the system says.
        source: std::io::Error,
    },
}
