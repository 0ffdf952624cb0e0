//! The policy of a form upload: a signed document that says until when and under which conditions
//! the form may be posted. Source: Amazon S3 API reference, "Creating a POST policy".

use std::{collections::BTreeMap, ops::RangeInclusive};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::error::{ACCESS_DENIED, INVALID_POLICY, S3Error};

/// The fields of a form: lower-case names, as S3 does not mind their case.
pub(super) type Fields = BTreeMap<String, String>;

/// The largest file that one POST may upload: 5 GiB.
const LARGEST: u64 = 5 << 30;

/// A policy that was read. Its signature is checked elsewhere.
#[derive(Debug)]
pub(super) struct Policy {
    expiration: Timestamp,
    conditions: Vec<Condition>,
}

#[derive(Debug, PartialEq, Eq)]
enum Condition {
    Field {
        operator: Operator,
        /// Lower-case, without the `$`.
        name: String,
        value: String,
    },
    ContentLength(RangeInclusive<u64>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Eq,
    StartsWith,
}

#[derive(Deserialize)]
struct Document {
    expiration: Option<String>,
    conditions: Option<Vec<Value>>,
}

impl Policy {
    /// Reads the form field `policy`.
    pub(super) fn decode(field: &str) -> Result<Self, S3Error> {
        let document: Document = BASE64_STANDARD
            .decode(field)
            .ok()
            .and_then(|json| serde_json::from_slice(&json).ok())
            .ok_or_else(|| invalid("Invalid JSON."))?;
        let expiration = document
            .expiration
            .ok_or_else(|| invalid("Policy missing expiration."))?
            .parse()
            .map_err(|_| invalid("Invalid 'expiration' value"))?;
        let conditions = document
            .conditions
            .ok_or_else(|| invalid("Policy missing conditions."))?
            .iter()
            .map(Condition::read)
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| invalid("Invalid Simple-Condition."))?;
        Ok(Self {
            expiration,
            conditions,
        })
    }

    /// Checks everything that is known before the file is read, and returns how many bytes the file
    /// may have.
    pub(super) fn check(
        &self,
        now: Timestamp,
        bucket: &str,
        fields: &Fields,
    ) -> Result<RangeInclusive<u64>, S3Error> {
        if now >= self.expiration {
            return Err(against("Policy expired."));
        }
        for condition in &self.conditions {
            condition.check(bucket, fields)?;
        }
        self.check_all_covered(fields)?;
        Ok(self.length())
    }

    /// Every field must have a condition, so that a client cannot add fields of its own.
    fn check_all_covered(&self, fields: &Fields) -> Result<(), S3Error> {
        let covered = |field: &str| {
            self.conditions
                .iter()
                .any(|c| matches!(c, Condition::Field { name, .. } if name == field))
        };
        let exempt = |field: &str| {
            ["policy", "x-amz-signature", "file"].contains(&field) || field.starts_with("x-ignore-")
        };
        let extra: Vec<&str> = fields
            .keys()
            .map(String::as_str)
            .filter(|field| !covered(field) && !exempt(field))
            .collect();
        if extra.is_empty() {
            Ok(())
        } else {
            Err(against(&format!(
                "Extra input fields: {}",
                extra.join(", ")
            )))
        }
    }

    /// The range that all length conditions allow.
    fn length(&self) -> RangeInclusive<u64> {
        let mut allowed = 0..=LARGEST;
        for condition in &self.conditions {
            if let Condition::ContentLength(range) = condition {
                allowed = *range.start().max(allowed.start())..=*range.end().min(allowed.end());
            }
        }
        allowed
    }
}

impl Condition {
    fn read(value: &Value) -> Option<Self> {
        match value {
            Value::Object(object) => Self::read_exact(object),
            Value::Array(parts) => match parts.as_slice() {
                [operator, name, value] => Self::read_list(operator, name, value),
                _ => None,
            },
            _ => None,
        }
    }

    /// `{"name": "value"}`
    fn read_exact(object: &Map<String, Value>) -> Option<Self> {
        let (name, value) = object.iter().next().filter(|_| object.len() == 1)?;
        Some(Self::Field {
            operator: Operator::Eq,
            name: name.to_ascii_lowercase(),
            value: value.as_str()?.to_owned(),
        })
    }

    /// `["eq", "$name", "value"]`, `["starts-with", …]` or `["content-length-range", 1, 10]`
    fn read_list(operator: &Value, name: &Value, value: &Value) -> Option<Self> {
        let operator = match operator.as_str()?.to_ascii_lowercase().as_str() {
            "content-length-range" => {
                return Some(Self::ContentLength(bytes(name)?..=bytes(value)?));
            }
            "eq" => Operator::Eq,
            "starts-with" => Operator::StartsWith,
            _ => return None,
        };
        Some(Self::Field {
            operator,
            name: name.as_str()?.strip_prefix('$')?.to_ascii_lowercase(),
            value: value.as_str()?.to_owned(),
        })
    }

    fn check(&self, bucket: &str, fields: &Fields) -> Result<(), S3Error> {
        let Self::Field {
            operator,
            name,
            value,
        } = self
        else {
            return Ok(());
        };
        // The bucket is the one that the request was sent to, whatever the form may say.
        let actual = match name.as_str() {
            "bucket" => Some(bucket),
            name => fields.get(name).map(String::as_str),
        };
        // A field that is missing fails even `["starts-with", "$name", ""]`.
        let (word, holds) = match operator {
            Operator::Eq => ("eq", actual == Some(value)),
            Operator::StartsWith => (
                "starts-with",
                actual.is_some_and(|actual| actual.starts_with(value)),
            ),
        };
        if holds {
            return Ok(());
        }
        let text = [word, &format!("${name}"), value].map(|part| Value::from(part).to_string());
        Err(against(&format!(
            "Policy Condition failed: [{}]",
            text.join(", ")
        )))
    }
}

/// A number of bytes, which may be written as a string.
fn bytes(value: &Value) -> Option<u64> {
    value
        .as_u64()
        .or_else(|| value.as_str().and_then(|text| text.parse().ok()))
}

fn against(reason: &str) -> S3Error {
    S3Error::because(
        ACCESS_DENIED,
        format!("Invalid according to Policy: {reason}"),
    )
}

fn invalid(reason: &str) -> S3Error {
    S3Error::because(INVALID_POLICY, format!("Invalid Policy: {reason}"))
}

#[cfg(test)]
mod tests;
