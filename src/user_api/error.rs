//! The body of the UserAPI's refusals.

use std::fmt;

use serde::Deserialize;

/// The body of every documented refusal.
#[derive(Clone, Debug, Deserialize)]
pub struct Refusal {
    /// Why.
    pub detail: Detail,
}

/// Why the UserAPI refuses a request.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Detail {
    /// A text; may be empty.
    Text(String),
    /// The errors in members of the request (status 422).
    Fields(Vec<FieldError>),
}

impl fmt::Display for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Fields(errors) => {
                let told = errors.iter().map(|error| {
                    let place = error
                        .loc
                        .iter()
                        .map(|part| part.as_str().map_or_else(|| part.to_string(), Into::into));
                    format!("{}: {}", place.collect::<Vec<_>>().join("."), error.msg)
                });
                f.write_str(&told.collect::<Vec<_>>().join("; "))
            }
        }
    }
}

/// An error in a member of a request.
#[derive(Clone, Debug, Deserialize)]
pub struct FieldError {
    /// Where it is: `body`, `query` or `path`, then names and positions.
    pub loc: Vec<serde_json::Value>,
    /// What is wrong, in words.
    pub msg: String,
}

impl FieldError {
    /// Where it is, joined with dots, such as `body.application.version`.
    #[must_use]
    pub fn place(&self) -> String {
        let parts = self.loc.iter().map(|part| match part {
            serde_json::Value::String(name) => name.clone(),
            other => other.to_string(),
        });
        parts.collect::<Vec<_>>().join(".")
    }
}
