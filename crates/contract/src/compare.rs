//! The comparison of a recorded answer with another one.

use std::{fmt, io::Cursor, io::Read as _};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    http,
    recording::{Answer, Body},
    reduction::Reduction,
};

/// A part of an answer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// The status.
    Status,
    /// A header, by its name in lower case.
    Header(String),
    /// The body.
    Body,
    /// All of it: none came.
    Answer,
    /// What was done while recording and not recorded: it was refused.
    Preparation,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status => f.write_str("status"),
            Self::Header(name) => f.write_str(name),
            Self::Body => f.write_str("body"),
            Self::Answer => f.write_str("answer"),
            Self::Preparation => f.write_str("preparation"),
        }
    }
}

/// A part that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Differing {
    /// Which one.
    pub part: Part,
    /// As recorded, without what changes from run to run; `-` for a header that was not there.
    pub recorded: String,
    /// As it is now.
    pub now: String,
}

impl Differing {
    /// A part that is not there at all.
    pub(crate) fn failed(part: Part, error: &anyhow::Error) -> Self {
        Self {
            part,
            recorded: "there was one".into(),
            now: format!("{error:#}"),
        }
    }
}

/// Headers that count, besides whatever begins with `access-control-`. The first ones are those that a
/// page or a browser goes by.
pub(crate) const COMPARED: [&str; 11] = [
    "content-type",
    "allow",
    "vary",
    "x-amzn-errortype",
    "etag",
    "last-modified",
    "content-range",
    "content-disposition",
    "accept-ranges",
    "location",
    "www-authenticate",
];

/// How many of them are those.
pub(crate) const FOR_PAGES: usize = 5;

/// Headers of which only counts whether they are there.
const PRESENT: [&str; 2] = ["etag", "last-modified"];

/// What stands for a header that is not there.
pub(crate) const ABSENT: &str = "-";

/// What is compared.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    /// How much of bodies.
    pub(crate) reduction: Reduction,
    /// Which headers.
    pub(crate) headers: &'static [&'static str],
    /// Whether JSON has no white space, as the UserAPI writes it.
    pub(crate) is_compact: bool,
}

/// All that differs.
pub(crate) fn compare(recorded: &Answer, now: &http::Answer, rules: Rules) -> Vec<Differing> {
    let reduction = rules.reduction;
    let mut differing = Vec::new();
    if recorded.status != now.status {
        differing.push(Differing {
            part: Part::Status,
            recorded: recorded.status.to_string(),
            now: now.status.to_string(),
        });
    }
    for name in names(recorded, now, rules.headers) {
        let recorded = header(&recorded.headers, &name, reduction);
        let now = header(&now.headers, &name, reduction);
        if recorded != now {
            differing.push(Differing {
                part: Part::Header(name),
                recorded,
                now,
            });
        }
    }
    if let Some((recorded, now)) = bodies(&recorded.body, &now.body, rules) {
        differing.push(Differing {
            part: Part::Body,
            recorded,
            now,
        });
    }
    differing
}

/// What was recorded of a part, without what changes from run to run.
pub(crate) fn recorded_part(recorded: &Answer, part: &Part, reduction: Reduction) -> String {
    match part {
        Part::Status => recorded.status.to_string(),
        Part::Header(name) => header(&recorded.headers, name, reduction),
        Part::Body => match &recorded.body {
            Body::Json(json) => reduction.json(json).to_string(),
            Body::Bytes(bytes) => reduction.text(&String::from_utf8_lossy(bytes)),
            Body::Beginning(..) | Body::Length(_) => String::new(),
        },
        Part::Answer | Part::Preparation => String::new(),
    }
}

/// The value of a header without what changes; of some counts only whether they are there.
fn header(headers: &[(String, String)], name: &str, reduction: Reduction) -> String {
    let value = value(headers, name);
    if PRESENT.contains(&name) && value != ABSENT {
        return "present".to_owned();
    }
    reduction.text(&value)
}

/// The names of all headers that count.
fn names(recorded: &Answer, now: &http::Answer, headers: &[&str]) -> Vec<String> {
    let all = recorded.headers.iter().chain(&now.headers);
    let of_cors = all
        .map(|(name, _)| name.as_str())
        .filter(|name| name.starts_with("access-control-"));
    let mut names: Vec<_> = headers.iter().copied().chain(of_cors).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().map(str::to_owned).collect()
}

/// The value of a header. One that comes twice is another than one that comes once.
fn value(headers: &[(String, String)], name: &str) -> String {
    let same = headers.iter().filter(|(key, _)| key == name);
    let values: Vec<_> = same.map(|(_, value)| value.as_str()).collect();
    if values.is_empty() {
        return ABSENT.to_owned();
    }
    values.join(" | ")
}

/// Both bodies without what changes, if they differ.
fn bodies(recorded: &Body, now: &[u8], rules: Rules) -> Option<(String, String)> {
    let reduction = rules.reduction;
    let text = |bytes: &[u8]| reduction.text(&String::from_utf8_lossy(bytes));
    let json_or_text = |bytes: &[u8]| match serde_json::from_slice::<Value>(bytes) {
        Ok(parsed) if rules.is_compact && parsed.to_string().len() != bytes.len() => text(bytes),
        Ok(parsed) => reduction.json(&parsed).to_string(),
        Err(_) => text(bytes),
    };
    let (recorded, ours) = match recorded {
        Body::Json(recorded) => (reduction.json(recorded).to_string(), json_or_text(now)),
        Body::Bytes(recorded) if recorded.starts_with(b"PK") => (listing(recorded), listing(now)),
        Body::Bytes(recorded) => (text(recorded), json_or_text(now)),
        Body::Length(length) => (format!("{length} bytes"), format!("{} bytes", now.len())),
        Body::Beginning(beginning, _) => {
            // Where it was cut, a date or an id may be incomplete.
            let beginning = reduction.text(beginning);
            let end = beginning.rfind(['"', ',', '\n']).unwrap_or(beginning.len());
            let recorded: String = beginning[..end].to_owned();
            let ours: String = text(now).chars().take(recorded.chars().count()).collect();
            (recorded, ours)
        }
    };
    (recorded != ours).then_some((recorded, ours))
}

/// The names in a zip archive, and how long their contents are.
fn listing(archive: &[u8]) -> String {
    let members = || {
        let mut archive = zip::ZipArchive::new(Cursor::new(archive)).ok()?;
        let members = (0..archive.len()).map(|index| {
            let mut member = archive.by_index(index).ok()?;
            let mut content = Vec::new();
            member.read_to_end(&mut content).ok()?;
            let content = String::from_utf8_lossy(&content);
            Some(format!("{}: {content:?}", member.name()))
        });
        members.collect::<Option<Vec<_>>>()
    };
    match members() {
        Some(members) => format!("a zip archive of\n{}", members.join("\n")),
        None => String::from_utf8_lossy(archive).into_owned(),
    }
}
