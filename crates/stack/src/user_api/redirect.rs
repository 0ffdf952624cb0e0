//! Redirects to the same call at another address.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};

/// The characters to escape in a `Location`.
const PLAIN: &percent_encoding::AsciiSet = &percent_encoding::CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// 307 to the same path with or without a slash at its end.
pub(super) fn redirect(url: &str) -> Response {
    let url = percent_encoding::utf8_percent_encode(url, PLAIN).to_string();
    let location = HeaderValue::from_str(&url).unwrap_or(HeaderValue::from_static("/"));
    (
        StatusCode::TEMPORARY_REDIRECT,
        [(header::LOCATION, location)],
    )
        .into_response()
}
