//! Sending a file from the disk, as Starlette's `FileResponse` does.

mod media_type;
mod range;

use std::{fs::Metadata, io, time::UNIX_EPOCH};

use axum::{
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use jiff::Timestamp;
use md5::{Digest as _, Md5};
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};

use self::range::Asked;
use crate::http::{date, set, streamed};

/// Sends a file, or the part of it that the request asks for.
pub(crate) async fn send_file(
    name: &str,
    metadata: &Metadata,
    mut file: tokio::fs::File,
    request: &HeaderMap,
) -> io::Result<Response> {
    let size = metadata.len();
    let modified = metadata.modified()?;
    let modified_at = date(Timestamp::try_from(modified).unwrap_or_default());
    let since = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
    let etag = Md5::digest(format!("{}-{size}", since.as_nanos()));
    let etag = format!("\"{etag:x}\"");
    let (status, range) = match Asked::of(request, size, &etag, &modified_at) {
        Asked::All => (StatusCode::OK, 0..size),
        Asked::Part(range) => (StatusCode::PARTIAL_CONTENT, range),
        Asked::Malformed(reason) => return Ok(plain(StatusCode::BAD_REQUEST, reason)),
        Asked::Outside => {
            let mut answer = plain(StatusCode::RANGE_NOT_SATISFIABLE, "");
            set(
                answer.headers_mut(),
                header::CONTENT_RANGE,
                &format!("*/{size}"),
            );
            return Ok(answer);
        }
    };
    file.seek(io::SeekFrom::Start(range.start)).await?;
    let length = range.end - range.start;
    let mut answer = (status, streamed(file.take(length))).into_response();
    let headers = answer.headers_mut();
    set(headers, header::CONTENT_TYPE, &media_type::of(name));
    set(headers, header::ACCEPT_RANGES, "bytes");
    set(headers, header::CONTENT_LENGTH, &length.to_string());
    set(headers, header::LAST_MODIFIED, &modified_at);
    set(headers, header::ETAG, &etag);
    if status == StatusCode::PARTIAL_CONTENT {
        let content_range = format!("bytes {}-{}/{size}", range.start, range.end - 1);
        set(headers, header::CONTENT_RANGE, &content_range);
    }
    Ok(answer)
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    let content_type = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    (status, content_type, text).into_response()
}
