//! Changes single scalars of a YAML file in place.
//!
//! The file is read by `PyYAML` in the end. Writing it anew with another library would turn some
//! values into another type (`1e-7` is text to `PyYAML`, `2020-01-01` a date), so everything but
//! the scalars in question stays byte for byte as it is.

use std::fmt;

use opencloud_yaml::{Entry, PathError, Refused, Value, Written, read};
use serde::Deserialize;

/// A value that a scalar can be given.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Scalar {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction or an exponent.
    Float(f64),
    /// Text.
    Text(String),
}

/// Writes the scalar as `PyYAML` (YAML 1.1) reads it back with the same type.
impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => write!(f, "{value}"),
            Self::Int(value) => write!(f, "{value}"),
            Self::Float(value) if value.is_nan() => f.write_str(".nan"),
            Self::Float(value) if value.is_infinite() => {
                f.write_str(if *value > 0.0 { ".inf" } else { "-.inf" })
            }
            // YAML 1.1 knows a float by its point, and an exponent by its sign.
            Self::Float(value) => {
                let text = format!("{value:?}");
                match text.split_once('e') {
                    None => f.write_str(&text),
                    Some((mantissa, exponent)) => {
                        let point = if mantissa.contains('.') { "" } else { ".0" };
                        let sign = if exponent.starts_with('-') { "" } else { "+" };
                        write!(f, "{mantissa}{point}e{sign}{exponent}")
                    }
                }
            }
            Self::Text(value) if is_plain(value) => f.write_str(value),
            Self::Text(value) => write!(f, "'{}'", value.replace('\'', "''")),
        }
    }
}

/// Whether YAML 1.1 reads the bare word as text: letters first, nothing special, and none of the
/// words that mean a boolean or nothing.
fn is_plain(text: &str) -> bool {
    const RESERVED: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/'))
        && !RESERVED.contains(&text.to_ascii_lowercase().as_str())
}

/// Why an input is not what its application's file asks for.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// The file is not a text.
    #[error("it is not UTF-8 text, so no value in it can be set")]
    NotText,
    /// `PyYAML` refuses the file.
    #[error("it is not YAML: {0}")]
    Syntax(#[from] Refused),
    /// The path leads nowhere.
    #[error("there is no key {0} to set")]
    Missing(String),
    /// The path leads nowhere, but an output must have the same value there.
    #[error("there is no key {0}, which must be unchanged in an output")]
    NotThere(String),
    /// The path leads to more than one place.
    #[error("the key {0} is there more than once")]
    Ambiguous(String),
    /// The path leads to what is written in another mapping.
    #[error(
        "the key {0} comes from another mapping, through an alias or <<, so it cannot be set alone"
    )]
    Elsewhere(String),
    /// The path leads to something that is not a plain or quoted value on one line.
    #[error("the key {0} does not hold a single value that could be set")]
    NotScalar(String),
    /// The new value cannot be written on one line.
    #[error("the value for {0} holds a line break or control character")]
    BadValue(String),
}

/// `text` with the scalar at `path` (keys joined with dots) changed to `value`.
pub fn set(text: &str, path: &str, value: &Scalar) -> Result<String, EditError> {
    if matches!(value, Scalar::Text(text) if text.chars().any(char::is_control)) {
        return Err(EditError::BadValue(path.into()));
    }
    let document = read(text)?;
    let entry = document.get(path).map_err(|error| match error {
        PathError::Missing => EditError::Missing(path.into()),
        PathError::Ambiguous => EditError::Ambiguous(path.into()),
    })?;
    let place = match entry.written() {
        Written::Here(place) => place,
        Written::Elsewhere => return Err(EditError::Elsewhere(path.into())),
        Written::NotAlone => return Err(EditError::NotScalar(path.into())),
    };
    let (before, after) = (&text[..place.start], &text[place.end..]);
    // Nothing is written: the place is right behind the key's colon, if there is one.
    let needs_space = place.is_empty();
    let is_on_one_line = !text[place].contains(['\n', '\r']);
    if !is_on_one_line || (needs_space && !before.ends_with(':')) {
        return Err(EditError::NotScalar(path.into()));
    }
    let space = if needs_space { " " } else { "" };
    let changed = format!("{before}{space}{value}{after}");
    match read(&changed) {
        Ok(document) if document.get(path).is_ok_and(|entry| value.is(&entry)) => Ok(changed),
        // Such as a text with a line break that YAML alone takes for one.
        _ => Err(EditError::BadValue(path.into())),
    }
}

impl Scalar {
    /// Whether `PyYAML` reads the entry as this value, with its type.
    fn is(&self, entry: &Entry<'_>) -> bool {
        match (self, entry.value()) {
            (Self::Bool(value), Value::Bool(read)) => value == read,
            (Self::Int(value), Value::Int(read)) => *read == (*value).into(),
            (Self::Float(value), Value::Float(read)) => {
                value.to_bits() == read.to_bits() || (value.is_nan() && read.is_nan())
            }
            (Self::Text(value), Value::Text(read)) => value == read,
            _ => false,
        }
    }
}
