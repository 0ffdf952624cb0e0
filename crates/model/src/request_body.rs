//! The body of a request, as reports show it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The body of a request. A form's values and a file's content are left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestBody {
    /// JSON.
    Json(Value),
    /// The parts of a form, in their order.
    Form(Vec<FormPart>),
}

/// A part of a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormPart {
    /// Its name.
    pub name: String,
    /// The file, if it is one.
    pub file: Option<FormFile>,
}

/// A file in a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormFile {
    /// Its name, which may begin with directories.
    pub name: String,
    /// Its media type.
    pub media_type: String,
}

impl RequestBody {
    /// The media type with which a browser sends it, if the page names no other.
    #[must_use]
    pub fn media_type(&self) -> &'static str {
        match self {
            Self::Json(_) => "application/json",
            Self::Form(_) => "multipart/form-data",
        }
    }
}
