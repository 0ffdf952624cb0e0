//! Sending a file from the disk, as Starlette's `FileResponse` does.

use std::{fs::Metadata, io, ops::Range, time::UNIX_EPOCH};

use axum::{
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use jiff::Timestamp;
use md5::{Digest as _, Md5};
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};

use crate::http::{date, set, streamed};

/// Sends a file, or the part of it that the request asks for.
pub(crate) async fn send_file(
    name: &str,
    metadata: &Metadata,
    mut file: tokio::fs::File,
    request: &HeaderMap,
) -> io::Result<Response> {
    let size = metadata.len();
    let (status, range) = match asked_range(request, size) {
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
    set(
        answer.headers_mut(),
        header::CONTENT_TYPE,
        content_type(name),
    );
    set(answer.headers_mut(), header::ACCEPT_RANGES, "bytes");
    set(
        answer.headers_mut(),
        header::CONTENT_LENGTH,
        &length.to_string(),
    );
    let modified = metadata.modified()?;
    let modified_at = Timestamp::try_from(modified).unwrap_or_default();
    set(
        answer.headers_mut(),
        header::LAST_MODIFIED,
        &date(modified_at),
    );
    let since = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
    let etag = Md5::digest(format!("{}-{size}", since.as_nanos()));
    set(answer.headers_mut(), header::ETAG, &format!("\"{etag:x}\""));
    if status == StatusCode::PARTIAL_CONTENT {
        let content_range = format!("bytes {}-{}/{size}", range.start, range.end - 1);
        set(answer.headers_mut(), header::CONTENT_RANGE, &content_range);
    }
    Ok(answer)
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    let content_type = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    (status, content_type, text).into_response()
}

/// The part of a file that a request asks for.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    All,
    Part(Range<u64>),
    Malformed(&'static str),
    Outside,
}

fn asked_range(request: &HeaderMap, size: u64) -> Asked {
    let Some(range) = request.get(header::RANGE) else {
        return Asked::All;
    };
    // Without the earlier answer the condition cannot be checked, so the whole file is sent.
    if request.contains_key(header::IF_RANGE) {
        return Asked::All;
    }
    let Some((unit, ranges)) = range.to_str().ok().and_then(|text| text.split_once('=')) else {
        return Asked::Malformed("Malformed range header.");
    };
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return Asked::Malformed("Only support bytes range");
    }
    if ranges.contains(',') {
        return Asked::All;
    }
    let Some((first, last)) = ranges.trim().split_once('-') else {
        return Asked::Malformed("Range header: range must be requested");
    };
    let number = |text: &str| text.trim().parse::<u64>().ok();
    let range = match (number(first), number(last)) {
        (Some(first), Some(last)) => first..last.saturating_add(1).min(size),
        (Some(first), None) => first..size,
        (None, Some(length)) => size.saturating_sub(length)..size,
        (None, None) => return Asked::Malformed("Range header: range must be requested"),
    };
    if range.start >= size {
        return Asked::Outside;
    }
    if range.start >= range.end {
        return Asked::Malformed("Range header: start must be less than end");
    }
    Asked::Part(range)
}

/// Guessed from the extension; an unknown one is sent as text.
fn content_type(name: &str) -> &'static str {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    match extension.to_ascii_lowercase().as_str() {
        "tif" | "tiff" => "image/tiff",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "json" => "application/json",
        "csv" => "text/csv; charset=utf-8",
        "htm" | "html" => "text/html; charset=utf-8",
        "xml" => "text/xml; charset=utf-8",
        "py" => "text/x-python; charset=utf-8",
        "h5" => "application/x-hdf5",
        "pdf" => "application/pdf",
        "zip" => "application/zip",
        "tar" => "application/x-tar",
        _ => "text/plain; charset=utf-8",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ranges_are_read_as_starlette_reads_them() {
        for (range, asked) in [
            ("bytes=0-5", Asked::Part(0..6)),
            ("bytes=30-", Asked::Part(30..31)),
            ("bytes=-4", Asked::Part(27..31)),
            ("bytes=0-99", Asked::Part(0..31)),
            ("bytes=31-", Asked::Outside),
            (
                "bytes=5-3",
                Asked::Malformed("Range header: start must be less than end"),
            ),
            ("lines=1-2", Asked::Malformed("Only support bytes range")),
            ("bytes", Asked::Malformed("Malformed range header.")),
        ] {
            let headers = HeaderMap::from_iter([(header::RANGE, range.parse().unwrap())]);
            assert_eq!(asked_range(&headers, 31), asked, "{range}");
        }
    }

    proptest! {
        #[test]
        fn every_part_is_inside_the_file(
            header in r"(bytes ?= ?)?[0-9 +,=-]{0,24}|bytes=[0-9]{1,25}-[0-9]{0,25}|[ -~]{0,20}",
            size in prop_oneof![0..40_u64, any::<u64>()],
        ) {
            let headers = HeaderMap::from_iter([(header::RANGE, header.parse().unwrap())]);
            if let Asked::Part(part) = asked_range(&headers, size) {
                prop_assert!(part.start < part.end && part.end <= size);
            }
        }
    }
}
