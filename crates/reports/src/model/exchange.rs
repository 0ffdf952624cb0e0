//! A request of a run.

#[cfg(test)]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A request and what became of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Exchange {
    /// Who sent it.
    pub sender: Sender,
    /// What it is for, if a step sent it.
    pub name: Option<String>,
    /// Its method.
    pub method: String,
    /// Its URL, without signatures.
    pub url: String,
    /// When it was sent.
    pub started_at: f64,
    /// How long it took: to its end where the browser tells that, else to the answer's headers.
    pub seconds: f64,
    /// The answer's status, also of one that the page may not read.
    pub status: Option<u16>,
    /// Whether the page could read the answer; unknown for what the page did not send by a step.
    pub readable: Option<bool>,
    /// How it failed, in the suite's words.
    pub problem: Option<String>,
    /// Why the browser kept the answer from the page: a name of the suite's `Cause`.
    pub cause: Option<String>,
    /// Why it failed, in the browser's words.
    pub browser: Option<String>,
    /// The preflight that was sent for it, by its place in the run's `exchanges`.
    pub preflight: Option<usize>,
    /// What the browser knows beyond that.
    pub wire: Option<Wire>,
}

/// Who sent a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Sender {
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
pub struct Wire {
    /// The version of HTTP, as the browser names it.
    pub protocol: Option<String>,
    /// The server's IP address.
    pub address: Option<String>,
    /// The status in words.
    pub status_text: String,
    /// What the browser takes the body for.
    pub mime_type: String,
    /// The headers that were sent.
    pub request_headers: Vec<Header>,
    /// The headers of the answer.
    pub response_headers: Vec<Header>,
    /// How many bytes came, headers included.
    pub bytes: Option<u64>,
    /// Where the time went.
    pub timings: Option<Timings>,
}

impl Wire {
    /// Nothing is known.
    pub const UNKNOWN: Self = Self {
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
pub struct Header {
    /// Its name.
    pub name: String,
    /// Its value, unless that is secret.
    pub value: String,
}

/// Where a request's time went, in milliseconds; `None`: that part was not needed.
#[derive(Clone, Debug, Serialize, Deserialize)]
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
