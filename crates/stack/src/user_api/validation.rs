//! Validation as pydantic does it, and its messages.
//!
//! Queries and paths carry texts, bodies carry JSON; both are read in pydantic's lax mode, in which
//! `"3"` is an integer too. Every check adds its flaws to a list and continues, because a 422 lists
//! all of them.

use axum::http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};

use super::{
    errors::{ApiError, Flaw},
    python_json,
};

/// A query string's parameters; the last of equal names counts.
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    pub(crate) fn parse(query: Option<&str>) -> Self {
        let query = query.unwrap_or_default().as_bytes();
        Self(form_urlencoded::parse(query).into_owned().collect())
    }

    fn get(&self, name: &str) -> Option<&str> {
        let mut same = self.0.iter().rev().filter(|(key, _)| key == name);
        same.next().map(|(_, value)| value.as_str())
    }

    /// A boolean, in any of the words that pydantic accepts.
    pub(crate) fn bool(&self, name: &str, default: bool, flaws: &mut Vec<Flaw>) -> bool {
        let Some(text) = self.get(name) else {
            return default;
        };
        match text.to_ascii_lowercase().as_str() {
            "true" | "t" | "yes" | "y" | "on" | "1" => true,
            "false" | "f" | "no" | "n" | "off" | "0" => false,
            _ => {
                flaws.push(Flaw::new(
                    "bool_parsing",
                    &[json!("query"), json!(name)],
                    "Input should be a valid boolean, unable to interpret input",
                    json!(text),
                ));
                default
            }
        }
    }

    /// An integer.
    pub(crate) fn int(&self, name: &str, default: i64, flaws: &mut Vec<Flaw>) -> i64 {
        let Some(text) = self.get(name) else {
            return default;
        };
        parse_int(text).unwrap_or_else(|| {
            flaws.push(int_parsing(&[json!("query"), json!(name)], text));
            default
        })
    }
}

/// An integer in the path.
pub(crate) fn path_int(name: &str, text: &str) -> Result<i64, ApiError> {
    parse_int(text).ok_or_else(|| int_parsing(&[json!("path"), json!(name)], text).into())
}

fn parse_int(text: &str) -> Option<i64> {
    let text = text.trim();
    let whole = match text.split_once('.') {
        Some((whole, zeros)) if zeros.bytes().all(|b| b == b'0') => whole,
        _ => text,
    };
    whole.parse().ok()
}

fn int_parsing(loc: &[Value], text: &str) -> Flaw {
    Flaw::new(
        "int_parsing",
        loc,
        "Input should be a valid integer, unable to parse string as an integer",
        json!(text),
    )
}

/// A request's body as the framework hands it to a model: JSON if its content type says so (or is
/// absent), else a text; `None` for an empty body.
pub(crate) fn body(headers: &HeaderMap, body: &[u8]) -> Result<Option<Value>, ApiError> {
    if body.is_empty() {
        return Ok(None);
    }
    if !is_json(headers) {
        let text = String::from_utf8_lossy(body);
        return Ok(Some(Value::String(text.into_owned())));
    }
    let unreadable = || {
        let detail = "There was an error parsing the body";
        ApiError::detail(StatusCode::BAD_REQUEST, detail)
    };
    let text = std::str::from_utf8(body).map_err(|_| unreadable())?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match serde_json::from_str(text) {
        Ok(Value::Null) => Ok(None),
        Ok(value) => Ok(Some(value)),
        Err(_) => {
            let flaw = python_json::first_flaw(text).ok_or_else(unreadable)?;
            Err(ApiError::from(Flaw {
                ctx: Some(json!({"error": flaw.reason})),
                ..Flaw::new(
                    "json_invalid",
                    &[json!("body"), json!(flaw.at)],
                    "JSON decode error",
                    json!({}),
                )
            }))
        }
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(content_type) = headers.get(header::CONTENT_TYPE) else {
        return true;
    };
    let content_type = content_type.to_str().unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    let essence = essence.to_ascii_lowercase();
    essence
        .strip_prefix("application/")
        .is_some_and(|subtype| subtype == "json" || subtype.ends_with("+json"))
}

/// After so many flaws, the rest of a list or mapping is not looked at: each takes a thousand times
/// the memory of what it is about.
const MOST_FLAWS: usize = 1000;

/// A place in a JSON body: the value (if it is there), where it is, and what it is in.
#[derive(Clone)]
pub(crate) struct Place<'v> {
    loc: Vec<Value>,
    value: Option<&'v Value>,
    parent: Value,
}

impl<'v> Place<'v> {
    /// The whole body.
    pub(crate) fn body(value: Option<&'v Value>) -> Self {
        Self {
            loc: vec![json!("body")],
            value,
            parent: Value::Null,
        }
    }

    /// A field of the object at this place.
    pub(crate) fn field(&self, name: &str) -> Self {
        Self {
            loc: [&self.loc[..], &[json!(name)]].concat(),
            value: self.value.and_then(|object| object.get(name)),
            parent: self.value.cloned().unwrap_or_default(),
        }
    }

