//! Reduces an archive to the calls that OpenCloud's services got.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    archive::{self, Entry, Request},
    body::{Body, essence},
    call::{Call, Name},
    document::Document,
};
use crate::service::Service;

/// The calls of an archive.
#[derive(Debug, Default)]
pub struct Calls {
    /// Each call with the statuses of its answers, and how often each came.
    pub(super) seen: BTreeMap<Call, BTreeMap<u16, usize>>,
    /// Whether no call has `authorization`: browsers leave it out where somebody asks for no secrets.
    pub(super) lack_authorization: bool,
}

/// The headers that browsers set, besides those that begin with `sec-`, `proxy-`,
/// `access-control-request-` and the pseudo-headers of HTTP/2. Nearly all are forbidden to pages (Fetch
/// standard, "Forbidden request-header").
const OF_BROWSERS: [&str; 24] = [
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "connection",
    "content-length",
    "cookie",
    "cookie2",
    "date",
    "dnt",
    "expect",
    "host",
    "if-modified-since",
    "if-none-match",
    "keep-alive",
    "origin",
    "pragma",
    "priority",
    "referer",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "via",
];

/// The UserAPI's call that needs no token, with which the frontend begins.
const FIRST_CALL: &str = "/access_info";
const PRESIGNED: [&str; 2] = ["x-amz-signature", "signature"];

impl Calls {
    /// Reads the text of an archive.
    ///
    /// # Errors
    /// If it is none.
    pub fn read(text: &str, document: &Document) -> Result<Self, serde_json::Error> {
        // Some programs begin a text with a byte order mark.
        let archive = serde_json::from_str(text.trim_start_matches('\u{feff}'))?;
        Self::of(archive, document)
    }

    /// Those of an archive.
    ///
    /// # Errors
    /// If the JSON is none.
    pub fn of(archive: Value, document: &Document) -> Result<Self, serde_json::Error> {
        let entries = archive::entries(archive)?;
        let user_api = addresses(&entries);
        let mut calls = Self {
            lack_authorization: !entries.iter().any(is_authorized),
            ..Self::default()
        };
        for Entry {
            request, response, ..
        } in &entries
        {
            if let Some(call) = call(request, &user_api, document) {
                let status = u16::try_from(response.status).unwrap_or_default();
                *calls
                    .seen
                    .entry(call)
                    .or_default()
                    .entry(status)
                    .or_default() += 1;
            }
        }
        Ok(calls)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.seen.is_empty()
    }
}

fn is_authorized(entry: &Entry) -> bool {
    entry.request.header("authorization").is_some()
}

/// The UserAPI's addresses: those of its first call, and the origins that got a bearer token.
fn addresses(entries: &[Entry]) -> BTreeSet<String> {
    let urls = entries.iter().filter(|entry| entry.request.method == "GET");
    let urls = urls.filter_map(|entry| bare(&entry.request.url).strip_suffix(FIRST_CALL));
    let mut addresses: BTreeSet<_> = urls.map(str::to_owned).collect();
    for entry in entries.iter().filter(|entry| is_authorized(entry)) {
        let url = &entry.request.url;
        let is_known = addresses
            .iter()
            .any(|address| path_at(address, url).is_some());
        if !is_known && let Ok(url) = url::Url::parse(url) {
            addresses.insert(url.origin().ascii_serialization());
        }
    }
    addresses
}

fn bare(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or_default()
}

/// The path of `url`, if it is at this address.
fn path_at<'u>(address: &str, url: &'u str) -> Option<&'u str> {
    let path = bare(url).strip_prefix(address)?;
    (path.starts_with('/') || path.is_empty()).then_some(path)
}

fn call(request: &Request, user_api: &BTreeSet<String>, document: &Document) -> Option<Call> {
    let body = Body::of(request);
    let query = query(&request.url);
    let mut addresses = user_api.iter();
    let path = addresses.find_map(|address| path_at(address, &request.url));
    let name = |service, operation: String| Name { service, operation };
    let (operation, path) = if let Some(target) = request.header("x-amz-target") {
        let operation = target.rsplit('.').next().unwrap_or_default();
        (name(Service::Cognito, operation.to_owned()), String::new())
    } else if let Some(kind) = s3(request, &query, &body, path.is_some()) {
        (name(Service::S3, kind), String::new())
    } else {
        let place = document.place(&request.method, path?);
        let operation = format!("{} {}", request.method, place.pattern);
        (name(Service::UserApi, operation), place.form)
    };
    Some(Call {
        operation,
        path,
        query,
        headers: request.headers.iter().filter_map(header).collect(),
        body,
    })
}

/// The kind of a request to S3, if it is one.
fn s3(request: &Request, query: &[String], body: &Body, is_user_api: bool) -> Option<String> {
    let method = &request.method;
    let is_presigned = query.iter().any(|parameter| {
        let name = parameter.split('=').next().unwrap_or_default();
        PRESIGNED.contains(&&*name.to_ascii_lowercase())
    });
    if is_presigned {
        return Some(format!("{method} an object by a pre-signed URL"));
    }
    let is_form = matches!(body, Body::Form(_) | Body::UnknownForm);
    (is_form && !is_user_api && method == "POST").then(|| "POST an object by a form".to_owned())
}

/// A header that the page set. Of `accept` and `content-type` the value counts as well.
fn header(header: &archive::Header) -> Option<String> {
    let name = header.name.to_ascii_lowercase();
    let value = header.value.to_ascii_lowercase();
    let of_browser = OF_BROWSERS.contains(&&*name)
        || [":", "sec-", "proxy-", "access-control-request-"]
            .iter()
            .any(|start| name.starts_with(start))
        // So does a browser whose cache is off.
        || (name == "cache-control" && ["no-cache", "max-age=0"].contains(&&*value));
    if of_browser {
        return None;
    }
    Some(match &*name {
        "accept" => format!("{name}: {value}"),
        "content-type" => format!("{name}: {}", essence(&value)),
        _ => name,
    })
}

fn query(url: &str) -> Vec<String> {
    let url = url.split('#').next().unwrap_or_default();
    let Some((_, query)) = url.split_once('?') else {
        return Vec::new();
    };
    query
        .split('&')
        .filter(|one| !one.is_empty())
        .map(parameter)
        .collect()
}

fn parameter(parameter: &str) -> String {
    let Some((name, value)) = parameter.split_once('=') else {
        return parameter.to_owned();
    };
    let is_boolean = value.to_ascii_lowercase().parse::<bool>().is_ok();
    let value = match value {
        "" => "",
        value if is_boolean => value,
        value if value.parse::<i64>().is_ok() => "<number>",
        _ => "…",
    };
    format!("{name}={value}")
}
