//! Receiving a file that a page posts as `multipart/form-data`, as Starlette does.

use std::{io::Write as _, path::Path};

use axum::{
    body::{Body, BodyDataStream, to_bytes},
    http::{HeaderMap, StatusCode, header::CONTENT_TYPE},
};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use multer::Error::{IncompleteFieldData, IncompleteHeaders, IncompleteStream};
use serde_json::{Value, json};
use tempfile::NamedTempFile;

use crate::{
    faults::{Fault, Faults},
    http,
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

/// How many bytes a form without files may have.
const LARGEST_FIELDS: usize = 1024 * 1024;

/// Receives the form's part `file` into a file in the directory `incoming`. If the body breaks
/// off, the file is removed.
pub(crate) async fn receive(
    headers: &HeaderMap,
    body: Body,
    incoming: &Path,
) -> Result<Received, ApiError> {
    let content_type = http::text(headers, CONTENT_TYPE).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(without_files(body).await);
    }
    if !essence.eq_ignore_ascii_case("multipart/form-data") {
        return Err(no_file());
    }
    let boundary = multer::parse_boundary(content_type).map_err(|_| {
        let detail = "Missing boundary in multipart.";
        ApiError::detail(StatusCode::BAD_REQUEST, detail)
    })?;
    let mut rest = body.into_data_stream();
    let beginning = beginning(&mut rest, &boundary).await?;
    let beginning = stream::iter([Ok::<_, axum::Error>(beginning)]);
    let mut form = Multipart::new(beginning.chain(rest), boundary);
    let mut received = None;
    // A part counts once the boundary after it was read. The last of that name counts.
    let mut last = None;
    loop {
        let field = match form.next().await {
            Ok(field) => field,
            Err(IncompleteHeaders | IncompleteFieldData { .. }) => None,
            Err(IncompleteStream) => break,
            Err(_) => return Err(unreadable()),
        };
        received = last.take().or(received);
        let Some(field) = field else { break };
        if field.name().is_none() {
            let detail = "The Content-Disposition header field \"name\" must be provided.";
            return Err(ApiError::detail(StatusCode::BAD_REQUEST, detail));
        }
        if field.name() == Some("file") {
            last = match receive_field(field, incoming).await {
                Ok(file) => Some(Ok(file)),
                Err(Stop::Value(flaw)) => Some(Err(flaw)),
                Err(Stop::End) => break,
                Err(Stop::Failed(error)) => return Err(error),
            };
        }
    }
    match received {
        Some(Ok(file)) => Ok(file),
        Some(Err(flaw)) => Err(flaw.into()),
        None => Err(no_file()),
    }
}

/// Reads the beginning of a form, which must be its first boundary. A body that ends before that has
/// no parts.
async fn beginning(body: &mut BodyDataStream, boundary: &str) -> Result<Bytes, ApiError> {
    let expected = format!("--{boundary}\r\n");
    let mut read: Vec<u8> = Vec::new();
    loop {
        let breaks = read.iter().take_while(|byte| b"\r\n".contains(byte));
        read.drain(..breaks.count());
        if read.starts_with(expected.as_bytes()) {
            return Ok(read.into());
        }
        if !expected.as_bytes().starts_with(&read) {
            return Err(unreadable());
        }
        match body.next().await {
            Some(chunk) => read.extend_from_slice(&chunk.map_err(|_| unreadable())?),
            None => return Err(no_file()),
        }
    }
}

/// Why a part is not a file.
enum Stop {
    /// It is a plain value.
    Value(Flaw),
    /// The form ends in it.
    End,
    Failed(ApiError),
}

impl From<multer::Error> for Stop {
    fn from(error: multer::Error) -> Self {
        match error {
            IncompleteFieldData { .. } => Self::End,
            _ => Self::Failed(unreadable()),
        }
    }
}

impl From<std::io::Error> for Stop {
    fn from(error: std::io::Error) -> Self {
        Self::Failed(error.into())
    }
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

async fn receive_field(mut field: Part, incoming: &Path) -> Result<Received, Stop> {
    let Some(name) = field.file_name().map(str::to_owned) else {
        let beginning = field.chunk().await?.unwrap_or_default();
        return Err(Stop::Value(not_a_file(&String::from_utf8_lossy(
            &beginning,
        ))));
    };
    let is_typed = field.is_typed();
    let mut content = NamedTempFile::new_in(incoming)?;
    while let Some(chunk) = field.chunk().await? {
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

/// The answer to a form that cannot hold files.
async fn without_files(body: Body) -> ApiError {
    let Ok(body) = to_bytes(body, LARGEST_FIELDS).await else {
        return unreadable();
    };
    let fields = form_urlencoded::parse(&body);
    match fields.filter(|(name, _)| name == "file").last() {
        Some((_, value)) => not_a_file(&value).into(),
        None => no_file(),
    }
}

fn location() -> [Value; 2] {
    [json!("body"), json!("file")]
}

fn no_file() -> ApiError {
    Flaw::missing(&location(), Value::Null).into()
}

/// The part has no filename: a plain value, whose beginning the error repeats.
fn not_a_file(value: &str) -> Flaw {
    let reason = "Expected UploadFile, received: <class 'str'>";
    Flaw::value(&location(), reason, json!(value))
}

fn unreadable() -> ApiError {
    ApiError::detail(
        StatusCode::BAD_REQUEST,
        "There was an error parsing the body",
    )
}
