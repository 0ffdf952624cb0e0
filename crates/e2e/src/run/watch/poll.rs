//! What the page is asked for, and what it tells.

use std::time::Duration;

use serde::Deserialize;

/// How often the page is asked. A test may wait for the answer to its own question that long.
pub(super) const PERIOD: Duration = Duration::from_millis(50);
/// The test runner ends its output with this.
pub(super) const END: &str = "test result: ";

/// Asks for all that is new in one go. The text comes only when it has changed, and then all of it: it is
/// short, and it does not only grow, so the page counts its versions. Where nobody sees it, it is hidden, because laying it out again with each of its
/// lines would take a tenth of the browser's time.
pub(super) const SCRIPT: &str = r#"
    const [version, events, isSeen] = arguments;
    const output = document.getElementById("output");
    if (output && !isSeen) output.style.display = "none";
    const text = output?.textContent ?? null;
    if (output && output.said !== text) {
        output.said = text;
        output.version = (output.version ?? 0) + 1;
    }
    const channel = globalThis.opencloud ?? {};
    return {
        origin: location.origin,
        title: document.title,
        isSuite: text !== null,
        text: output?.version === version ? null : text,
        version: output?.version ?? 0,
        events: (channel.events ?? []).slice(events),
        questions: (channel.questions ?? []).splice(0),
        progress: channel.progress ?? 0,
    };
"#;
/// Answers a question of the page's.
pub(super) const ANSWER: &str = "globalThis.opencloud?.answer(arguments[0], arguments[1]);";

/// What is new in the page.
#[derive(Deserialize)]
pub(super) struct Polled {
    /// The origin that it has.
    pub(super) origin: String,
    /// Its title.
    pub(super) title: String,
    /// Whether it is the suite's own.
    #[serde(rename = "isSuite")]
    pub(super) is_suite: bool,
    /// All that the test runner has said, if that has changed.
    pub(super) text: Option<String>,
    /// Which version of it that is.
    pub(super) version: u64,
    /// What happened since the last time, as JSON.
    pub(super) events: Vec<String>,
    /// What it wants to know.
    pub(super) questions: Vec<Question>,
    /// How much its tests have reported, also those whose events it does not show yet.
    pub(super) progress: u64,
}

/// What became of a request that the page knows only as failed?
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Question {
    /// What the answer must name.
    pub(super) id: u64,
    /// The request's method.
    pub(super) method: String,
    /// Its URL without the query.
    pub(super) url: String,
    /// When it was sent, in milliseconds since 1970.
    pub(super) started_at: f64,
}
