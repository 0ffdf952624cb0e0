//! Headers and bodies, as all services read and write them.

use std::ops::Range;

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

/// The bytes that a range names of a file with `size` of them: from the first to the last, as far as they
/// exist, or without a first as many as `last` says at the end (RFC 9110).
pub(crate) fn byte_range(first: Option<u64>, last: Option<u64>, size: u64) -> Range<u64> {
    match (first, last) {
        (Some(first), Some(last)) => first..last.saturating_add(1).min(size),
        (Some(first), None) => first..size,
        (None, last) => size.saturating_sub(last.unwrap_or_default())..size,
    }
}

/// A number of any length; `None` for no digits.
pub(crate) fn number(digits: &str) -> Option<u64> {
    (!digits.is_empty()).then(|| digits.parse().unwrap_or(u64::MAX))
}
