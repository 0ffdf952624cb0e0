//! A request and its answer, as an engine reports them. Nothing in here is secret: secrets are
//! replaced as an engine's entries are read.

use std::collections::BTreeMap;

use opencloud_model::{observation::Observation, redact};
use serde::Deserialize;
use url::Url;

/// How much earlier than the page says a request may have been sent, in milliseconds: the page's
/// clock shows whole ones, and the browser's two clocks drift apart.
pub const EARLIER: f64 = 50.0;

/// Headers by their names.
pub type Headers = BTreeMap<String, String>;

/// The kind of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// A script sent it.
    Script,
    /// The browser sent it before another request.
    Preflight,
    /// The page itself, or what belongs to it.
    #[default]
    Page,
}

/// A request and what became of it.
#[derive(Clone, Debug, Default)]
pub struct Exchange {
    /// Its kind.
    pub kind: Kind,
    /// Its method.
    pub method: String,
    /// Its address without the query.
    pub bare_url: String,
    /// Its address.
    pub url: String,
    /// When it was sent, in milliseconds since 1970.
    pub sent_at: f64,
    /// The same, in seconds of the browser's own clock, which all other times use.
    pub sent: f64,
    /// When its last byte had come, or it had failed.
    pub ended: Option<f64>,
    /// How many bytes came.
    pub bytes: Option<f64>,
    /// The headers that were sent.
    pub request_headers: Headers,
    /// The answer's status.
    pub status: Option<u16>,
    /// The answer's headers.
    pub response_headers: Headers,
    /// The answer as the page got it.
    pub response: Option<Received>,
    /// The first redirect that it followed.
    pub redirect: Option<Followed>,
    /// Why it failed.
    pub failure: Option<Observation>,
}

/// A redirect that a browser followed.
#[derive(Clone, Debug)]
pub struct Followed {
    /// Its status.
    pub status: u16,
    /// Its target without the query.
    pub location: Option<String>,
    /// The program that gave it.
    pub server: Option<String>,
}

impl Followed {
    /// The redirect with this status and these headers.
    #[must_use]
    pub fn new(status: u16, headers: &Headers) -> Self {
        Self {
            status,
            location: headers.get("location").map(|to| bare(to)),
            server: sender(headers),
        }
    }
}

/// Other facts of an answer.
#[derive(Clone, Debug)]
pub struct Received {
    /// The words behind the status.
    pub status_text: String,
    /// The media type.
    pub mime_type: String,
    /// The protocol's version.
    pub protocol: Option<String>,
    /// The address that it came from.
    pub address: Option<String>,
    /// When what happened.
    pub timing: Option<Timing>,
}

/// When what happened to a request, in milliseconds since `request_time`; -1: it did not. The parts
/// are those of Resource Timing.
#[expect(missing_docs, reason = "the names of Resource Timing")]
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Timing {
    /// In seconds, like every `timestamp`.
    pub request_time: f64,
    pub dns_start: f64,
    pub dns_end: f64,
    pub connect_start: f64,
    pub connect_end: f64,
    pub ssl_start: f64,
    pub ssl_end: f64,
    pub send_start: f64,
    pub send_end: f64,
    pub receive_headers_end: f64,
}

impl Exchange {
    /// The origin of the page that sent it, if the request names it.
    #[must_use]
    pub fn origin(&self) -> Option<&String> {
        self.request_headers.get("origin")
    }
}

