//! What a node means.

use std::fmt;

use jiff::civil;
use num_bigint::BigInt;

use crate::node::Id;

/// A value of Python's. The members of collections are numbers of the document's values.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `None`.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number of any size.
    Int(BigInt),
    /// A number with a point.
    Float(f64),
    /// Text.
    Text(String),
    /// `!!binary`.
    Bytes(Vec<u8>),
    /// A day.
    Date(civil::Date),
    /// A time, with its offset from UTC in seconds if it has one.
    DateTime(civil::DateTime, Option<i32>),
    /// A list.
    Sequence(Vec<Id>),
    /// A dictionary. Its keys differ, and the last value of a key is the key's.
    Mapping(Vec<(Id, Id)>),
    /// `!!set`.
    Set(Vec<Id>),
    /// `!!omap` or `!!pairs`: a list of pairs.
    Pairs(Vec<(Id, Id)>),
}

impl Value {
    /// Python's equality of keys, as a text: `1`, `1.0` and `true` are one key. `None` for a
    /// collection, and for a number that equals no other.
    pub(crate) fn key(&self) -> Option<String> {
        Some(match self {
            Self::Bool(value) => format!("number {}", u8::from(*value)),
            Self::Int(value) => format!("number {value}"),
            // A whole float is written with all its digits.
            Self::Float(value) if value.fract() == 0.0 => {
                let digits = format!("{:.0}", value.abs());
                let sign = if *value < 0.0 { "-" } else { "" };
                format!("number {sign}{digits}")
            }
            Self::Float(value) if value.is_nan() => return None,
            Self::DateTime(at, Some(offset)) => {
                let instant = jiff::Span::new().try_seconds(-i64::from(*offset));
                let utc = instant.and_then(|span| at.checked_add(span));
                format!("instant {}", utc.unwrap_or(*at))
            }
            Self::DateTime(at, None) => format!("time {at}"),
            Self::Date(date) => format!("date {date}"),
            Self::Text(text) => format!("text {text}"),
            Self::Bytes(bytes) => format!("bytes {bytes:?}"),
            Self::Null | Self::Float(_) => self.to_string(),
            Self::Sequence(_) | Self::Mapping(_) | Self::Set(_) | Self::Pairs(_) => return None,
        })
    }

    /// Whether it has members.
    pub(crate) fn is_collection(&self) -> bool {
        matches!(
            self,
            Self::Sequence(_) | Self::Mapping(_) | Self::Set(_) | Self::Pairs(_)
        )
    }
}

/// A scalar, as YAML writes it; a collection by its kind.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Int(value) => write!(f, "{value}"),
            Self::Float(value) if value.is_nan() => f.write_str(".nan"),
            Self::Float(value) if value.is_infinite() => {
                f.write_str(if *value > 0.0 { ".inf" } else { "-.inf" })
            }
            Self::Float(value) => write!(f, "{value:?}"),
            Self::Text(text) => f.write_str(text),
            Self::Bytes(bytes) => write!(f, "{} bytes", bytes.len()),
            Self::Date(date) => write!(f, "{date}"),
            Self::DateTime(at, None) => write!(f, "{at}"),
            Self::DateTime(at, Some(offset)) => {
                let sign = if *offset < 0 { '-' } else { '+' };
                let minutes = offset.abs() / 60;
                write!(f, "{at}{sign}{:02}:{:02}", minutes / 60, minutes % 60)
            }
            Self::Sequence(_) => f.write_str("a list"),
            Self::Mapping(_) => f.write_str("a mapping"),
            Self::Set(_) => f.write_str("a set"),
            Self::Pairs(_) => f.write_str("a list of pairs"),
        }
    }
}
