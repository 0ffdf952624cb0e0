//! A request of a run.

use opencloud_model::{cause::Cause, request_body::RequestBody};
#[cfg(test)]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[cfg(test)]
use super::schema;

/// A request and its answer.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Exchange {
    /// Its sender.
    pub sender: Sender,
    /// The origin of the page that sent it, if it is not the suite's. Finds it in the browser's log.
    #[serde(skip)]
    pub origin: Option<String>,
    /// Its purpose, if a step sent it.
    pub name: Option<String>,
    /// Its method.
    pub method: String,
    /// Its URL, without signatures.
    pub url: String,
    /// Its body, if a step sent it: JSON without its secrets, or the names of a form's parts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<schema::RequestBody>"))]
    pub body: Option<RequestBody>,
    /// When it was sent.
    pub started_at: f64,
    /// How long it took: to its end if the browser reports that, else to the answer's headers.
    pub seconds: f64,
    /// The answer's status, even if the page may not read the answer.
    pub status: Option<u16>,
    /// Whether the page could read the answer; unknown unless a step sent the request.
    pub readable: Option<bool>,
    /// The failure, in the suite's words.
    pub problem: Option<String>,
    /// Why the browser withheld the answer from the page: the name of a `Cause`.
    pub cause: Option<String>,
    /// The same with its details, while the run is under way.
    #[serde(skip)]
    pub diagnosis: Option<Cause>,
    /// The reason for the failure, in the browser's words.
    pub browser: Option<String>,
    /// Its preflight, by its index in the run's `exchanges`.
    pub preflight: Option<usize>,
    /// The details that only the browser knows.
    pub wire: Option<Wire>,
}

/// The sender of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Sender {
    /// A step.
    #[default]
    Step,
    /// The browser: a CORS preflight.
    Preflight,
    /// The suite, to diagnose a failed request; or a page in a frame, to test what it can read.
    Trial,
    /// The page, to load itself.
    Page,
}

/// A browser's details of a request.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Wire {
    /// The version of HTTP, as the browser names it.
    pub protocol: Option<String>,
    /// The server's IP address.
    pub address: Option<String>,
    /// The reason phrase of the status.
    pub status_text: String,
    /// The body's media type, as the browser sees it.
    pub mime_type: String,
    /// The headers that were sent.
    pub request_headers: Vec<Header>,
    /// The headers of the answer.
    pub response_headers: Vec<Header>,
    /// The number of bytes received, headers included.
    pub bytes: Option<u64>,
    /// The phases of its time.
    pub timings: Option<Timings>,
}

/// A header.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Header {
    /// Its name.
    pub name: String,
    /// Its value, unless that is secret.
    pub value: String,
}

/// The phases of a request's time, in milliseconds; `None`: the phase was not needed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Timings {
    /// Waiting for a connection.
    pub blocked: Option<f64>,
    /// Looking up the host.
    pub dns: Option<f64>,
    /// Connecting, TLS included.
    pub connect: Option<f64>,
    /// TLS.
    pub ssl: Option<f64>,
    /// Sending.
    pub send: f64,
    /// Waiting for the answer's headers.
    pub wait: f64,
    /// Receiving its body.
    pub receive: f64,
}
