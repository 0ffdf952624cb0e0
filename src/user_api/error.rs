//! The body of the UserAPI's refusals.

use std::fmt;

use serde::Deserialize;

pub use crate::refused_part::FieldError;

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
                let told = errors
                    .iter()
                    .map(|error| format!("{}: {}", error.place(), error.msg));
                f.write_str(&told.collect::<Vec<_>>().join("; "))
            }
        }
    }
}
