//! GET and HEAD of an object.

use axum::{
    body::Body,
    http::{
        HeaderMap, Method, StatusCode,
        header::{
            ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, IF_MODIFIED_SINCE,
            IF_NONE_MATCH, LAST_MODIFIED, RANGE,
        },
    },
    response::{IntoResponse as _, Response},
};
use jiff::fmt::rfc2822;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};

use super::{
    bucket::Bucket,
    error::{INTERNAL, INVALID_RANGE, NO_SUCH_KEY, S3Error},
    faulty,
    range::{self, ByteRange},
    store::ObjectMeta,
};
use crate::http;

/// Answers with the object, or the part of it that `Range` asks for.
pub(super) async fn get_object(
    bucket: &Bucket,
    key: &str,
    method: &Method,
    headers: &HeaderMap,
) -> Result<Response, S3Error> {
    let stored = faulty::key_to_get(&bucket.store, key, &bucket.faults);
    let (meta, mut file) = bucket
        .store
        .open_object(&stored.map_err(|error| unreadable(&error))?)
        .await
        .map_err(|error| unreadable(&error))?
        .ok_or_else(|| S3Error::new(NO_SUCH_KEY).with("Key", key))?;
    let text = |name| http::text(headers, name);
    if faulty::is_lost(key, &bucket.faults) {
        return Ok(Response::new(Body::empty()));
    }

    let mut response = Response::new(Body::empty());
    describe(response.headers_mut(), &meta);
    if unchanged(&meta, text(IF_NONE_MATCH), text(IF_MODIFIED_SINCE)) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return Ok(response);
    }
    let (start, length) = match range::parse(text(RANGE), meta.size) {
        ByteRange::Whole => (0, meta.size),
        ByteRange::Part(part) => {
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            let range = format!("bytes {}-{}/{}", part.start(), part.end(), meta.size);
            http::set(response.headers_mut(), CONTENT_RANGE, &range);
            (*part.start(), part.end() - part.start() + 1)
        }
        ByteRange::Unsatisfiable => {
            return Ok(unsatisfiable(text(RANGE).unwrap_or_default(), meta.size));
        }
    };
    http::set(response.headers_mut(), CONTENT_LENGTH, &length.to_string());
    if method == Method::GET {
        file.seek(std::io::SeekFrom::Start(start))
            .await
            .map_err(|error| unreadable(&error))?;
        *response.body_mut() = http::streamed(file.take(length));
    }
    Ok(response)
}

fn describe(headers: &mut HeaderMap, meta: &ObjectMeta) {
    http::set(headers, ETAG, &format!("\"{}\"", meta.etag));
    http::set(headers, LAST_MODIFIED, &http::date(meta.last_modified));
    http::set(headers, ACCEPT_RANGES, "bytes");
    let content_type = meta.content_type.as_deref();
    http::set(
        headers,
        CONTENT_TYPE,
        content_type.unwrap_or("binary/octet-stream"),
    );
}

/// Whether the page has this very object already. An `ETag`, if sent, decides alone.
fn unchanged(meta: &ObjectMeta, etags: Option<&str>, since: Option<&str>) -> bool {
    if let Some(etags) = etags {
        return etags
            .split(',')
            .map(|etag| etag.trim().trim_start_matches("W/").trim_matches('"'))
            .any(|etag| etag == "*" || etag == meta.etag);
    }
    since
        .and_then(|since| rfc2822::parse(since).ok())
        .is_some_and(|since| meta.last_modified <= since.timestamp())
}

fn unsatisfiable(requested: &str, size: u64) -> Response {
    let mut response = S3Error::new(INVALID_RANGE)
        .with("RangeRequested", requested)
        .with("ActualObjectSize", size.to_string())
        .into_response();
    http::set(
        response.headers_mut(),
        CONTENT_RANGE,
        &format!("bytes */{size}"),
    );
    response
}

fn unreadable(error: &std::io::Error) -> S3Error {
    eprintln!("s3: cannot read an object: {error}");
    S3Error::new(INTERNAL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_unchanged_by_its_etag_or_its_date() {
        let meta = ObjectMeta {
            key: "k".into(),
            size: 0,
            etag: "abc".into(),
            last_modified: "2026-11-23T06:56:26Z".parse().unwrap(),
            content_type: None,
        };
        assert_eq!(
            http::date(meta.last_modified),
            "Mon, 23 Nov 2026 06:56:26 GMT"
        );
        let date = Some("Mon, 23 Nov 2026 06:56:26 GMT");
        let before = Some("Mon, 23 Nov 2026 06:56:25 GMT");
        for (etags, since, expected) in [
            (None, None, false),
            (Some("\"abc\""), None, true),
            (Some("\"x\", W/\"abc\""), None, true),
            (Some("*"), None, true),
            (Some("\"x\""), date, false),
            (None, date, true),
            (None, before, false),
            (None, Some("yesterday"), false),
        ] {
            assert_eq!(
                unchanged(&meta, etags, since),
                expected,
                "{etags:?} {since:?}"
            );
        }
    }
}
