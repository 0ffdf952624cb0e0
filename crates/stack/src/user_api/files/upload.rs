//! Receiving a file that a page posts as `multipart/form-data`.

use std::{io::Write as _, path::Path};

use axum::{
    body::Body,
    http::{HeaderMap, StatusCode},
};
use serde_json::{Value, json};
use tempfile::NamedTempFile;

use crate::{
    faults::{Fault, Faults},
    multipart::{Multipart, Part},
    user_api::errors::{ApiError, Flaw},
};

/// A file that was received as a whole.
pub(crate) struct Received {
    /// The name that the page gave it; may contain slashes.
    pub(crate) name: String,
    /// Whether the page named a media type for it other than that of any bytes.
    pub(crate) is_typed: bool,
    /// Its content, in a file that is removed unless it is moved to its place.
    pub(crate) content: NamedTempFile,
}

/// Receives the form's part `file` into a file in the directory `incoming`. If the body breaks
/// off, the file is removed.
pub(crate) async fn receive(
    headers: &HeaderMap,
    body: Body,
    incoming: &Path,
) -> Result<Received, ApiError> {
    let stream = body.into_data_stream();
    let mut form = Multipart::open(headers, stream).ok_or_else(no_file)?;
    let mut received = None;
    while let Some(field) = form.next().await.map_err(|_| unreadable())? {
        if field.name() == Some("file") {
            received = Some(receive_field(field, incoming).await?);
        }
    }
    received.ok_or_else(no_file)
}

/// The file as a stack with these faults takes it.
pub(crate) fn accepted(mut file: Received, faults: &Faults) -> Result<Received, ApiError> {
    if file.is_typed && faults.has(Fault::UploadWantsOctetStream) {
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return Err(ApiError::detail(status, "Unsupported Media Type"));
    }
    if faults.has(Fault::UploadDropsDirectories) {
        let name = file.name.rsplit('/').next();
        file.name = name.unwrap_or_default().to_owned();
    }
    Ok(file)
}

async fn receive_field(mut field: Part, incoming: &Path) -> Result<Received, ApiError> {
    let Some(name) = field.file_name().map(str::to_owned) else {
        return Err(not_a_file(field).await);
    };
    let is_typed = field.is_typed();
    let mut content = NamedTempFile::new_in(incoming)?;
    while let Some(chunk) = field.chunk().await.map_err(|_| unreadable())? {
        // Writing to the page cache is quick; another thread for each chunk would cost more.
        content.write_all(&chunk)?;
    }
    Ok(Received {
        name: if name.is_empty() {
            "unnamed".into()
        } else {
            name
        },
        is_typed,
        content,
    })
}

fn location() -> [Value; 2] {
    [json!("body"), json!("file")]
}

fn no_file() -> ApiError {
    Flaw::missing(&location(), Value::Null).into()
}

/// The part has no filename: a plain value, whose beginning the error repeats.
async fn not_a_file(mut field: Part) -> ApiError {
    let beginning = field.chunk().await.ok().flatten().unwrap_or_default();
    let reason = "Expected UploadFile, received: <class 'str'>";
    let input = String::from_utf8_lossy(&beginning).into_owned();
    Flaw::value(&location(), reason, Value::String(input)).into()
}

fn unreadable() -> ApiError {
    ApiError::detail(
        StatusCode::BAD_REQUEST,
        "There was an error parsing the body",
    )
}
