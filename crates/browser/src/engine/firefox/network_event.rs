//! The events of `WebDriver BiDi` that tell of requests, as far as they are read.

use serde::Deserialize;

use crate::traffic::Headers;

/// An event. A time is in milliseconds since 1970.
#[derive(Deserialize)]
#[serde(tag = "method", content = "params")]
pub(super) enum Event {
    #[serde(rename = "network.beforeRequestSent")]
    Sent(Sent),
    #[serde(rename = "network.responseStarted")]
    Answered(Answered),
    #[serde(rename = "network.responseCompleted")]
    Finished(Answered),
    #[serde(rename = "network.fetchError")]
    Failed(Failed),
    #[serde(rename = "log.entryAdded")]
    Said(Said),
    #[serde(other)]
    Other,
}

/// A request that is about to be sent.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Sent {
    /// The page, or the frame, that sends it.
    pub(super) context: Option<String>,
    pub(super) redirect_count: u32,
    pub(super) request: Request,
}

/// An answer whose headers have come, or all of it.
#[derive(Deserialize)]
pub(super) struct Answered {
    pub(super) request: Request,
    pub(super) response: Response,
}

/// A request without a whole answer.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Failed {
    pub(super) request: Request,
    pub(super) error_text: String,
    pub(super) timestamp: f64,
}

/// A line of the console.
#[derive(Deserialize)]
pub(super) struct Said {
    #[serde(default)]
    pub(super) text: String,
    pub(super) source: Source,
}

#[derive(Deserialize)]
pub(super) struct Source {
    pub(super) context: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Request {
    #[serde(rename = "request")]
    pub(super) id: String,
    pub(super) url: String,
    pub(super) method: String,
    pub(super) headers: Vec<Header>,
    /// The script's way of sending it, if it was one.
    pub(super) initiator_type: Option<String>,
    pub(super) timings: Timings,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) status_text: String,
    pub(super) protocol: String,
    pub(super) mime_type: String,
    pub(super) headers: Vec<Header>,
    pub(super) bytes_received: f64,
}

#[derive(Deserialize)]
pub(super) struct Header {
    name: String,
    value: HeaderValue,
}

#[derive(Deserialize)]
struct HeaderValue {
    value: String,
}

/// When what happened, by the names of Resource Timing. 0: it did not.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Timings {
    pub(super) request_time: f64,
    pub(super) dns_start: f64,
    pub(super) dns_end: f64,
    pub(super) connect_start: f64,
    pub(super) connect_end: f64,
    pub(super) tls_start: f64,
    pub(super) tls_end: f64,
    pub(super) request_start: f64,
    pub(super) response_start: f64,
    pub(super) response_end: f64,
}

/// Headers by their names.
pub(super) fn headers(headers: Vec<Header>) -> Headers {
    let headers = headers.into_iter();
    headers
        .map(|header| (header.name, header.value.value))
        .collect()
}
