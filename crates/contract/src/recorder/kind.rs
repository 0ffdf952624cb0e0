//! What makes an exchange one of its kind.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

/// Ids in a path, and dates in a query.
static NUMBER: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\d+").expect("a pattern"));
static DATE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\d{8}(T\d{6}Z)?").expect("a pattern"));

/// What makes an exchange one of its kind: all but values.
pub(super) fn kind(exchange: &Value) -> String {
    let text = |name: &str| exchange[name].as_str().unwrap_or_default();
    let names = |name: &str| {
        let members = exchange[name].as_object().into_iter().flatten();
        members
            .map(|(name, _)| name.as_str())
            .collect::<Vec<_>>()
            .join(",")
    };
    let (path, query) = text("url").split_once('?').unwrap_or((text("url"), ""));
    let (path, query) = (NUMBER.replace_all(path, "0"), DATE.replace_all(query, "0"));
    let target = exchange["headers"]["x-amz-target"].to_string();
    format!(
        "{} {} {path}?{query} {target} {} {} {} {} {}",
        text("to"),
        text("method"),
        names("headers"),
        shape(text("body")),
        exchange["status"],
        names("answer_headers"),
        shape(text("answer")),
    )
}

/// The members of JSON and their kinds; of other texts only whether they are empty.
fn shape(text: &str) -> String {
    fn of(value: &Value) -> Value {
        match value {
            Value::Object(members) => {
                let members = members.iter();
                members
                    .map(|(name, value)| (name.clone(), of(value)))
                    .collect()
            }
            // One of each kind.
            Value::Array(items) => {
                let mut kinds: Vec<Value> = Vec::new();
                for kind in items.iter().map(of) {
                    if !kinds.contains(&kind) {
                        kinds.push(kind);
                    }
                }
                kinds.into()
            }
            Value::String(text) if text.is_empty() => "".into(),
            Value::String(_) => "text".into(),
            Value::Number(_) => 0.into(),
            other => other.clone(),
        }
    }
    match serde_json::from_str::<Value>(text) {
        Ok(json) => of(&json).to_string(),
        Err(_) if text.is_empty() => "empty".into(),
        Err(_) => "some".into(),
    }
}
