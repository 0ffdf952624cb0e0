//! The summary that GitHub Actions shows of a step.

use std::{env, fs::OpenOptions, io::Write as _};

use anyhow::Context;

/// Adds Markdown to it, where this runs as a step.
pub(crate) fn append(markdown: &str) -> anyhow::Result<()> {
    let Some(path) = env::var_os("GITHUB_STEP_SUMMARY") else {
        return Ok(());
    };
    OpenOptions::new()
        .append(true)
        .create(true)
        .open(path)
        .and_then(|mut file| file.write_all(markdown.as_bytes()))
        .context("cannot write the step summary of GitHub Actions")
}
