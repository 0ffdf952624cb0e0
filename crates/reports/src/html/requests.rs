//! All requests as a table.

use maud::{Markup, html};

use super::super::{
    model::{Exchange, Run, Sender},
    words,
};
use super::table::{heads, wide};

/// All requests in the order in which they were sent.
pub(super) fn requests(run: &Run) -> Markup {
    if run.exchanges.is_empty() {
        return Markup::default();
    }
    let heads = heads(&["At", "For", "Request", "Answer", "Took"]);
    let rows = html! { @for exchange in &run.exchanges { (row(run, exchange)) } };
    html! {
        section id="requests" {
            h2 { "Requests" }
            p.note { "With their headers and timings they are in trace.har, which a browser's network panel opens." }
            details {
                summary { "All " (words::count(run.exchanges.len(), "request")) }
                (wide("Requests", Some("requests"), &heads, &rows))
            }
        }
    }
}

fn row(run: &Run, exchange: &Exchange) -> Markup {
    let at = (exchange.started_at - run.started_at) / 1000.0;
    html! {
        tr {
            td { (format!("{at:.3}")) }
            td { (purpose(exchange)) }
            td { (exchange.method) " " (path(&exchange.url)) }
            td { (words::outcome(exchange)) }
            td { (words::seconds(exchange.seconds)) }
        }
    }
}

/// The purpose of a request.
pub(super) fn purpose(exchange: &Exchange) -> &str {
    match (&exchange.name, exchange.sender) {
        (Some(name), _) => name,
        (None, Sender::Preflight) => "(preflight)",
        (None, Sender::Trial) => "(trial)",
        (None, _) => "(page)",
    }
}

/// A URL without its query, which may be long.
pub(super) fn path(url: &str) -> &str {
    url.split('?').next().unwrap_or(url)
}