    fn item(&self, index: Value, value: &'v Value) -> Self {
        Self {
            loc: [&self.loc[..], &[index]].concat(),
            value: Some(value),
            parent: Value::Null,
        }
    }

    /// The value as it was sent; null if it is missing.
    pub(crate) fn input(&self) -> Value {
        self.value.cloned().unwrap_or_default()
    }

    fn is_null(&self) -> bool {
        self.value.is_none_or(Value::is_null)
    }

    fn flaw(&self, kind: &'static str, msg: &str) -> Flaw {
        Flaw::new(kind, &self.loc, msg, self.input())
    }

    /// A flaw that a validator of the service's own found here.
    pub(crate) fn value_flaw(&self, reason: &str) -> Flaw {
        Flaw::value(&self.loc, reason, self.input())
    }

    /// Notes a flaw if nothing is here.
    pub(crate) fn present(&self, flaws: &mut Vec<Flaw>) -> Option<&'v Value> {
        if self.value.is_none() {
            flaws.push(Flaw::missing(&self.loc, self.parent.clone()));
        }
        self.value
    }

    /// An object with fields of its own: this place again, if so.
    pub(crate) fn model(&self, flaws: &mut Vec<Flaw>) -> Option<Self> {
        let value = self.present(flaws)?;
        if value.is_object() {
            return Some(self.clone());
        }
        flaws.push(self.flaw(
            "model_attributes_type",
            "Input should be a valid dictionary or object to extract fields from",
        ));
        None
    }

    /// A text.
    pub(crate) fn string(&self, flaws: &mut Vec<Flaw>) -> Option<String> {
        if let Value::String(text) = self.present(flaws)? {
            return Some(text.clone());
        }
        flaws.push(self.flaw("string_type", "Input should be a valid string"));
        None
    }

    /// A text, or nothing.
    pub(crate) fn optional_string(&self, flaws: &mut Vec<Flaw>) -> Option<String> {
        if self.is_null() {
            return None;
        }
        self.string(flaws)
    }

    /// An integer, or nothing. It may have more digits than a database takes.
    pub(crate) fn optional_int(&self, flaws: &mut Vec<Flaw>) -> Option<i128> {
        let flaw = match self.value? {
            Value::Null => return None,
            Value::Bool(yes) => return Some(i128::from(*yes)),
            Value::Number(number) => match whole(number) {
                Some(int) => return Some(int),
                None if number.as_f64().is_some_and(|float| float.fract() == 0.0) => self.flaw(
                    "int_parsing_size",
                    "Unable to parse input string as an integer, exceeded maximum size",
                ),
                None => self.flaw(
                    "int_from_float",
                    "Input should be a valid integer, got a number with a fractional part",
                ),
            },
            Value::String(text) => match parse_int(text) {
                Some(int) => return Some(int.into()),
                None => int_parsing(&self.loc, text),
            },
            _ => self.flaw("int_type", "Input should be a valid integer"),
        };
        flaws.push(flaw);
        None
    }

    /// One of a few texts, or nothing; `expected` lists them for people.
    pub(crate) fn optional_choice(
        &self,
        choices: &[&str],
        expected: &str,
        flaws: &mut Vec<Flaw>,
    ) -> Option<String> {
        if self.is_null() {
            return None;
        }
        let text = self.value.and_then(Value::as_str).unwrap_or_default();
        if choices.contains(&text) {
            return Some(text.to_owned());
        }
        flaws.push(Flaw::not_one_of(&self.loc, expected, self.input()));
        None
    }

    /// A list of texts, or nothing.
    pub(crate) fn optional_strings(&self, flaws: &mut Vec<Flaw>) -> Option<Vec<String>> {
        let items = match self.value? {
            Value::Null => return None,
            Value::Array(items) => items,
            _ => {
                flaws.push(self.flaw("list_type", "Input should be a valid list"));
                return None;
            }
        };
        let mut texts = Vec::new();
        for (index, item) in items.iter().enumerate() {
            texts.extend(self.item(json!(index), item).string(flaws));
            if flaws.len() >= MOST_FLAWS {
                break;
            }
        }
        Some(texts)
    }

    /// Texts by name, or nothing.
    pub(crate) fn optional_map(&self, flaws: &mut Vec<Flaw>) -> Option<Vec<(String, String)>> {
        let entries = match self.value? {
            Value::Null => return None,
            Value::Object(entries) => entries,
            _ => {
                flaws.push(self.flaw("dict_type", "Input should be a valid dictionary"));
                return None;
            }
        };
        let mut texts = Vec::new();
        for (name, item) in entries {
            let text = self.item(json!(name), item).string(flaws);
            texts.extend(text.map(|text| (name.clone(), text)));
            if flaws.len() >= MOST_FLAWS {
                break;
            }
        }
        Some(texts)
    }
}

/// The number, if it is whole; a float, if it is one of 64 bits as well.
fn whole(number: &serde_json::Number) -> Option<i128> {
    number.as_i128().or_else(|| {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a float outside of i64 ends at its limits, which are left out"
        )]
        let int = number.as_f64().filter(|float| float.fract() == 0.0)? as i64;
        let fits = !matches!(int, i64::MIN | i64::MAX);
        fits.then_some(int.into())
    })
}
