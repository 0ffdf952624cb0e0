//! Where the project lies.

use std::path::PathBuf;

/// The project's root. Cargo builds this program anew when the project moves.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .map(Into::into)
        .unwrap_or_default()
}
