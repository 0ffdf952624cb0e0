//! The comparison of two answers.

use std::{io::Cursor, io::Read as _, sync::LazyLock};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use regex::Regex;
use serde_json::Value;

use super::recording::{Body, Recorded};
use crate::support::http::Answer;

/// A part of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Status,
    Body,
    Header(&'static str),
    /// The request could not be sent.
    NotSent,
}

/// Headers whose values count, besides whatever else begins with `access-control-`.
const COMPARED: [&str; 15] = [
    "content-type",
    "content-range",
    "content-disposition",
    "accept-ranges",
    "allow",
    "location",
    "vary",
    "access-control-allow-origin",
    "access-control-allow-credentials",
    "access-control-allow-methods",
    "access-control-allow-headers",
    "access-control-allow-private-network",
    "access-control-expose-headers",
    "access-control-max-age",
    "www-authenticate",
];

/// Headers of which only counts whether they are there.
const PRESENT: [&str; 2] = ["etag", "last-modified"];

/// All that differs, with details for people.
pub fn compare(expected: &Recorded, answer: &Answer) -> Vec<(Part, String)> {
    let mut differs = Vec::new();
    if expected.status != answer.status {
        let details = format!("{} became {}", expected.status, answer.status);
        differs.push((Part::Status, details));
    }
    for name in COMPARED {
        let (theirs, ours) = (
            values(&expected.headers, name),
            values(&answer.headers, name),
        );
        if theirs != ours {
            differs.push((Part::Header(name), format!("{theirs:?} became {ours:?}")));
        }
    }
    for (name, value) in expected.headers.iter().chain(&answer.headers) {
        if name.starts_with("access-control-") && !COMPARED.contains(&name.as_str()) {
            let details = format!("{name}: {value} is not compared");
            differs.push((Part::Header("access-control-"), details));
        }
    }
    for name in PRESENT {
        let theirs = !values(&expected.headers, name).is_empty();
        if theirs == values(&answer.headers, name).is_empty() {
            let details = format!("recorded: {theirs}, ours: {}", !theirs);
            differs.push((Part::Header(name), details));
        }
    }
    if let Some(details) = body_differs(&expected.body, &answer.body) {
        differs.push((Part::Body, details));
    }
    differs
}

/// All values of a header: one that comes twice is another than one that comes once.
fn values<'h>(headers: &'h [(String, String)], name: &str) -> Vec<&'h str> {
    let same = headers.iter().filter(|(key, _)| key == name);
    same.map(|(_, value)| value.as_str()).collect()
}

fn body_differs(expected: &Body, ours: &[u8]) -> Option<String> {
    match expected {
        Body::Json(expected) => {
            let Ok(parsed) = serde_json::from_slice::<Value>(ours) else {
                return Some(format!("no JSON: {}", String::from_utf8_lossy(ours)));
            };
            // Byte for byte, but for what changes from run to run: order and compactness count.
            let (theirs, mine) = (shape(expected).to_string(), shape(&parsed).to_string());
            if theirs != mine {
                return Some(format!("\n  {theirs}\nbecame\n  {mine}"));
            }
            let compact = parsed.to_string().len() == ours.len();
            (!compact).then(|| "it is not compact".into())
        }
        Body::Bytes(expected) => {
            let same = if expected.starts_with(b"PK") {
                members(expected) == members(ours)
            } else {
                expected == ours
            };
            (!same).then(|| {
                let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
                format!("\n  {}\nbecame\n  {}", text(expected), text(ours))
            })
        }
    }
}

/// The names and contents in a zip archive.
fn members(archive: &[u8]) -> Option<Vec<(String, Vec<u8>)>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(archive)).ok()?;
    let members = (0..archive.len()).map(|index| {
        let mut member = archive.by_index(index).ok()?;
        let mut content = Vec::new();
        member.read_to_end(&mut content).ok()?;
        Some((member.name().to_owned(), content))
    });
    members.collect()
}

/// Values that change from run to run, and their placeholders.
static VARYING: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    [
        (r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\b", "<date>"),
        (r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "<expiry>"),
        (r"\b\d{8}T\d{6}Z", "<amz date>"),
        (r"\b\w+(/|%2F)\d{8}(/|%2F)", "<access key and day>"),
        (r"\b[0-9a-f]{64}\b", "<signature>"),
    ]
    .map(|(pattern, name)| (Regex::new(pattern).unwrap(), name))
    .into()
});

fn shape(value: &Value) -> Value {
    match value {
        Value::String(text) => match policy(text) {
            Some(policy) => shape(&policy),
            None => Value::String(shape_text(text)),
        },
        Value::Array(items) => items.iter().map(shape).collect(),
        Value::Object(entries) => {
            let entries = entries.iter();
            entries
                .map(|(key, value)| (key.clone(), shape(value)))
                .collect()
        }
        other => other.clone(),
    }
}

/// A POST policy is JSON in base64.
fn policy(text: &str) -> Option<Value> {
    let decoded = STANDARD.decode(text).ok()?;
    serde_json::from_slice(&decoded)
        .ok()
        .filter(Value::is_object)
}

fn shape_text(text: &str) -> String {
    let mut shaped = text.to_owned();
    for (pattern, name) in VARYING.iter() {
        shaped = pattern.replace_all(&shaped, *name).into_owned();
    }
    shaped
}
