//! A document in the form of the answers.

use opencloud_yaml::{Entry, Refused, Value, read};
use serde_json::{Value as Json, json};

/// What is read, or why it is refused.
pub(crate) fn answer(text: &str) -> Json {
    match read(text) {
        Ok(document) => typed(document.root(), &mut vec![document.root().number()]),
        Err(Refused {
            kind, line, column, ..
        }) => json!({ "refused": kind.to_string(), "line": line, "column": column }),
    }
}

fn typed(entry: Entry<'_>, above: &mut Vec<usize>) -> Json {
    let mut inner = |id: usize| {
        if above.contains(&id) {
            return json!(["recursion"]);
        }
        above.push(id);
        let typed = typed(entry.at(id), above);
        above.pop();
        typed
    };
    match entry.value() {
        Value::Null => json!(["null"]),
        Value::Bool(value) => json!(["bool", value]),
        Value::Int(value) => json!(["int", value.to_string()]),
        Value::Float(value) => json!(["float", format!("{value:?}")]),
        Value::Text(text) => json!(["str", text]),
        Value::Bytes(bytes) => {
            let hex: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            json!(["bytes", hex.concat()])
        }
        Value::Date(date) => json!(["date", date.to_string()]),
        Value::DateTime(at, offset) => {
            let text = at.strftime("%Y-%m-%dT%H:%M:%S");
            let micros = match at.subsec_nanosecond() / 1000 {
                0 => String::new(),
                micros => format!(".{micros:06}"),
            };
            let offset = offset.map_or_else(String::new, |offset| {
                let sign = if offset < 0 { '-' } else { '+' };
                let minutes = offset.abs() / 60;
                format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
            });
            json!(["datetime", format!("{text}{micros}{offset}")])
        }
        Value::Mapping(pairs) => {
            let pairs: Vec<_> = pairs.iter().map(|(k, v)| [inner(*k), inner(*v)]).collect();
            json!(["dict", pairs])
        }
        Value::Set(items) => {
            let mut items: Vec<_> = items.iter().map(|id| inner(*id)).collect();
            items.sort_by_key(|item| serde_json::to_string(item).unwrap());
            json!(["set", items])
        }
        Value::Pairs(pairs) if !pairs.is_empty() => {
            let pairs: Vec<_> = pairs.iter().map(|(k, v)| [inner(*k), inner(*v)]).collect();
            json!(["pairs", pairs])
        }
        Value::Pairs(_) => json!(["list", []]),
        Value::Sequence(items) => {
            let items: Vec<_> = items.iter().map(|id| inner(*id)).collect();
            json!(["list", items])
        }
    }
}

/// An answer of `PyYAML`'s in the form of ours: Python and Rust write floats in other digits.
pub(crate) fn in_our_form(answer: &Json, ours: &Json) -> Json {
    match answer {
        Json::Array(members) => match &members[..] {
            [Json::String(kind), Json::String(digits)] if kind == "float" => {
                let value: f64 = digits.parse().unwrap();
                json!(["float", format!("{value:?}")])
            }
            members => members
                .iter()
                .enumerate()
                .map(|(at, member)| in_our_form(member, ours.get(at).unwrap_or(&Json::Null)))
                .collect(),
        },
        // Python's own exceptions and those about characters have no line.
        Json::Object(refused) if !refused.contains_key("line") && ours.is_object() => {
            json!({ "refused": refused["refused"], "line": ours["line"], "column": ours["column"] })
        }
        other => other.clone(),
    }
}
