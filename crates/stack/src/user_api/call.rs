//! A request to the UserAPI, without its body.

use std::net::IpAddr;

use axum::{
    body::{Body, Bytes},
    extract::Request,
    http::{HeaderMap, Method, StatusCode},
};

use super::errors::ApiError;

/// A request without its body.
pub(crate) struct Call {
    pub(crate) method: Method,
    /// Percent-decoded once; slashes and dots that were encoded are slashes and dots from here on.
    pub(crate) path: String,
    /// As it came.
    pub(crate) query: Option<String>,
    pub(crate) headers: HeaderMap,
    peer: IpAddr,
    prefix: &'static str,
}

/// How large a JSON body may be, in bytes. A 422 repeats it in each of its entries.
const MAX_JSON: usize = 1024 * 1024;

impl Call {
    /// The call of a client whose addresses begin with `prefix`; `None` if this one does not.
    pub(super) fn new(
        request: Request,
        peer: IpAddr,
        prefix: &'static str,
    ) -> Option<(Self, Body)> {
        let (parts, body) = request.into_parts();
        let path = parts.uri.path().strip_prefix(prefix)?;
        let path = percent_encoding::percent_decode_str(path);
        let call = Self {
            method: parts.method,
            path: path.decode_utf8_lossy().into_owned(),
            query: parts.uri.query().map(str::to_owned),
            headers: parts.headers,
            peer,
            prefix,
        };
        Some((call, body))
    }

    /// A header's value; empty if it is missing or not text.
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.and_then(|value| value.to_str().ok()).unwrap_or("")
    }

    /// The URL of the request with another path; its host is the one that the client named.
    pub(crate) fn url_of(&self, path: &str) -> String {
        let query = self.query.as_ref();
        let query = query.map_or_else(String::new, |query| format!("?{query}"));
        format!("{}{path}{query}", self.origin())
    }

    fn origin(&self) -> String {
        let (scheme, host) = (self.scheme(), self.header("host"));
        format!("{scheme}://{host}{}", self.prefix)
    }

    /// A proxy on the same machine may say that the client used TLS.
    fn scheme(&self) -> &str {
        match self.header("x-forwarded-proto").trim() {
            scheme @ ("http" | "https") if self.peer.is_loopback() => scheme,
            _ => "http",
        }
    }

    /// Reads a body that is to be JSON.
    pub(crate) async fn read(&self, body: Body) -> Result<Bytes, ApiError> {
        axum::body::to_bytes(body, MAX_JSON).await.map_err(|_| {
            ApiError::detail(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large")
        })
    }
}
