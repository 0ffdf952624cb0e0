//! What the embedded worker knows of the program in a container.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::{Deserialize, Deserializer, de::Error as _};

/// The inputs and outputs of a program, by the arguments of its command.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Recipe {
    /// What it reads; it fails where one of them is missing.
    #[serde(default)]
    pub(crate) reads: Vec<Read>,
    /// What it writes.
    pub(crate) writes: Vec<Write>,
}

/// An input.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Read {
    /// The argument that names it.
    pub(crate) argument: String,
    /// What it is, in words.
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) kind: Kind,
    /// The keys that parameters must have.
    #[serde(default)]
    pub(crate) keys: Vec<String>,
    /// The first bytes of a file, one of these.
    #[serde(default)]
    pub(crate) begins: Vec<String>,
    /// The columns that a `.csv` file must have.
    #[serde(default)]
    pub(crate) columns: Vec<String>,
    /// A pattern that a file of a directory must match.
    pub(crate) holds: Option<String>,
}

/// What an input is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    #[default]
    File,
    /// A YAML file.
    Parameters,
    Directory,
}

/// An output.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Write {
    /// The argument that names its directory, or the file itself where `file` is missing.
    pub(crate) argument: String,
    pub(crate) file: Option<String>,
    pub(crate) content: Content,
}

/// The content of an output.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Content {
    /// What the program has printed.
    Log,
    /// A small file of the form that torch saves.
    TorchModel,
    /// The same bytes as the input that this argument names, or as the first file of a directory.
    CopyOf(String),
    /// This text.
    Text(String),
    /// These bytes.
    #[serde(deserialize_with = "bytes")]
    Base64(Vec<u8>),
}

fn bytes<'de, D: Deserializer<'de>>(source: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(source)?;
    BASE64_STANDARD.decode(text).map_err(D::Error::custom)
}
