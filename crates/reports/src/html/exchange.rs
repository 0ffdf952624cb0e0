//! A request with its answer, as the browser knows them.

use maud::{Markup, html};

use super::super::{
    model::{Exchange, Header, Run, Sender, Wire},
    words,
};

/// The exchange that made a step fail, after its preflight.
pub(super) fn exchange(run: &Run, exchange: &Exchange) -> Markup {
    let preflight = exchange
        .preflight
        .and_then(|place| run.exchanges.get(place));
    html! {
        div.exchange {
            h3 {
                @if exchange.sender == Sender::Trial { "The request that shows it, sent by a page in a frame" }
                @else if exchange.problem.is_some() { "The request that failed" }
                @else { "The request before it failed" @if let Some(name) = &exchange.name { ": " (name) } }
            }
            @if let Some(preflight) = preflight {
                h4 { "Preflight" }
                (lines(preflight, true))
                h4 { "Request" }
            }
            (lines(exchange, false))
        }
    }
}

fn lines(exchange: &Exchange, is_preflight: bool) -> Markup {
    let Some(wire) = &exchange.wire else {
        return html! {
            pre.http { (exchange.method) " " (exchange.url) "\n" (words::outcome(exchange)) }
            p.note { "The browser reported no details." }
        };
    };
    let is_answered = exchange.status.is_some();
    html! {
        pre.http {
            strong { (exchange.method) " " (exchange.url) } "\n"
            @for header in &wire.request_headers { (self::header(header)) }
        }
        pre.http {
            strong { (answer(exchange, wire)) } "\n"
            @for header in &wire.response_headers { (self::header(header)) }
            @for name in missing(exchange, wire, is_preflight).filter(|_| is_answered) {
                span.missing { (name) ": (missing)" } "\n"
            }
        }
        @if let Some(browser) = &exchange.browser { p.engine { "The browser: " (browser) } }
    }
}

fn answer(exchange: &Exchange, wire: &Wire) -> String {
    match exchange.status {
        Some(status) => {
            let withheld = match exchange.readable {
                Some(false) => " (kept from the page)",
                _ => "",
            };
            format!("{status} {}{withheld}", wire.status_text)
        }
        None => format!("No answer after {}", words::seconds(exchange.seconds)),
    }
}

/// A header. Those that decide whether a page may read the answer are marked.
fn header(header: &Header) -> Markup {
    let line = format!("{}: {}", header.name, header.value.replace('\n', "\n    "));
    let decides = header.name == "origin"
        || header.name == "location"
        || header.name.starts_with("access-control-");
    html! {
        @if decides { mark { (line) } } @else { (line) }
        "\n"
    }
}

/// The missing CORS headers, without which the page may not read the answer or the browser may not
/// send the request.
fn missing<'a>(
    exchange: &'a Exchange,
    wire: &'a Wire,
    is_preflight: bool,
) -> impl Iterator<Item = &'static str> + 'a {
    let is_cross_origin = wire
        .request_headers
        .iter()
        .any(|header| header.name == "origin");
    let needs = [
        ("access-control-allow-origin", is_cross_origin),
        ("access-control-allow-methods", is_preflight),
        (
            "access-control-allow-headers",
            is_preflight && asks_for_headers(wire),
        ),
    ];
    let is_wrong = is_preflight || exchange.readable == Some(false);
    needs
        .into_iter()
        .filter(move |(name, needed)| {
            let is_there = wire
                .response_headers
                .iter()
                .any(|header| header.name == *name);
            is_wrong && *needed && !is_there
        })
        .map(|(name, _)| name)
}

fn asks_for_headers(wire: &Wire) -> bool {
    let mut headers = wire.request_headers.iter();
    headers.any(|header| header.name == "access-control-request-headers")
}
