//! `results.json`: the model of a run as it stands. Its schema is in `docs/results.schema.json`.

use anyhow::Context;

use super::model::Run;

/// The results as JSON.
pub(super) fn results(run: &Run) -> anyhow::Result<String> {
    serde_json::to_string(run).context("cannot write the results as JSON")
}
