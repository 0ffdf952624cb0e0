//! HTTP Archives (HAR 1.2), as network panels of browsers and the suite write them.

use serde::Deserialize;
use serde_json::Value;

/// The member that the suite's archives have, and its value for the calls of tests. Diagnoses and pages of
/// other origins send others.
const OF_TESTS: &str = "step";

/// A request with its answer's status.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Entry {
    pub(super) request: Request,
    pub(super) response: Response,
    #[serde(rename = "_sender")]
    sender: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) url: String,
    #[serde(default)]
    pub(super) headers: Vec<Header>,
    pub(super) post_data: Option<PostData>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Header {
    pub(super) name: String,
    #[serde(default)]
    pub(super) value: String,
}

/// A body. Of forms with files some browsers write the parts, some the text, and some neither.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PostData {
    #[serde(default)]
    pub(super) mime_type: String,
    #[serde(default)]
    pub(super) text: String,
    #[serde(default)]
    pub(super) params: Vec<Param>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Param {
    pub(super) name: String,
    pub(super) file_name: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Response {
    #[serde(default)]
    pub(super) status: i64,
}

#[derive(Deserialize)]
struct Archive {
    log: Log,
}

#[derive(Deserialize)]
struct Log {
    entries: Vec<Entry>,
}

/// The calls of pages in an archive: no preflights, and of the suite's those of its tests.
pub(super) fn entries(archive: Value) -> Result<Vec<Entry>, serde_json::Error> {
    let archive: Archive = serde_json::from_value(archive)?;
    let entries = archive.log.entries.into_iter();
    let is_call = |entry: &Entry| {
        let of_test = entry.sender.as_ref().is_none_or(|by| by == OF_TESTS);
        of_test && entry.request.method != "OPTIONS"
    };
    Ok(entries.filter(is_call).collect())
}

impl Request {
    /// The value of the header `name`, which is in lower case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let header = headers.find(|header| header.name.eq_ignore_ascii_case(name))?;
        Some(&header.value)
    }
}
