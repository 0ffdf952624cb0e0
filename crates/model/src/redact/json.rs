//! Redaction of JSON: of what it says, never of what holds it together.

use std::collections::HashMap;

use serde_json::Value;

use super::kinds::{MASK, is_secret};

/// Passes every string in `value` through `clean`, and masks what stands under a secret's name. The
/// values of members in `fixed` stay.
pub(super) fn clean(value: &mut Value, fixed: &[&str], clean: &dyn Fn(&str) -> String) {
    clean_within(value, fixed, clean, &mut HashMap::new());
}

/// `known` are the texts so far with what became of them: the same headers come again and again.
fn clean_within(
    value: &mut Value,
    fixed: &[&str],
    clean: &dyn Fn(&str) -> String,
    known: &mut HashMap<String, String>,
) {
    match value {
        Value::String(text) => {
            if let Some(cleaned) = known.get(text) {
                text.clone_from(cleaned);
            } else {
                let cleaned = clean(text);
                known.insert(std::mem::replace(text, cleaned.clone()), cleaned);
            }
        }
        Value::Array(values) => {
            for value in values {
                clean_within(value, fixed, clean, known);
            }
        }
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::String(_) if fixed.contains(&&**name) => {}
                    Value::String(text) if is_secret(name) && !text.is_empty() => {
                        MASK.clone_into(text);
                    }
                    value => clean_within(value, fixed, clean, known),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
