//! JSON in files.

use std::{fs, path::Path};

use anyhow::Context as _;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Reads a file of JSON.
pub(crate) fn json<T: DeserializeOwned>(path: &Path) -> anyhow::Result<T> {
    let shown = || path.display().to_string();
    let text = fs::read_to_string(path).with_context(shown)?;
    serde_json::from_str(&text).with_context(shown)
}

/// A member that must be a text.
pub(super) fn text(value: &Value) -> anyhow::Result<String> {
    Ok(value.as_str().context("a text is missing")?.to_owned())
}
