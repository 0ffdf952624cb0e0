//! A bucket's CORS rules, as Amazon S3 evaluates them (user guide, "Using cross-origin resource
//! sharing"): the first rule that matches decides, and its headers go on every answer, refusals
//! included.

use axum::{
    body::Body,
    http::{
        HeaderMap, Method,
        header::{
            ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS,
            ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
            ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
            ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
        },
    },
    response::Response,
};

use super::error::{ACCESS_FORBIDDEN, BAD_REQUEST, S3Error};
use crate::{
    faults::{Fault, Faults, with_numeric_host},
    http,
};

/// One rule of a bucket: which origins may send which requests, and read which headers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorsRule {
    /// Origins as a browser sends them; one `*` in each stands for any text.
    pub allowed_origins: Vec<String>,
    /// Methods in upper case.
    pub allowed_methods: Vec<String>,
    /// Request headers, in any case; one `*` in each stands for any text.
    pub allowed_headers: Vec<String>,
    /// Response headers that a page may read.
    pub expose_headers: Vec<String>,
    /// For how many seconds a browser may remember a preflight.
    pub max_age_seconds: Option<u32>,
}

impl CorsRule {
    /// The rule of OpenCloud's bucket: only the frontend may read and upload.
    #[must_use]
    pub fn for_frontend(origin: &str) -> Self {
        let list = |items: &[&str]| items.iter().map(|&item| item.to_owned()).collect();
        Self {
            allowed_origins: list(&[origin]),
            allowed_methods: list(&["GET", "POST", "PUT", "HEAD"]),
            allowed_headers: list(&["*"]),
            expose_headers: list(&["ETag"]),
            max_age_seconds: Some(3000),
        }
    }

    /// The rules of OpenCloud's bucket.
    pub(crate) fn of_bucket(frontend: &str, faults: &Faults) -> Vec<Self> {
        let mut rule = Self::for_frontend(frontend);
        if faults.has(Fault::S3CorsNoRules) {
            return Vec::new();
        }
        if faults.has(Fault::S3CorsLacksPost) {
            rule.allowed_methods.retain(|method| method != "POST");
        }
        if faults.has(Fault::S3CorsGetForAnotherOrigin) {
            rule.allowed_methods.retain(|method| method != "GET");
            let mut other = Self::for_frontend("https://another.example");
            other.allowed_methods.retain(|method| method == "GET");
            return vec![rule, other];
        }
        if faults.has(Fault::S3CorsWrongScheme) {
            let other = match frontend.strip_prefix("https://") {
                Some(host) => format!("http://{host}"),
                None => frontend.replacen("http://", "https://", 1),
            };
            rule.allowed_origins = vec![other];
        }
        if faults.has(Fault::S3CorsAnyOrigin) {
            rule.allowed_origins = vec!["*".to_owned()];
        }
        if faults.has(Fault::S3CorsAnotherOriginToo) {
            rule.allowed_origins.push(with_numeric_host(frontend));
        }
        vec![rule]
    }

    fn allows(&self, origin: &str, method: &str) -> bool {
        self.allowed_origins.iter().any(|p| matches(p, origin))
            && self.allowed_methods.iter().any(|m| m == method)
    }

    fn allows_header(&self, header: &str) -> bool {
        self.allowed_headers
            .iter()
            .any(|pattern| matches(&pattern.to_ascii_lowercase(), header))
    }

    /// The headers that this rule adds to any answer to `origin`.
    fn headers(&self, origin: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let mut set = |name, value: &str| http::set(&mut headers, name, value);
        if self.allowed_origins.iter().any(|pattern| pattern == "*") {
            set(ACCESS_CONTROL_ALLOW_ORIGIN, "*");
        } else {
            set(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            set(ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
        }
        set(
            ACCESS_CONTROL_ALLOW_METHODS,
            &self.allowed_methods.join(", "),
        );
        if !self.expose_headers.is_empty() {
            set(
                ACCESS_CONTROL_EXPOSE_HEADERS,
                &self.expose_headers.join(", "),
            );
        }
        if let Some(seconds) = self.max_age_seconds {
            set(ACCESS_CONTROL_MAX_AGE, &seconds.to_string());
        }
        set(
            VARY,
            "Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
        );
        headers
    }
}

/// Whether `text` fits `pattern`, in which the first `*` stands for any text.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, end)) => text
            .strip_prefix(start)
            .is_some_and(|rest| rest.ends_with(end)),
    }
}

/// The headers for an answer to a request that is not a preflight: those of the first rule that
/// allows its origin and method, and none otherwise.
pub(super) fn answer_headers(
    rules: &[CorsRule],
    method: &Method,
    request: &HeaderMap,
) -> HeaderMap {
    let Some(origin) = http::text(request, ORIGIN) else {
        return HeaderMap::new();
    };
    rules
        .iter()
        .find(|rule| rule.allows(origin, method.as_str()))
        .map(|rule| rule.headers(origin))
        .unwrap_or_default()
}

/// The answer to an OPTIONS request; `is_object` says whether it names a key.
pub(super) fn preflight(
    rules: &[CorsRule],
    is_object: bool,
    request: &HeaderMap,
) -> Result<Response, S3Error> {
    let Some(origin) = http::text(request, ORIGIN) else {
        return Err(bad_request(
            "Insufficient information. Origin request header needed.",
        ));
    };
    let Some(method) = http::text(request, ACCESS_CONTROL_REQUEST_METHOD) else {
        return Err(bad_request("Invalid Access-Control-Request-Method: null"));
    };
    let requested: Vec<String> = http::text(request, ACCESS_CONTROL_REQUEST_HEADERS)
        .unwrap_or_default()
        .split(',')
        .map(|name| name.trim().to_ascii_lowercase())
        .filter(|name| !name.is_empty())
        .collect();

    let forbidden = |message: &str| {
        S3Error::because(ACCESS_FORBIDDEN, message)
            .with("Method", method)
            .with("ResourceType", if is_object { "OBJECT" } else { "BUCKET" })
    };
    if rules.is_empty() {
        return Err(forbidden(
            "CORSResponse: CORS is not enabled for this bucket.",
        ));
    }
    let rule = rules
        .iter()
        .find(|rule| {
            rule.allows(origin, method) && requested.iter().all(|name| rule.allows_header(name))
        })
        .ok_or_else(|| {
            // S3's own message, its spelling included.
            forbidden(
                "CORSResponse: This CORS request is not allowed. This is usually because the \
                 evalution of Origin, request method / Access-Control-Request-Method or \
                 Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.",
            )
        })?;

    let mut response = Response::new(Body::empty());
    *response.headers_mut() = rule.headers(origin);
    if !requested.is_empty() {
        let echo = requested.join(", ");
        http::set(response.headers_mut(), ACCESS_CONTROL_ALLOW_HEADERS, &echo);
    }
    Ok(response)
}

fn bad_request(message: &str) -> S3Error {
    S3Error::because(BAD_REQUEST, message)
}

#[cfg(test)]
mod tests;
