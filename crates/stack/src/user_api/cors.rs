//! Which answers a page may read.
//!
//! The same decisions as Starlette's `CORSMiddleware` with one allowed origin, credentials, all
//! methods and all headers: preflights are answered before anything is routed, other requests are
//! carried out whatever their origin.

use axum::{
    body::Body,
    http::{
        HeaderMap, HeaderValue, Method, StatusCode,
        header::{
            ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS,
            ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_MAX_AGE,
            ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, CONTENT_TYPE, ORIGIN,
            VARY,
        },
    },
    response::Response,
};

use super::errors::OutsideCors;
use crate::{
    faults::{self, Fault, Faults},
    http::{self, set},
};

const METHODS: &str = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT";

/// How long a browser may remember a preflight's answer, in seconds.
const MAX_AGE: &str = "600";

/// The value of `access-control-allow-origin`, if `origin` is allowed: only the one frontend's is,
/// compared letter by letter.
fn allowed(frontend: &str, origin: &HeaderValue, faults: &Faults) -> Option<HeaderValue> {
    if faults.has(Fault::CorsAllowOriginAny) {
        return Some(HeaderValue::from_static("*"));
    }
    let same = origin.as_bytes() == frontend.as_bytes()
        || faults::wrongly_allows(frontend, origin.as_bytes(), faults);
    same.then(|| origin.clone())
}

/// Whether the request asks for permission instead of being carried out.
pub(crate) fn is_preflight(method: &Method, headers: &HeaderMap) -> bool {
    method == Method::OPTIONS
        && headers.contains_key(ORIGIN)
        && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// The answer to a preflight.
pub(crate) fn preflight(frontend: &str, request: &HeaderMap, faults: &Faults) -> Response {
    let mut refused = Vec::new();
    let mut answer = Response::new(Body::empty());
    let headers = answer.headers_mut();
    set(headers, VARY, "Origin");
    set(headers, ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    set(headers, ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    set(headers, ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
    set(headers, CONTENT_TYPE, "text/plain; charset=utf-8");
    let origin = request.get(ORIGIN);
    match origin.and_then(|origin| allowed(frontend, origin, faults)) {
        Some(origin) => {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        }
        None => refused.push("origin"),
    }
    if let Some(asked) = request.get(ACCESS_CONTROL_REQUEST_METHOD)
        && faults.has(Fault::CorsPreflightAllowsAnyMethod)
    {
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, asked.clone());
    } else if !is_allowed_method(request) {
        refused.push("method");
    }
    // All headers are allowed: those that are asked for are named back.
    if let Some(asked) = request.get(ACCESS_CONTROL_REQUEST_HEADERS) {
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, asked.clone());
    }
    if refused.is_empty() {
        *answer.body_mut() = Body::from("OK");
    } else {
        *answer.status_mut() = StatusCode::BAD_REQUEST;
        *answer.body_mut() = Body::from(format!("Disallowed CORS {}", refused.join(", ")));
    }
    answer
}

fn is_allowed_method(request: &HeaderMap) -> bool {
    http::text(request, ACCESS_CONTROL_REQUEST_METHOD)
        .is_some_and(|method| METHODS.split(", ").any(|allowed| allowed == method))
}

/// Marks the answer to a request that was carried out.
pub(crate) fn mark(
    frontend: &str,
    origin: Option<&HeaderValue>,
    answer: &mut Response,
    faults: &Faults,
) {
    let Some(origin) = origin else { return };
    if answer.extensions().get::<OutsideCors>().is_some() {
        return;
    }
    let headers = answer.headers_mut();
    set(headers, ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
    if let Some(origin) = allowed(frontend, origin, faults) {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        set(headers, VARY, "Origin");
    }
}
