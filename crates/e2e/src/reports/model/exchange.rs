//! A request of a run.

#[cfg(test)]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A request and what became of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Exchange {
    /// Who sent it.
    pub(crate) sender: Sender,
    /// What it is for, if a step sent it.
    pub(crate) name: Option<String>,
    /// Its method.
    pub(crate) method: String,
    /// Its URL, without signatures.
    pub(crate) url: String,
    /// When it was sent.
    pub(crate) started_at: f64,
    /// How long it took: to its end where the browser tells that, else to the answer's headers.
    pub(crate) seconds: f64,
    /// The answer's status, also of one that the page may not read.
    pub(crate) status: Option<u16>,
    /// Whether the page could read the answer; unknown for what the page did not send by a step.
    pub(crate) readable: Option<bool>,
    /// How it failed, in the suite's words.
    pub(crate) problem: Option<String>,
    /// Why the browser kept the answer from the page: a name of the suite's `Cause`.
    pub(crate) cause: Option<String>,
    /// Why it failed, in the browser's words.
    pub(crate) browser: Option<String>,
    /// The preflight that was sent for it, by its place in the run's `exchanges`.
    pub(crate) preflight: Option<usize>,
    /// What the browser knows beyond that.
    pub(crate) wire: Option<Wire>,
}

/// Who sent a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Sender {
    /// A step.
    Step,
    /// The browser, to ask whether another may be sent.
    Preflight,
    /// The suite, to find out why another failed; or a page in a frame, to see what it can read.
    Trial,
    /// The page, to load itself.
    Page,
}

/// What a browser knows of a request.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Wire {
    /// The version of HTTP, as the browser names it.
    pub(crate) protocol: Option<String>,
    /// The server's IP address.
    pub(crate) address: Option<String>,
    /// The status in words.
    pub(crate) status_text: String,
    /// What the browser takes the body for.
    pub(crate) mime_type: String,
    /// The headers that were sent.
    pub(crate) request_headers: Vec<Header>,
    /// The headers of the answer.
    pub(crate) response_headers: Vec<Header>,
    /// How many bytes came, headers included.
    pub(crate) bytes: Option<u64>,
    /// Where the time went.
    pub(crate) timings: Option<Timings>,
}

impl Wire {
    /// Nothing is known.
    pub(crate) const UNKNOWN: Self = Self {
        protocol: None,
        address: None,
        status_text: String::new(),
        mime_type: String::new(),
        request_headers: Vec::new(),
        response_headers: Vec::new(),
        bytes: None,
        timings: None,
    };
}

/// A header.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Header {
    /// Its name.
    pub(crate) name: String,
    /// Its value, unless that is secret.
    pub(crate) value: String,
}

/// Where a request's time went, in milliseconds; `None`: that part was not needed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Timings {
    /// Waiting for a connection.
    pub(crate) blocked: Option<f64>,
    /// Looking up the host.
    pub(crate) dns: Option<f64>,
    /// Connecting, TLS included.
    pub(crate) connect: Option<f64>,
    /// TLS.
    pub(crate) ssl: Option<f64>,
    /// Sending.
    pub(crate) send: f64,
    /// Waiting for the answer's headers.
    pub(crate) wait: f64,
    /// Receiving its body.
    pub(crate) receive: f64,
}
