//! Texts of one world, and what stands for them in another.

use std::cmp::Reverse;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;

/// Pairs of texts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Texts(Vec<(String, String)>);

impl Texts {
    /// From now on, `to` stands for `from`.
    pub(crate) fn add(&mut self, from: &str, to: &str) {
        self.0.retain(|(known, _)| known != from);
        self.0.push((from.into(), to.into()));
        // A longer one may hold a shorter one.
        self.0.sort_by_key(|(from, _)| Reverse(from.len()));
    }

    /// The other way round.
    pub(crate) fn reversed(&self) -> Self {
        let pairs = self.0.iter().filter(|(_, to)| !to.is_empty());
        let mut pairs: Vec<_> = pairs.map(|(from, to)| (to.clone(), from.clone())).collect();
        pairs.sort_by_key(|(from, _)| Reverse(from.len()));
        Self(pairs)
    }

    /// Replaces each text that is known. What was put in is not looked at again.
    pub(crate) fn bytes(&self, bytes: &[u8]) -> Vec<u8> {
        let mut replaced = Vec::with_capacity(bytes.len());
        let mut rest = bytes;
        'next: while let Some((first, after)) = rest.split_first() {
            for (from, to) in &self.0 {
                if let Some(after) = rest.strip_prefix(from.as_bytes()) {
                    replaced.extend_from_slice(to.as_bytes());
                    rest = after;
                    continue 'next;
                }
            }
            replaced.push(*first);
            rest = after;
        }
        replaced
    }

    /// As [`Self::bytes`].
    pub(crate) fn text(&self, text: &str) -> String {
        String::from_utf8_lossy(&self.bytes(text.as_bytes())).into_owned()
    }

    /// As [`Self::bytes`], in each text of `value`, and in those of a POST policy.
    pub(crate) fn json(&self, value: &Value) -> Value {
        leaves(value, &|leaf| match leaf {
            Value::String(text) => match policy(text) {
                Some(policy) => STANDARD.encode(self.json(&policy).to_string()).into(),
                None => self.text(text).into(),
            },
            other => other.clone(),
        })
    }
}

/// The value with another in place of each of its leaves.
pub(crate) fn leaves(value: &Value, other: &dyn Fn(&Value) -> Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| leaves(item, other)).collect(),
        Value::Object(members) => {
            let members = members.iter();
            members
                .map(|(key, value)| (key.clone(), leaves(value, other)))
                .collect()
        }
        leaf => other(leaf),
    }
}

/// A POST policy is JSON in base64.
pub(crate) fn policy(text: &str) -> Option<Value> {
    let decoded = STANDARD.decode(text).ok()?;
    let policy: Value = serde_json::from_slice(&decoded).ok()?;
    policy.is_object().then_some(policy)
}
