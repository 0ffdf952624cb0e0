//! `trace.har`: every request with its headers and timings, as HTTP Archive 1.2. Browsers' network
//! panels open it. Each test is a page.

use anyhow::Context;
use serde::Serialize;

use super::{
    model::{self, Exchange, Header, Run, Sender, Test, Wire},
    words,
};

/// The requests as an HTTP Archive: a JSON text.
pub(super) fn har(run: &Run) -> anyhow::Result<String> {
    let browser = run.versions.browser.as_deref().map(|browser| {
        let (name, version) = browser.split_once(' ').unwrap_or((browser, ""));
        Program { name, version }
    });
    let har = Har {
        log: Log {
            version: "1.2",
            creator: Program {
                name: "opencloud-e2e",
                version: &run.versions.suite,
            },
            browser,
            pages: run.tests.iter().enumerate().map(page).collect(),
            entries: run
                .exchanges
                .iter()
                .map(|exchange| entry(run, exchange))
                .collect(),
            comment: &run.verdict,
        },
    };
    serde_json::to_string(&har).context("cannot write the requests as JSON")
}

#[derive(Serialize)]
struct Har<'a> {
    log: Log<'a>,
}

#[derive(Serialize)]
struct Log<'a> {
    version: &'static str,
    creator: Program<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    browser: Option<Program<'a>>,
    pages: Vec<Page<'a>>,
    entries: Vec<Entry<'a>>,
    comment: &'a str,
}

#[derive(Serialize)]
struct Program<'a> {
    name: &'a str,
    version: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Page<'a> {
    started_date_time: String,
    id: String,
    title: &'a str,
    #[serde(rename = "pageTimings")]
    timings: Nothing,
}

/// An object without members.
#[derive(Serialize)]
struct Nothing {}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pageref: Option<String>,
    started_date_time: String,
    time: f64,
    request: Request<'a>,
    response: Response<'a>,
    cache: Nothing,
    timings: Timings,
    #[serde(rename = "serverIPAddress", skip_serializing_if = "Option::is_none")]
    server_ip_address: Option<&'a str>,
    comment: String,
    #[serde(rename = "_resourceType")]
    resource_type: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    method: &'a str,
    url: &'a str,
    http_version: &'a str,
    cookies: [Nothing; 0],
    headers: &'a [Header],
    query_string: Vec<Header>,
    headers_size: i64,
    body_size: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Response<'a> {
    status: u16,
    status_text: &'a str,
    http_version: &'a str,
    cookies: [Nothing; 0],
    headers: &'a [Header],
    content: Content<'a>,
    #[serde(rename = "redirectURL")]
    redirect_url: &'a str,
    headers_size: i64,
    body_size: i64,
    /// As in archives of Chrome: the number of bytes received, headers included.
    #[serde(rename = "_transferSize", skip_serializing_if = "Option::is_none")]
    transfer_size: Option<u64>,
    #[serde(rename = "_error", skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
}

/// The browser does not report bodies.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Content<'a> {
    size: u64,
    mime_type: &'a str,
}

/// In milliseconds; -1: not needed or not known.
#[derive(Serialize)]
struct Timings {
    blocked: f64,
    dns: f64,
    connect: f64,
    ssl: f64,
    send: f64,
    wait: f64,
    receive: f64,
}

fn page((number, test): (usize, &Test)) -> Page<'_> {
    Page {
        started_date_time: date_time(test.started_at),
        id: id(number),
        title: &test.name,
        timings: Nothing {},
    }
}

fn id(number: usize) -> String {
    format!("test_{}", number + 1)
}

fn entry<'a>(run: &'a Run, exchange: &'a Exchange) -> Entry<'a> {
    const UNKNOWN: &Wire = &Wire::UNKNOWN;
    let wire = exchange.wire.as_ref().unwrap_or(UNKNOWN);
    let http_version = wire.protocol.as_deref().unwrap_or("unknown");
    let timings = timings(exchange, wire.timings.as_ref());
    let location = |header: &&Header| header.name == "location";
    let ran = |test: &Test| {
        (test.started_at..=test.started_at + test.seconds * 1000.0).contains(&exchange.started_at)
    };
    Entry {
        pageref: run.tests.iter().position(ran).map(id),
        started_date_time: date_time(exchange.started_at),
        time: timings.sum(),
        request: Request {
            method: &exchange.method,
            url: &exchange.url,
            http_version,
            cookies: [],
            headers: &wire.request_headers,
            query_string: query(&exchange.url),
            headers_size: -1,
            body_size: -1,
        },
        response: Response {
            status: exchange.status.unwrap_or(0),
            status_text: &wire.status_text,
            http_version,
            cookies: [],
            headers: &wire.response_headers,
            content: Content {
                size: content_length(wire),
                mime_type: match &*wire.mime_type {
                    "" => "x-unknown",
                    mime_type => mime_type,
                },
            },
            redirect_url: (wire.response_headers.iter().find(location))
                .map_or("", |header| &header.value),
            headers_size: -1,
            body_size: -1,
            transfer_size: wire.bytes,
            error: exchange.browser.as_deref(),
        },
        cache: Nothing {},
        timings,
        server_ip_address: wire
            .address
            .as_deref()
            .map(|address| address.trim_matches(['[', ']'])),
        comment: comment(exchange),
        resource_type: resource_type(exchange.sender),
    }
}

/// The length of the answer's body according to its headers.
fn content_length(wire: &Wire) -> u64 {
    let is_length = |header: &&Header| header.name == "content-length";
    let length = wire.response_headers.iter().find(is_length);
    length
        .and_then(|length| length.value.parse().ok())
        .unwrap_or(0)
}

fn comment(exchange: &Exchange) -> String {
    let parts = [&exchange.name, &exchange.problem];
    let parts: Vec<_> = parts.into_iter().flatten().map(String::as_str).collect();
    parts.join(": ")
}

/// As in archives of Chrome.
fn resource_type(sender: Sender) -> &'static str {
    match sender {
        Sender::Step | Sender::Trial => "fetch",
        Sender::Preflight => "preflight",
        Sender::Page => "other",
    }
}

fn query(url: &str) -> Vec<Header> {
    let Some((_, query)) = url.split_once('?') else {
        return Vec::new();
    };
    url::form_urlencoded::parse(query.as_bytes())
        .map(|(name, value)| Header {
            name: name.into(),
            value: value.into(),
        })
        .collect()
}

fn timings(exchange: &Exchange, timings: Option<&model::Timings>) -> Timings {
    let part = |part: Option<f64>| part.unwrap_or(-1.0);
    match timings {
        Some(timings) => Timings {
            blocked: part(timings.blocked),
            dns: part(timings.dns),
            connect: part(timings.connect),
            ssl: part(timings.ssl),
            send: timings.send,
            wait: timings.wait,
            receive: timings.receive,
        },
        None => Timings {
            blocked: -1.0,
            dns: -1.0,
            connect: -1.0,
            ssl: -1.0,
            send: 0.0,
            wait: exchange.seconds * 1000.0,
            receive: 0.0,
        },
    }
}

impl Timings {
    /// The sum of all phases. TLS is a part of connecting.
    fn sum(&self) -> f64 {
        let parts = [
            self.blocked,
            self.dns,
            self.connect,
            self.send,
            self.wait,
            self.receive,
        ];
        parts.into_iter().filter(|part| *part > 0.0).sum()
    }
}

fn date_time(milliseconds: f64) -> String {
    format!("{:.3}", words::timestamp(milliseconds))
}
