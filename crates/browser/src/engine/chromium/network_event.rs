//! The events of the `DevTools` protocol's domain `Network`, as far as they are read.

use serde::Deserialize;

use crate::traffic::{Headers, Timing};

/// An entry of the browser's log of performance.
#[derive(Deserialize)]
pub(super) struct Entry {
    pub(super) message: Message,
}

/// Of the protocol's domain `Network`. A `timestamp` is in seconds of the browser's monotonic
/// clock, a `wall_time` in seconds since 1970.
#[derive(Deserialize)]
#[serde(tag = "method", content = "params")]
pub(super) enum Message {
    #[serde(rename = "Network.requestWillBeSent", rename_all = "camelCase")]
    Sent {
        request_id: String,
        request: Request,
        #[serde(rename = "type", default)]
        kind: String,
        #[serde(default)]
        timestamp: f64,
        wall_time: f64,
        #[serde(default)]
        initiator: Initiator,
        redirect_response: Option<Response>,
    },
    #[serde(
        rename = "Network.requestWillBeSentExtraInfo",
        rename_all = "camelCase"
    )]
    SentHeaders {
        request_id: String,
        #[serde(default)]
        headers: Headers,
    },
    #[serde(rename = "Network.responseReceived", rename_all = "camelCase")]
    Received {
        request_id: String,
        response: Response,
    },
    #[serde(rename = "Network.responseReceivedExtraInfo", rename_all = "camelCase")]
    Answered {
        request_id: String,
        status_code: u16,
        #[serde(default)]
        headers: Headers,
    },
    #[serde(rename = "Network.loadingFinished", rename_all = "camelCase")]
    Finished {
        request_id: String,
        timestamp: f64,
        encoded_data_length: f64,
    },
    #[serde(rename = "Network.loadingFailed", rename_all = "camelCase")]
    Failed {
        request_id: String,
        #[serde(default)]
        timestamp: f64,
        error_text: String,
        #[serde(default)]
        canceled: bool,
        blocked_reason: Option<String>,
        cors_error_status: Option<CorsErrorStatus>,
    },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) url: String,
    #[serde(default)]
    pub(super) headers: Headers,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Initiator {
    /// Of a preflight: the request that it is for.
    pub(super) request_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Response {
    pub(super) status: u16,
    #[serde(default)]
    pub(super) status_text: String,
    #[serde(default)]
    pub(super) headers: Headers,
    #[serde(default)]
    pub(super) mime_type: String,
    pub(super) protocol: Option<String>,
    #[serde(rename = "remoteIPAddress")]
    pub(super) address: Option<String>,
    pub(super) timing: Option<Timing>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CorsErrorStatus {
    pub(super) cors_error: String,
    pub(super) failed_parameter: String,
}