/// Of `entries`, that of the page's request that was sent at `started_at` (milliseconds since 1970). Others
/// to the same address may have been sent soon after, to find out about it; or by another test at the same
/// time, of which one is meant that `has_failed`. What is sent to find out about something has seldom a body, and
/// what a page sends to an address that others use as well has one, such as a form for S3.
pub fn find_sent<'a, T>(
    entries: impl Iterator<Item = (T, &'a Exchange)>,
    has_failed: impl Fn(&T) -> bool,
    method: &str,
    url: &str,
    started_at: f64,
) -> Option<T> {
    let url = bare(url);
    let has_body = |exchange: &Exchange| exchange.request_headers.contains_key("content-type");
    let sent = entries
        .filter(|(_, exchange)| exchange.method == method && exchange.bare_url == url)
        .map(|(entry, exchange)| (entry, exchange, exchange.sent_at - started_at))
        .filter(|(_, _, late)| *late >= -EARLIER);
    let nearest = sent.min_by(|(a_entry, a_exchange, a), (b_entry, b_exchange, b)| {
        let is_other = |entry, late: &f64| *late > EARLIER || !has_failed(entry);
        let by_failure = is_other(a_entry, a).cmp(&is_other(b_entry, b));
        let by_body = has_body(b_exchange).cmp(&has_body(a_exchange));
        by_failure.then(by_body).then(a.abs().total_cmp(&b.abs()))
    });
    nearest.map(|(entry, ..)| entry)
}

/// The program that sent an answer, as its headers tell. A gateway that does not name itself is known
/// by a header of its own.
#[must_use]
pub fn sender(headers: &Headers) -> Option<String> {
    const OWN_HEADERS: [(&str, &str); 6] = [
        ("apigw-requestid", "Amazon API Gateway"),
        ("x-amz-apigw-id", "Amazon API Gateway"),
        ("x-amz-cf-id", "CloudFront"),
        ("cf-ray", "Cloudflare"),
        ("x-azure-ref", "Azure Front Door"),
        ("x-envoy-upstream-service-time", "envoy"),
    ];
    let named = headers.get("server").filter(|server| !server.is_empty());
    named.cloned().or_else(|| {
        let mut known = OWN_HEADERS.iter();
        let (_, gateway) = known.find(|(header, _)| headers.contains_key(*header))?;
        Some((*gateway).into())
    })
}

/// An address with what its query asks for, but without any value that might be a secret.
#[must_use]
pub fn without_values(url: &str) -> String {
    const SHOWN: [&str; 4] = [
        "X-Amz-Algorithm",
        "X-Amz-Date",
        "X-Amz-Expires",
        "X-Amz-SignedHeaders",
    ];
    let clean = redact::clean(url);
    let Some((address, query)) = clean.split_once('?') else {
        return clean;
    };
    let parameters = query
        .split('&')
        .map(|parameter| match parameter.split_once('=') {
            Some((name, value)) if SHOWN.contains(&name) || is_plain(value) => parameter.to_owned(),
            Some((name, _)) => format!("{name}={}", redact::MASK),
            None => redact::MASK.to_owned(),
        });
    format!("{address}?{}", parameters.collect::<Vec<_>>().join("&"))
}

/// A number, or yes and no, as Python writes them too.
fn is_plain(value: &str) -> bool {
    value.parse::<u32>().is_ok() || value.to_ascii_lowercase().parse::<bool>().is_ok()
}

/// Headers without secrets, in lower case as in HTTP/2.
#[must_use]
pub fn clean_headers(headers: Headers) -> Headers {
    headers
        .into_iter()
        .map(|(name, value)| {
            let value = if redact::is_secret(&name) {
                redact::MASK.into()
            } else {
                redact::clean(&value)
            };
            (name.to_ascii_lowercase(), value)
        })
        .collect()
}

/// An address without its query, which may hold a signature, as the browser writes it.
#[must_use]
pub fn bare(url: &str) -> String {
    let address = url.split(['?', '#']).next().unwrap_or_default();
    Url::parse(address).map_or_else(|_| address.to_owned(), String::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_told_from_what_others_try_at_its_address() {
        let sent = |sent_at: f64, headers: &[(&str, &str)]| Exchange {
            method: "POST".into(),
            bare_url: "http://s3.test/bucket".into(),
            sent_at,
            request_headers: headers
                .iter()
                .map(|(name, value)| ((*name).into(), (*value).into()))
                .collect(),
            ..Exchange::default()
        };
        let form = [("content-type", "multipart/form-data; boundary=x")];
        let all = [sent(1000.0, &[]), sent(1010.0, &form), sent(2000.0, &form)];
        let entries = all.iter().enumerate();
        let found = find_sent(entries, |_| true, "POST", "http://s3.test/bucket", 1001.0);
        assert_eq!(found, Some(1));
    }
}
