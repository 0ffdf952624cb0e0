//! GET and HEAD of an object.

use axum::{
    body::Body,
    http::{
        HeaderMap, Method, StatusCode,
        header::{
            ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, LAST_MODIFIED, RANGE,
        },
    },
    response::{IntoResponse as _, Response},
};
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};

use super::{
    bucket::Bucket,
    conditions,
    error::{INTERNAL, INVALID_RANGE, NO_SUCH_KEY, S3Error},
    faulty,
    range::{self, ByteRange},
    store::ObjectMeta,
};
use crate::{faults::Fault, http};

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

    if !bucket.faults.has(Fault::S3IgnoresConditions) {
        conditions::check_expected(&meta, headers)?;
    }
    let mut response = Response::new(Body::empty());
    describe(response.headers_mut(), &meta);
    if conditions::is_unchanged(&meta, headers) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return Ok(response);
    }
    let (start, length) = match range::parse(text(RANGE), meta.size) {
        ByteRange::Whole => (0, meta.size),
        ByteRange::Part(part) => {
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            let range = format!("bytes {}-{}/{}", part.start, part.end - 1, meta.size);
            http::set(response.headers_mut(), CONTENT_RANGE, &range);
            (part.start, part.end - part.start)
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
