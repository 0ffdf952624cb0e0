//! `trace.har`: every request with its headers and timings, as HTTP Archive 1.2. Browsers' network
//! panels open it. Each test is a page. Members whose names begin with `_` are as in Chrome's archives.

use std::collections::HashMap;

use anyhow::Context;
use opencloud_model::request_body::{FormPart, RequestBody};
use serde_json::{Value, json};

use super::{
    model::{Exchange, Header, Run, Sender, Test, Timings, Wire},
    words,
};

/// The requests as an HTTP Archive: a JSON text.
pub(super) fn har(run: &Run) -> anyhow::Result<String> {
    serde_json::to_string(&archive(run)).context("cannot write the requests as JSON")
}

/// The requests as an HTTP Archive.
pub(super) fn archive(run: &Run) -> Value {
    let mut log = json!({
        "version": "1.2",
        "creator": { "name": "opencloud-e2e", "version": run.versions.suite },
        "pages": run.tests.iter().enumerate().map(page).collect::<Vec<_>>(),
        "entries": run
            .exchanges
            .iter()
            .zip(tests_of(run))
            .map(|(exchange, test)| entry(exchange, test))
            .collect::<Vec<_>>(),
        "comment": run.verdict,
    });
    if let Some(browser) = &run.versions.browser {
        let (name, version) = browser.split_once(' ').unwrap_or((browser, ""));
        log["browser"] = json!({ "name": name, "version": version });
    }
    json!({ "log": log })
}

fn page((number, test): (usize, &Test)) -> Value {
    json!({
        "startedDateTime": date_time(test.started_at),
        "id": id(number),
        "title": test.name,
        "pageTimings": {},
    })
}

fn id(number: usize) -> String {
    format!("test_{}", number + 1)
}

/// The test of each request, if that is known. A preflight belongs to its request, and a trial to the
/// request that it is about: the last one before it to the same address.
fn tests_of(run: &Run) -> Vec<Option<usize>> {
    let mut tests = vec![None; run.exchanges.len()];
    for (number, test) in run.tests.iter().enumerate() {
        for place in test.steps.iter().flat_map(|step| &step.exchanges) {
            tests[*place] = Some(number);
        }
    }
    let mut last = HashMap::new();
    for (place, exchange) in run.exchanges.iter().enumerate() {
        let address = exchange.url.split('?').next();
        match tests[place] {
            Some(test) => {
                last.insert(address, test);
            }
            None => {
                tests[place] = last
                    .get(&address)
                    .filter(|_| exchange.sender == Sender::Trial)
                    .copied();
            }
        }
    }
    for (place, exchange) in run.exchanges.iter().enumerate() {
        if let Some(preflight) = exchange.preflight {
            tests[preflight] = tests[place];
        }
    }
    tests
}

/// `test` is the number of the test that it belongs to.
fn entry(exchange: &Exchange, test: Option<usize>) -> Value {
    let unknown = Wire::default();
    let wire = exchange.wire.as_ref().unwrap_or(&unknown);
    let http_version = wire.protocol.as_deref().unwrap_or("unknown");
    let timings = timings(exchange, wire.timings.as_ref());
    let answered = |name| {
        wire.response_headers
            .iter()
            .find(|header| header.name == name)
    };
    let length = answered("content-length").and_then(|length| length.value.parse().ok());
    let mut entry = json!({
        "startedDateTime": date_time(exchange.started_at),
        "time": sum(&timings),
        "request": {
            "method": exchange.method,
            "url": exchange.url,
            "httpVersion": http_version,
            "cookies": [],
            "headers": wire.request_headers,
            "queryString": query(&exchange.url),
            "headersSize": -1,
            "bodySize": -1,
        },
        "response": {
            "status": exchange.status.unwrap_or(0),
            "statusText": wire.status_text,
            "httpVersion": http_version,
            "cookies": [],
            "headers": wire.response_headers,
            // The browser does not report bodies.
            "content": {
                "size": length.unwrap_or(0_u64),
                "mimeType": if wire.mime_type.is_empty() { "x-unknown" } else { &wire.mime_type },
            },
            "redirectURL": answered("location").map_or("", |location| &location.value),
            "headersSize": -1,
            "bodySize": -1,
        },
        "cache": {},
        "timings": timings,
        "comment": comment(exchange),
        "_resourceType": match exchange.sender {
            Sender::Step | Sender::Trial => "fetch",
            Sender::Preflight => "preflight",
            Sender::Page => "other",
        },
        "_sender": exchange.sender,
    });
    if let Some(body) = &exchange.body {
        entry["request"]["postData"] = post_data(body, &wire.request_headers);
    }
    if let Some(number) = test {
        entry["pageref"] = id(number).into();
    }
    if let Some(address) = &wire.address {
        entry["serverIPAddress"] = address.trim_matches(['[', ']']).into();
    }
    let response = &mut entry["response"];
    if let Some(bytes) = wire.bytes {
        response["_transferSize"] = bytes.into();
    }
    if let Some(error) = &exchange.browser {
        response["_error"] = (&**error).into();
    }
    entry
}

/// JSON as text; of a form the names of its parts and files.
fn post_data(body: &RequestBody, headers: &[Header]) -> Value {
    let mut sent = headers.iter();
    let sent = sent.find(|header| header.name == "content-type");
    let media_type = sent.map_or(body.media_type(), |header| &header.value);
    match body {
        RequestBody::Json(json) => json!({ "mimeType": media_type, "text": json.to_string() }),
        RequestBody::Form(parts) => {
            let parts: Vec<_> = parts.iter().map(form_part).collect();
            json!({ "mimeType": media_type, "params": parts })
        }
    }
}

fn form_part(part: &FormPart) -> Value {
    match &part.file {
        None => json!({ "name": part.name }),
        Some(file) => json!({
            "name": part.name,
            "fileName": file.name,
            "contentType": file.media_type,
        }),
    }
}

fn comment(exchange: &Exchange) -> String {
    let parts = [&exchange.name, &exchange.problem];
    let parts: Vec<_> = parts.into_iter().flatten().map(String::as_str).collect();
    parts.join(": ")
}

fn query(url: &str) -> Vec<Header> {
    let (_, query) = url.split_once('?').unwrap_or_default();
    url::form_urlencoded::parse(query.as_bytes())
        .map(|(name, value)| Header {
            name: name.into(),
            value: value.into(),
        })
        .collect()
}

/// In milliseconds; -1: the phase was not needed or is not known.
fn timings(exchange: &Exchange, timings: Option<&Timings>) -> Value {
    let unknown = Timings {
        wait: exchange.seconds * 1000.0,
        ..Timings::default()
    };
    let timings = timings.unwrap_or(&unknown);
    json!({
        "blocked": timings.blocked.unwrap_or(-1.0),
        "dns": timings.dns.unwrap_or(-1.0),
        "connect": timings.connect.unwrap_or(-1.0),
        "ssl": timings.ssl.unwrap_or(-1.0),
        "send": timings.send,
        "wait": timings.wait,
        "receive": timings.receive,
    })
}

/// The sum of all phases. TLS is a part of connecting.
fn sum(timings: &Value) -> f64 {
    let phases = ["blocked", "dns", "connect", "send", "wait", "receive"];
    let phases = phases.iter().filter_map(|phase| timings[phase].as_f64());
    phases.filter(|phase| *phase > 0.0).sum()
}

fn date_time(milliseconds: f64) -> String {
    format!("{:.3}", words::timestamp(milliseconds))
}
