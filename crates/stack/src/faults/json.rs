//! JSON bodies with a value changed, or with the same values in another form.

use std::fmt::Write as _;

use jiff::{SignedDuration, civil::DateTime};
use serde_json::{Value, json};

/// A change of a value in a JSON body.
#[derive(Clone, Copy)]
pub(super) enum Edit {
    /// It is removed.
    Missing,
    /// It becomes null.
    Null,
    /// It becomes another value.
    To(fn(&Value) -> Value),
}

/// The JSON text with the value at `place` changed; anything but JSON stays. A place is made of
/// names behind slashes; `*` stands for every item of a list.
pub(super) fn edited(body: &[u8], place: &str, edit: Edit) -> Vec<u8> {
    let Ok(mut value) = serde_json::from_slice(body) else {
        return body.to_vec();
    };
    let names: Vec<_> = place.split('/').skip(1).collect();
    change(&mut value, &names, edit);
    value.to_string().into_bytes()
}

fn change(value: &mut Value, names: &[&str], edit: Edit) {
    match (names, value) {
        ([], value) => {
            if let Edit::To(make) = edit {
                *value = make(value);
            }
        }
        (["*", rest @ ..], Value::Array(items)) => {
            for item in items {
                change(item, rest, edit);
            }
        }
        ([name], Value::Object(members)) => match edit {
            Edit::Missing => drop(members.shift_remove(*name)),
            Edit::Null => drop(members.insert((*name).to_owned(), Value::Null)),
            Edit::To(make) => {
                if let Some(member) = members.get_mut(*name) {
                    *member = make(member);
                }
            }
        },
        ([name, rest @ ..], Value::Object(members)) => {
            if let Some(member) = members.get_mut(*name) {
                change(member, rest, edit);
            }
        }
        _ => {}
    }
}

/// JSON written in another form; anything but JSON stays.
pub(super) fn rewritten(body: Vec<u8>, write: fn(&Value) -> String) -> Vec<u8> {
    match serde_json::from_slice(&body) {
        Ok(value) => write(&value).into_bytes(),
        Err(_) => body,
    }
}

pub(super) fn for_people(value: &Value) -> String {
    format!("{value:#}\n")
}

pub(super) fn in_ascii(value: &Value) -> String {
    let mut text = String::new();
    for character in value.to_string().chars() {
        if character.is_ascii() {
            text.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                let _ = write!(text, "\\u{unit:04x}");
            }
        }
    }
    text
}

/// Objects whose members have names from the user, or are sent back as they are.
const MAPS: [&str; 3] = ["data", "headers", "env_vars"];

/// The value, with another member in each object, however deep.
pub(super) fn with_a_member(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(with_a_member).collect(),
        Value::Object(members) => {
            let known = members.iter().map(|(name, member)| {
                let is_map = MAPS.contains(&name.as_str());
                let member = if is_map {
                    member.clone()
                } else {
                    with_a_member(member)
                };
                (name.clone(), member)
            });
            let added = ("added_later".to_owned(), json!({"since": [2, 0]}));
            known.chain([added]).collect()
        }
        other => other.clone(),
    }
}

pub(super) fn in_another_order(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(in_another_order).collect(),
        Value::Object(members) => members
            .iter()
            .rev()
            .map(|(name, member)| (name.clone(), in_another_order(member)))
            .collect(),
        other => other.clone(),
    }
}

/// A job, or each job of a list, with its dates changed.
pub(super) fn with_dates(value: &Value, change: &dyn Fn(&str) -> Option<String>) -> Value {
    let mut value = value.clone();
    match &mut value {
        Value::Array(items) => items
            .iter_mut()
            .for_each(|job| *job = with_dates(job, change)),
        job => {
            for name in ["date_created", "date_started", "date_finished"] {
                if let Some(date) = job[name].as_str().and_then(change) {
                    job[name] = json!(date);
                }
            }
        }
    }
    value
}

pub(super) fn without_fraction(date: &str) -> Option<String> {
    date.split('.').next().map(str::to_owned)
}

/// A naive date, later by `by`.
pub(super) fn shifted(date: &str, by: SignedDuration) -> Option<String> {
    let date: DateTime = date.parse().ok()?;
    Some(format!("{:.6}", date.checked_add(by).ok()?))
}
