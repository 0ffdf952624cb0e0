//! Which requests a browser sent, and what became of them: what is kept of its network events.
//!
//! The events hold tokens, forms and signed addresses; nothing of that is kept.

use std::collections::HashMap;

use serde::Deserialize;
use url::Url;

use super::reason::{Answer, Reason};

/// How much earlier than the page says a request may have been sent, in milliseconds: the page's
/// clock shows whole ones, and the browser's two clocks drift apart.
const EARLIER: f64 = 50.0;

/// What is known of the requests so far, each by Chrome's id for it.
#[derive(Debug, Default)]
pub(super) struct Log {
    exchanges: HashMap<String, Exchange>,
    /// Which request was a preflight for which.
    preflights: HashMap<String, String>,
}

#[derive(Debug, Default)]
struct Exchange {
    method: String,
    /// Without its query.
    url: String,
    /// In milliseconds since 1970.
    sent_at: f64,
    answer: Option<Answer>,
    failure: Option<Reason>,
}

#[derive(Deserialize)]
struct Entry {
    message: Message,
}

/// Of the `DevTools` protocol's domain `Network`.
#[derive(Deserialize)]
#[serde(tag = "method", content = "params")]
enum Message {
    #[serde(rename = "Network.requestWillBeSent", rename_all = "camelCase")]
    Sent {
        request_id: String,
        request: Request,
        wall_time: f64,
        #[serde(default)]
        initiator: Initiator,
    },
    #[serde(rename = "Network.responseReceivedExtraInfo", rename_all = "camelCase")]
    Answered {
        request_id: String,
        status_code: u16,
        #[serde(default)]
        headers: Headers,
    },
    #[serde(rename = "Network.loadingFailed", rename_all = "camelCase")]
    Failed {
        request_id: String,
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
struct Request {
    method: String,
    url: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Initiator {
    request_id: Option<String>,
}

#[derive(Default, Deserialize)]
struct Headers {
    #[serde(alias = "Location")]
    location: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CorsErrorStatus {
    cors_error: String,
    failed_parameter: String,
}

impl Log {
    /// Takes in an entry of the log; those that are about something else are let go.
    pub(super) fn take(&mut self, entry: &str) {
        let Ok(Entry { message }) = serde_json::from_str(entry) else {
            return;
        };
        match message {
            Message::Sent {
                request_id,
                request,
                wall_time,
                initiator,
            } => {
                if let Some(main) = initiator.request_id {
                    self.preflights.insert(main, request_id.clone());
                }
                let exchange = self.exchanges.entry(request_id).or_default();
                // What comes under the same id later follows a redirect.
                if exchange.method.is_empty() {
                    exchange.method = request.method;
                    exchange.url = bare(&request.url);
                    exchange.sent_at = wall_time * 1000.0;
                }
            }
            Message::Answered {
                request_id,
                status_code,
                headers,
            } => {
                self.exchanges.entry(request_id).or_default().answer = Some(Answer {
                    status: status_code,
                    location: headers.location.as_deref().map(bare),
                });
            }
            Message::Failed {
                request_id,
                error_text,
                canceled,
                blocked_reason,
                cors_error_status,
            } => {
                let failure = match (cors_error_status, blocked_reason) {
                    (Some(status), _) => Reason::Cors {
                        error: status.cors_error,
                        parameter: status.failed_parameter,
                        answer: None,
                    },
                    (None, Some(reason)) => Reason::Blocked(reason),
                    // The page itself: its deadline came, or it left the body unread.
                    (None, None) if canceled => return,
                    (None, None) => Reason::Network(error_text),
                };
                self.exchanges.entry(request_id).or_default().failure = Some(failure);
            }
            Message::Other => {}
        }
    }

    /// Why the page's request failed that was sent at `started_at`, in milliseconds since 1970.
    /// Others to the same address may have been sent soon after, to find out about the first.
    pub(super) fn reason(&self, method: &str, url: &str, started_at: f64) -> Option<Reason> {
        let url = bare(url);
        let late = |exchange: &Exchange| (exchange.sent_at - started_at).abs();
        let (id, exchange) = self
            .exchanges
            .iter()
            .filter(|(_, exchange)| exchange.method == method && exchange.url == url)
            .filter(|(_, exchange)| exchange.sent_at >= started_at - EARLIER)
            .min_by(|(_, a), (_, b)| late(a).total_cmp(&late(b)))?;
        let mut reason = exchange.failure.clone()?;
        if let Reason::Cors { error, answer, .. } = &mut reason {
            let judged = if is_about_preflight(error) {
                self.exchanges.get(self.preflights.get(id)?)
            } else {
                Some(exchange)
            };
            *answer = judged.and_then(|exchange| exchange.answer.clone());
        }
        Some(reason)
    }
}

fn is_about_preflight(error: &str) -> bool {
    error.contains("Preflight")
}

/// An address without its query, which may hold a signature, as the browser writes it.
fn bare(url: &str) -> String {
    let address = url.split(['?', '#']).next().unwrap_or_default();
    Url::parse(address).map_or_else(|_| address.to_owned(), String::from)
}

#[cfg(test)]
mod tests;
