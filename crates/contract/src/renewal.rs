//! A recorded answer anew: only what has changed differs.

use serde_json::{Map, Value};

use crate::{
    compare::Part,
    http,
    recording::{Body, Change, Exchange},
    reduction::{Reduction, with_placeholders},
    translation::Translation,
};

/// The change that makes `part` of the recorded answer what it is now, if there is one.
pub(crate) fn change(
    part: &Part,
    exchange: &Exchange,
    now: &http::Answer,
    translation: &Translation<'_>,
    reduction: Reduction,
) -> Option<Change> {
    Some(match part {
        Part::Answer | Part::Preparation => return None,
        Part::Status => Change::Status(now.status),
        Part::Header(name) => {
            let same = now.headers.iter().filter(|(key, _)| key == name);
            let values = same.map(|(_, value)| {
                String::from_utf8_lossy(&translation.back(value.as_bytes())).into_owned()
            });
            Change::Header(name.clone(), values.collect())
        }
        Part::Body => {
            let parsed: Option<Value> = serde_json::from_slice(&now.body).ok();
            let body = match (&exchange.answer.body, parsed) {
                (Body::Json(recorded), Some(ours)) => {
                    let ours = translation.json_back(&ours);
                    merge(recorded, &ours, reduction).to_string().into_bytes()
                }
                _ => translation.back(&now.body),
            };
            Change::Body(match (reduction, String::from_utf8(body)) {
                (Reduction::Placeholders, Ok(text)) => with_placeholders(&text).into_bytes(),
                (_, Ok(text)) => text.into_bytes(),
                (_, Err(other)) => other.into_bytes(),
            })
        }
    })
}

/// What is now, with the recorded values where only those differ that change from run to run.
fn merge(recorded: &Value, now: &Value, reduction: Reduction) -> Value {
    if reduction.json(recorded) == reduction.json(now) {
        return recorded.clone();
    }
    match (recorded, now) {
        (Value::Object(recorded), Value::Object(now)) => {
            let merged = now.iter().map(|(key, now)| {
                let value = recorded
                    .get(key)
                    .map_or_else(|| now.clone(), |recorded| merge(recorded, now, reduction));
                (key.clone(), value)
            });
            merged.collect::<Map<_, _>>().into()
        }
        (Value::Array(recorded), Value::Array(now)) if recorded.len() == now.len() => {
            let pairs = recorded.iter().zip(now);
            pairs
                .map(|(recorded, now)| merge(recorded, now, reduction))
                .collect()
        }
        (_, now) => now.clone(),
    }
}
