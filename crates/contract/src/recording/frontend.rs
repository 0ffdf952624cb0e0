//! Recordings of what the frontend says, `frontend/<mode>.json`: one exchange a kind, with
//! placeholders in `{{…}}` for what changes from run to run.

use std::sync::LazyLock;

use anyhow::Context as _;
use regex::Regex;
use serde::{Deserialize as _, Serialize as _};
use serde_json::{
    Value, json,
    ser::{PrettyFormatter, Serializer},
};

use super::{
    exchange::{Answer, Body, Change, Exchange, Request, RequestBody},
    file::text,
};
use crate::service::Service;

/// The longest body that is written down whole, and how much is of a longer one, in characters.
const LONGEST: usize = 1500;
const BEGINNING_OF_LONGER: usize = 600;

static LENGTH: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^[(<](\d+) bytes[)>]$").expect("a pattern"));
static BEGINNING: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?s)^(.*)…\((\d+) characters in all\)$").expect("a pattern"));

/// Where `service` was while recording.
pub(crate) fn origin(service: Service) -> &'static str {
    match service {
        Service::UserApi => "http://localhost:8000",
        Service::WorkerApi => "http://localhost:8001",
        Service::Cognito | Service::S3 => "http://localhost:5100",
    }
}

pub(super) fn exchange(raw: &Value) -> anyhow::Result<Exchange> {
    let service = Service::deserialize(&raw["to"])?;
    let (method, path) = (text(&raw["method"])?, text(&raw["url"])?);
    let shown = path.split('?').next().unwrap_or_default();
    let body = text(&raw["body"])?;
    Ok(Exchange {
        name: format!("{}: {method} {shown}", text(&raw["action"])?),
        service,
        request: Request {
            method,
            url: format!("{}{path}", origin(service)),
            headers: headers(&raw["headers"])?,
            body: match body {
                body if body.is_empty() => RequestBody::None,
                body if LENGTH.is_match(&body) || BEGINNING.is_match(&body) => RequestBody::Form,
                body => RequestBody::Bytes(body.into()),
            },
        },
        answer: Answer {
            status: raw["status"].as_u64().context("no status")?.try_into()?,
            headers: headers(&raw["answer_headers"])?,
            body: body_of(&text(&raw["answer"])?)?,
        },
    })
}

fn headers(recorded: &Value) -> anyhow::Result<Vec<(String, String)>> {
    let headers = recorded.as_object().context("no headers")?.iter();
    headers
        .map(|(name, value)| Ok((name.to_ascii_lowercase(), text(value)?)))
        .collect()
}

fn body_of(recorded: &str) -> anyhow::Result<Body> {
    if let Some(found) = LENGTH.captures(recorded) {
        return Ok(Body::Length(found[1].parse()?));
    }
    if let Some(found) = BEGINNING.captures(recorded) {
        return Ok(Body::Beginning(found[1].to_owned(), found[2].parse()?));
    }
    Ok(match serde_json::from_str(recorded) {
        Ok(json) => Body::Json(json),
        Err(_) => Body::Bytes(recorded.into()),
    })
}

pub(super) fn change(raw: &mut Value, change: Change) {
    match change {
        Change::Status(status) => raw["status"] = status.into(),
        Change::Header(name, values) => {
            let Some(headers) = raw["answer_headers"].as_object_mut() else {
                return;
            };
            if values.is_empty() {
                headers.shift_remove(&name);
            } else {
                headers.insert(name, values.join(", ").into());
            }
        }
        Change::Body(body) => raw["answer"] = written(&body).into(),
    }
}

/// A body as it is written down: a long text is cut, and of other bytes only their number counts.
pub(crate) fn written(body: &[u8]) -> String {
    match std::str::from_utf8(body) {
        Ok(text) => {
            let characters = text.chars().count();
            if characters <= LONGEST {
                return text.to_owned();
            }
            let beginning: String = text.chars().take(BEGINNING_OF_LONGER).collect();
            format!("{beginning}…({characters} characters in all)")
        }
        Err(_) => format!("({} bytes)", body.len()),
    }
}

/// The text of a file of exchanges.
pub(crate) fn text_of(raw: &[Value]) -> anyhow::Result<String> {
    let mut text = Vec::new();
    let format = PrettyFormatter::with_indent(b" ");
    json!(raw).serialize(&mut Serializer::with_formatter(&mut text, format))?;
    text.push(b'\n');
    Ok(String::from_utf8(text)?)
}
