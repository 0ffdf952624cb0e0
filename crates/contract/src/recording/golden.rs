//! Recordings of whole exchanges, `golden/<mode>_<group>.json`.

use std::path::Path;

use anyhow::Context as _;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    exchange::{Answer, Body, Change, Exchange, Request, RequestBody},
    file::text,
};
use crate::service::Service;

/// What a recorded token held.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Token {
    /// The JWT's header.
    pub(crate) header: Value,
    /// Its claims.
    pub(crate) claims: Value,
}

/// The tokens by their placeholders.
pub(crate) fn tokens(directory: &Path) -> anyhow::Result<Vec<(String, Token)>> {
    let tokens: Map<String, Value> = super::file::json(&directory.join("golden/tokens.json"))?;
    let tokens = tokens.into_iter();
    tokens
        .map(|(placeholder, token)| Ok((placeholder, serde_json::from_value(token)?)))
        .collect()
}

pub(super) fn exchange(raw: &Value) -> anyhow::Result<Exchange> {
    let (request, response) = (&raw["request"], &raw["response"]);
    let url = text(&request["url"])?;
    let headers = headers(&request["headers"])?;
    let is_for_cognito = |url: &str| {
        // The emulator was Cognito and S3 in one.
        let to_target = headers
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case("x-amz-target"));
        to_target || url.ends_with('/') || url.contains("/.well-known/")
    };
    let service = match url.strip_prefix("http://localhost:") {
        Some(rest) if rest.starts_with("8000") => Service::UserApi,
        Some(rest) if rest.starts_with("8001") => Service::WorkerApi,
        Some(rest) if is_for_cognito(rest) => Service::Cognito,
        _ => Service::S3,
    };
    Ok(Exchange {
        name: text(&raw["name"])?,
        service,
        request: Request {
            method: text(&request["method"])?,
            url,
            headers,
            body: bytes(request)?.map_or(RequestBody::None, RequestBody::Bytes),
        },
        answer: Answer {
            status: response["status"]
                .as_u64()
                .context("no status")?
                .try_into()?,
            headers: self::headers(&response["headers"])?
                .into_iter()
                .map(|(name, value)| (name.to_ascii_lowercase(), value))
                .collect(),
            body: match response.get("body_json") {
                Some(json) => Body::Json(json.clone()),
                None => Body::Bytes(bytes(response)?.unwrap_or_default()),
            },
        },
    })
}

/// An object, or a list of pairs where a name occurs twice.
fn headers(recorded: &Value) -> anyhow::Result<Vec<(String, String)>> {
    match recorded {
        Value::Object(headers) => headers
            .iter()
            .map(|(name, value)| Ok((name.clone(), text(value)?)))
            .collect(),
        Value::Array(pairs) => pairs
            .iter()
            .map(|pair| Ok((text(&pair[0])?, text(&pair[1])?)))
            .collect(),
        _ => Ok(Vec::new()),
    }
}

fn bytes(of: &Value) -> anyhow::Result<Option<Vec<u8>>> {
    if let Some(text) = of["body_text"].as_str() {
        return Ok(Some(text.into()));
    }
    let encoded = of["body_base64"].as_str();
    Ok(encoded.map(|text| STANDARD.decode(text)).transpose()?)
}

pub(super) fn change(raw: &mut Value, change: Change) {
    let response = &mut raw["response"];
    match change {
        Change::Status(status) => {
            response["status"] = status.into();
            response["reason"] = ureq::http::StatusCode::from_u16(status)
                .ok()
                .and_then(|status| status.canonical_reason())
                .unwrap_or_default()
                .into();
        }
        Change::Header(name, values) => {
            let recorded = headers(&response["headers"]).unwrap_or_default();
            let position = recorded
                .iter()
                .position(|(n, _)| n.eq_ignore_ascii_case(&name));
            let mut changed: Vec<_> = recorded
                .into_iter()
                .filter(|(n, _)| !n.eq_ignore_ascii_case(&name))
                .collect();
            let at = position.unwrap_or(changed.len()).min(changed.len());
            changed.splice(
                at..at,
                values.into_iter().map(|value| (name.clone(), value)),
            );
            response["headers"] = written(&changed);
        }
        Change::Body(body) => {
            let Some(response) = response.as_object_mut() else {
                return;
            };
            if let Some(length) = response["headers"].get_mut("content-length") {
                *length = body.len().to_string().into();
            }
            // What follows the body keeps its place.
            let key = ["body_json", "body_text", "body_base64"]
                .into_iter()
                .find(|key| response.contains_key(*key));
            let new = match serde_json::from_slice::<Value>(&body) {
                Ok(json) => ("body_json", json),
                Err(_) => match String::from_utf8(body) {
                    Ok(text) => ("body_text", text.into()),
                    Err(other) => ("body_base64", STANDARD.encode(other.as_bytes()).into()),
                },
            };
            if key != Some(new.0)
                && let Some(key) = key
            {
                response.shift_remove(key);
            }
            response.insert(new.0.to_owned(), new.1);
        }
    }
}

/// An object, or a list of pairs where a name occurs twice.
fn written(headers: &[(String, String)]) -> Value {
    let mut object = Map::new();
    for (name, value) in headers {
        if object.insert(name.clone(), value.as_str().into()).is_some() {
            return headers.iter().map(|(n, v)| json!([n, v])).collect();
        }
    }
    Value::Object(object)
}

/// A line an exchange, so that a difference between two versions names the exchange.
pub(super) fn text_of(raw: &[Value]) -> anyhow::Result<String> {
    let lines = raw.iter().map(serde_json::to_string);
    let lines = lines.collect::<Result<Vec<_>, _>>()?;
    Ok(format!("[\n{}\n]\n", lines.join(",\n")))
}
