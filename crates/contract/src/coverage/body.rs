//! The shape of a body: the members of JSON with their kinds, or the parts of a form.

use std::{collections::BTreeMap, fmt, sync::LazyLock};

use regex::Regex;
use serde::Serialize;
use serde_json::Value;

use super::archive::{Param, PostData, Request};

/// The shape of a body.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// There is none.
    None,
    /// JSON: the path of each value, and its kind.
    Json(BTreeMap<String, String>),
    /// A form: its parts in their order.
    Form(Vec<String>),
    /// Something else, of this media type.
    Other(String),
    /// A form whose parts the archive does not show.
    UnknownForm,
}

static PART: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?i)content-disposition:\s*form-data;\s*name="([^"]*)"(?:;\s*filename="([^"]*)")?"#,
    )
    .expect("a pattern")
});

impl Body {
    /// The shape of the body of `request`.
    pub(super) fn of(request: &Request) -> Self {
        let header = request.header("content-type").unwrap_or_default();
        let none = PostData::default();
        let posted = request.post_data.as_ref().unwrap_or(&none);
        let media_type = if posted.mime_type.is_empty() {
            essence(header)
        } else {
            essence(&posted.mime_type)
        };
        if media_type == "multipart/form-data" {
            return form(posted);
        }
        if posted.text.is_empty() && posted.params.is_empty() {
            return Self::None;
        }
        if media_type == "application/x-www-form-urlencoded" {
            return Self::Form(url_encoded(posted));
        }
        match serde_json::from_str(&posted.text) {
            Ok(json) => {
                let mut members = BTreeMap::new();
                describe("", &json, &mut members);
                Self::Json(members)
            }
            Err(_) => Self::Other(media_type),
        }
    }

    /// Whether a body of the suite has this shape, as far as an archive shows it.
    pub(super) fn is_like(&self, of_suite: &Self) -> bool {
        match self {
            Self::UnknownForm => matches!(of_suite, Self::Form(_)),
            known => known == of_suite,
        }
    }

    /// The paths of the members of JSON or the names of the parts of a form.
    pub(super) fn members(&self) -> Vec<String> {
        match self {
            Self::Json(members) => members.keys().map(|path| path.replace("[]", "")).collect(),
            Self::Form(parts) => {
                let name = |part: &String| part.split(" (").next().unwrap_or_default().to_owned();
                parts.iter().map(name).collect()
            }
            _ => Vec::new(),
        }
    }
}

impl fmt::Display for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => write!(f, "no body"),
            Self::Json(members) => {
                let members = members.iter().map(|(path, kind)| format!("{path}: {kind}"));
                write!(f, "JSON {{{}}}", members.collect::<Vec<_>>().join(", "))
            }
            Self::Form(parts) => write!(f, "form {}", parts.join(", ")),
            Self::Other(media_type) => write!(f, "a body of type {media_type}"),
            Self::UnknownForm => write!(f, "a form whose parts the file does not show"),
        }
    }
}

/// A media type without its parameters.
pub(super) fn essence(media_type: &str) -> String {
    let essence = media_type.split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

fn form(posted: &PostData) -> Body {
    let named = posted
        .params
        .iter()
        .map(|Param { name, file_name }| part(name, file_name.as_deref()));
    let written = PART.captures_iter(&posted.text).map(|found| {
        let file = found.get(2).map(|file| file.as_str());
        part(&found[1], file)
    });
    // The text is what was sent; a list of parameters may be in an order of its own.
    let mut parts: Vec<_> = written.collect();
    if parts.is_empty() {
        parts = named.collect();
    }
    if parts.is_empty() {
        Body::UnknownForm
    } else {
        Body::Form(parts)
    }
}

/// A part's name, and whether it is a file, which may lie in a directory.
fn part(name: &str, file: Option<&str>) -> String {
    match file {
        None => name.to_owned(),
        Some(file) if file.contains('/') => format!("{name} (a file in a directory)"),
        Some(_) => format!("{name} (a file)"),
    }
}

fn url_encoded(posted: &PostData) -> Vec<String> {
    if posted.text.is_empty() {
        return posted
            .params
            .iter()
            .map(|param| param.name.clone())
            .collect();
    }
    let fields = url::form_urlencoded::parse(posted.text.as_bytes());
    fields.map(|(name, _)| name.into_owned()).collect()
}

fn describe(path: &str, value: &Value, members: &mut BTreeMap<String, String>) {
    let kind = match value {
        Value::Object(values) if !values.is_empty() => {
            let dot = if path.is_empty() { "" } else { "." };
            for (name, value) in values {
                describe(&format!("{path}{dot}{name}"), value, members);
            }
            return;
        }
        Value::Array(values) if !values.is_empty() => {
            for value in values {
                describe(&format!("{path}[]"), value, members);
            }
            return;
        }
        Value::Object(_) => "empty object",
        Value::Array(_) => "empty list",
        Value::String(_) => "text",
        Value::Number(_) => "number",
        Value::Bool(_) => "boolean",
        Value::Null => "null",
    };
    let kinds = members.entry(path.to_owned()).or_default();
    if !kinds.split(" or ").any(|known| known == kind) {
        if !kinds.is_empty() {
            kinds.push_str(" or ");
        }
        kinds.push_str(kind);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(media_type: &str, text: &str) -> Body {
        let entry = serde_json::json!({
            "method": "POST",
            "url": "http://a/",
            "postData": { "mimeType": media_type, "text": text },
        });
        Body::of(&serde_json::from_value(entry).unwrap())
    }

    #[test]
    fn a_form_is_read_from_its_text() {
        let text = "--b\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\na\r\n--b\r\n\
                    Content-Disposition: form-data; name=\"file\"; filename=\"d/a.txt\"\r\n\
                    Content-Type: text/plain\r\n\r\n\r\n--b--\r\n";
        assert_eq!(
            body("multipart/form-data; boundary=b", text),
            Body::Form(vec!["key".into(), "file (a file in a directory)".into()])
        );
        assert_eq!(body("multipart/form-data", ""), Body::UnknownForm);
        assert_eq!(
            body("application/x-www-form-urlencoded", "b=1&a=2"),
            Body::Form(vec!["b".into(), "a".into()])
        );
    }

    #[test]
    fn json_is_its_members_and_their_kinds() {
        let seen = body(
            "application/x-amz-json-1.1",
            r#"{"a":{"b":null,"c":{}},"d":[{"e":"x"},{"e":1}],"f":[],"g":""}"#,
        );
        assert_eq!(
            seen.to_string(),
            "JSON {a.b: null, a.c: empty object, d[].e: text or number, f: empty list, g: text}"
        );
        assert_eq!(seen.members(), ["a.b", "a.c", "d.e", "f", "g"]);
        assert_eq!(body("text/plain", "a b"), Body::Other("text/plain".into()));
    }
}
