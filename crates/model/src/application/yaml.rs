//! Changes single scalars of a YAML file in place, and reads single values.
//!
//! The file is read by `PyYAML` in the end. Writing it anew with another library would turn some
//! values into another type (`1e-7` is text to `PyYAML`, `2020-01-01` a date), so everything but
//! the scalars in question stays byte for byte as it is.

use std::fmt;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};
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

/// Why a scalar cannot be changed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// The file is no text.
    #[error("it is not UTF-8 text, so no value in it can be set")]
    NotText,
    /// The file is no YAML.
    #[error("it is not YAML: {0}")]
    Syntax(String),
    /// The path leads nowhere.
    #[error("there is no key {0} to set")]
    Missing(String),
    /// The path leads to more than one place.
    #[error("the key {0} is there more than once")]
    Ambiguous(String),
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
    let place = find(text, path)?;
    let (before, after) = (&text[..place.start], &text[place.end..]);
    // `key:` without a value needs a space between the colon and what is put there.
    let space = if before.ends_with(':') { " " } else { "" };
    Ok(format!("{before}{space}{value}{after}"))
}

/// The bytes that the scalar at `path` takes up.
fn find(text: &str, path: &str) -> Result<std::ops::Range<usize>, EditError> {
    let mut walk = Walk::default();
    let mut found = None;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| EditError::Syntax(error.to_string()))?;
        let Some(hit) = walk.step(event, span, path) else {
            continue;
        };
        if found.replace(hit).is_some() {
            return Err(EditError::Ambiguous(path.into()));
        }
    }
    match found {
        None => Err(EditError::Missing(path.into())),
        Some(Hit::Other) => Err(EditError::NotScalar(path.into())),
        Some(Hit::Scalar { span, key_end }) => {
            let byte = |index| {
                text.char_indices()
                    .nth(index)
                    .map_or(text.len(), |(at, _)| at)
            };
            let (start, end) = (byte(span.start.index()), byte(span.end.index()));
            let written = text[start..end].trim_end();
            if written.contains('\n') {
                return Err(EditError::NotScalar(path.into()));
            }
            if written.is_empty() {
                // Nothing is written: the place is right behind the key's colon.
                let key_end = byte(key_end);
                let colon = text[key_end..]
                    .find(':')
                    .map_or(text.len(), |at| key_end + at + 1);
                return Ok(colon..colon);
            }
            Ok(start..start + written.len())
        }
    }
}

enum Hit {
    Scalar { span: Span, key_end: usize },
    Other,
}

/// Where in the document the parser is.
#[derive(Default)]
struct Walk {
    frames: Vec<Frame>,
}

enum Frame {
    Mapping { key: Option<(String, usize)> },
    Sequence,
}

impl Walk {
    fn step(&mut self, event: Event<'_>, span: Span, path: &str) -> Option<Hit> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                if let Some(Frame::Mapping { key: key @ None }) = self.frames.last_mut() {
                    *key = Some((text.into_owned(), span.end.index()));
                    return None;
                }
                let hit = self.at(path).map(|key_end| {
                    let block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
                    if block || anchor != 0 || tag.is_some() {
                        Hit::Other
                    } else {
                        Hit::Scalar { span, key_end }
                    }
                });
                self.value_done();
                hit
            }
            Event::Alias(_) => {
                let hit = self.at(path).map(|_| Hit::Other);
                self.value_done();
                hit
            }
            Event::MappingStart(..) | Event::SequenceStart(..) => {
                let hit = self.at(path).map(|_| Hit::Other);
                self.frames.push(match event {
                    Event::MappingStart(..) => Frame::Mapping { key: None },
                    _ => Frame::Sequence,
                });
                hit
            }
            Event::MappingEnd | Event::SequenceEnd => {
                self.frames.pop();
                self.value_done();
                None
            }
            _ => None,
        }
    }

    /// Where the key ends whose value comes next, if the keys on the way to it make up `path`.
    fn at(&self, path: &str) -> Option<usize> {
        let mut rest = path;
        let mut key_end = None;
        for (depth, frame) in self.frames.iter().enumerate() {
            let Frame::Mapping {
                key: Some((key, end)),
            } = frame
            else {
                return None;
            };
            if depth > 0 {
                rest = rest.strip_prefix('.')?;
            }
            rest = rest.strip_prefix(key.as_str())?;
            key_end = Some(*end);
        }
        key_end.filter(|_| rest.is_empty())
    }

    fn value_done(&mut self) {
        match self.frames.last_mut() {
            Some(Frame::Mapping { key: key @ Some(_) }) => *key = None,
            // A collection as a key: its value cannot be named by a path, but must be passed over.
            Some(Frame::Mapping { key: key @ None }) => *key = Some((String::new(), 0)),
            Some(Frame::Sequence) | None => {}
        }
    }
}

/// The value at `path` (keys joined with dots) in a YAML document, if it is there.
#[must_use]
pub fn get<'a>(document: &'a serde_yaml::Value, path: &str) -> Option<&'a serde_yaml::Value> {
    path.split('.')
        .try_fold(document, |value, key| value.get(key))
}

/// Whether two values are the same to a reader: numbers by their size, whichever way written.
#[must_use]
pub fn same(a: &serde_yaml::Value, b: &serde_yaml::Value) -> bool {
    match (a.as_f64(), b.as_f64()) {
        #[expect(
            clippy::float_cmp,
            reason = "the very number that was uploaded must come back"
        )]
        (Some(a), Some(b)) => a == b,
        _ => a == b,
    }
}
