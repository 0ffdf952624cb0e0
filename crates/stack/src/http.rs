//! Headers and bodies, as all services read and write them.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue},
};
use jiff::{Timestamp, fmt::rfc2822::DateTimePrinter};
use tokio::io::AsyncRead;
use tokio_util::io::ReaderStream;

/// How much of a file is in memory at once, in bytes.
const CHUNK: usize = 64 * 1024;

/// A header's value, if it is text.
pub(crate) fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// Sets a header. A value that no header can have is left out.
pub(crate) fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// A date as headers have it.
pub(crate) fn date(time: Timestamp) -> String {
    let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&time);
    date.unwrap_or_default()
}

/// A body of everything that `file` holds.
pub(crate) fn streamed(file: impl AsyncRead + Send + 'static) -> Body {
    Body::from_stream(ReaderStream::with_capacity(file, CHUNK))
}
