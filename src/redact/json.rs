//! Redaction of JSON: of what it says, never of what holds it together.

use std::collections::HashMap;

use serde_json::Value;

use super::{MASK, clean, is_secret};

/// Takes the secrets out of every string in `value`, as [`clean`] does, and masks those that stand
/// under a secret's name. A name or a number is never changed, and neither is the value of a member
/// in `fixed`, which has few values, all of them ours: even a password that is a word of JSON's own
/// leaves it readable.
pub fn clean_json(value: &mut Value, fixed: &[&str]) {
    clean_within(value, fixed, &mut HashMap::new());
}

/// `known` are the texts so far with what became of them: the same headers come again and again.
fn clean_within(value: &mut Value, fixed: &[&str], known: &mut HashMap<String, String>) {
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
                clean_within(value, fixed, known);
            }
        }
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::String(_) if fixed.contains(&&**name) => {}
                    Value::String(text) if is_secret(name) && !text.is_empty() => {
                        MASK.clone_into(text);
                    }
                    value => clean_within(value, fixed, known),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{super::learn, *};

    #[test]
    fn only_what_json_says_is_cleaned() {
        for password in ["test", "name", "2026", "passed"] {
            learn(password);
        }
        let mut value = json!({
            "test": "test",
            "result": "passed",
            "at": 2026,
            "name": ["the name", { "policy": "abc", "policies": "eyJ" }],
        });
        clean_json(&mut value, &["result"]);
        assert_eq!(
            value,
            json!({
                "test": MASK,
                "result": "passed",
                "at": 2026,
                "name": ["the [redacted]", { "policy": MASK, "policies": "eyJ" }],
            })
        );
    }
}
