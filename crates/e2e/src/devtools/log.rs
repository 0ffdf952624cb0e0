//! Which requests a browser sent, and what became of them: what is kept of its network events.
//!
//! The events hold tokens, forms and signed addresses. What is kept of them is clean: secrets are
//! replaced as the events are read.

use std::collections::HashMap;

use opencloud_model::redact;
use url::Url;

use super::{
    message::{CorsErrorStatus, Entry, Headers, Message, Response, Timing},
    reason::{Answer, Reason},
};

/// How much earlier than the page says a request may have been sent, in milliseconds: the page's
/// clock shows whole ones, and the browser's two clocks drift apart.
pub(crate) const EARLIER: f64 = 50.0;

/// What is known of the requests so far, each by Chrome's id for it.
#[derive(Debug, Default)]
pub(super) struct Log {
    exchanges: HashMap<String, Exchange>,
    /// Which request was a preflight for which.
    preflights: HashMap<String, String>,
}

/// A request and what became of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Exchange {
    /// What it was for, as the protocol names it: `Fetch`, `Document`, `Preflight` …
    pub(crate) kind: String,
    /// Its method.
    pub(crate) method: String,
    /// Its address without the query.
    pub(crate) bare_url: String,
    /// Its address.
    pub(crate) url: String,
    /// When it was sent, in milliseconds since 1970.
    pub(crate) sent_at: f64,
    /// The same, in seconds of the browser's own clock, by which all else is told.
    pub(crate) sent: f64,
    /// When its last byte had come, or it had failed.
    pub(crate) ended: Option<f64>,
    /// How many bytes came.
    pub(crate) bytes: Option<f64>,
    /// The headers that were sent.
    pub(crate) request_headers: Headers,
    /// The answer's status.
    pub(crate) status: Option<u16>,
    /// The answer's headers.
    pub(crate) response_headers: Headers,
    /// The answer as the page got it.
    pub(crate) response: Option<Received>,
    /// Why it failed.
    pub(crate) failure: Option<Reason>,
}

/// What else a browser tells of an answer.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) status_text: String,
    pub(crate) mime_type: String,
    pub(crate) protocol: Option<String>,
    pub(crate) address: Option<String>,
    pub(crate) timing: Option<Timing>,
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
                kind,
                timestamp,
                wall_time,
                initiator,
            } => {
                let is_preflight = initiator.request_id.is_some();
                if let Some(main) = initiator.request_id {
                    self.preflights.insert(main, request_id.clone());
                }
                let exchange = self.exchanges.entry(request_id).or_default();
                // What comes under the same id later follows a redirect.
                if exchange.method.is_empty() {
                    exchange.kind = if is_preflight {
                        "Preflight".into()
                    } else {
                        kind
                    };
                    exchange.method = request.method;
                    exchange.bare_url = bare(&request.url);
                    exchange.url = without_values(&request.url);
                    exchange.sent_at = wall_time * 1000.0;
                    exchange.sent = timestamp;
                    if exchange.request_headers.is_empty() {
                        exchange.request_headers = clean(request.headers);
                    }
                }
            }
            Message::SentHeaders {
                request_id,
                headers,
            } => self.exchange(request_id).request_headers = clean(headers),
            Message::Answered {
                request_id,
                status_code,
                headers,
            } => {
                let exchange = self.exchange(request_id);
                exchange.status = Some(status_code);
                exchange.response_headers = clean(headers);
            }
            Message::Received {
                request_id,
                response,
            } => self.exchange(request_id).receive(response),
            Message::Finished {
                request_id,
                timestamp,
                encoded_data_length,
            } => {
                let exchange = self.exchange(request_id);
                exchange.ended = Some(timestamp);
                exchange.bytes = Some(encoded_data_length);
            }
            Message::Failed {
                request_id,
                timestamp,
                error_text,
                canceled,
                blocked_reason,
                cors_error_status,
            } => {
                let exchange = self.exchange(request_id);
                exchange.ended = Some(timestamp);
                exchange.failure = failure(error_text, canceled, blocked_reason, cors_error_status);
            }
            Message::Other => {}
        }
    }

    fn exchange(&mut self, id: String) -> &mut Exchange {
        self.exchanges.entry(id).or_default()
    }

    /// All requests over the network, in the order in which they were sent; each with the place of
    /// its preflight among them.
    pub(super) fn exchanges(&self) -> Vec<(Exchange, Option<usize>)> {
        let mut all: Vec<_> = self
            .exchanges
            .iter()
            .filter(|(_, exchange)| exchange.url.starts_with("http"))
            .collect();
        all.sort_by(|(_, a), (_, b)| a.sent.total_cmp(&b.sent));
        let places: HashMap<_, _> = all
            .iter()
            .enumerate()
            .map(|(at, (id, _))| (*id, at))
            .collect();
        all.iter()
            .map(|(id, exchange)| {
                let preflight = self.preflights.get(*id).and_then(|id| places.get(id));
                let mut exchange = (*exchange).clone();
                exchange.failure = self.failure(id, &exchange);
                (exchange, preflight.copied())
            })
            .collect()
    }

    /// Why the page's request failed that was sent at `started_at`, in milliseconds since 1970.
    /// Others to the same address may have been sent soon after, to find out about the first.
    pub(super) fn reason(&self, method: &str, url: &str, started_at: f64) -> Option<Reason> {
        let url = bare(url);
        let late = |exchange: &Exchange| (exchange.sent_at - started_at).abs();
        let (id, exchange) = self
            .exchanges
            .iter()
            .filter(|(_, exchange)| exchange.method == method && exchange.bare_url == url)
            .filter(|(_, exchange)| exchange.sent_at >= started_at - EARLIER)
            .min_by(|(_, a), (_, b)| late(a).total_cmp(&late(b)))?;
        self.failure(id, exchange)
    }

    /// Why the request of this id failed, with the answer that was judged.
    fn failure(&self, id: &str, exchange: &Exchange) -> Option<Reason> {
        let mut reason = exchange.failure.clone()?;
        if let Reason::Cors { error, answer, .. } = &mut reason {
            let judged = if is_about_preflight(error) {
                self.exchanges.get(self.preflights.get(id)?)
            } else {
                Some(exchange)
            };
            *answer = judged.and_then(Exchange::answer);
        }
        Some(reason)
    }
}

impl Exchange {
    fn receive(&mut self, response: Response) {
        // Later events tell what was really sent and received, before the browser judged it.
        if self.status.is_none() {
            self.status = Some(response.status);
            self.response_headers = clean(response.headers);
        }
        self.response = Some(Received {
            status_text: response.status_text,
            mime_type: response.mime_type,
            protocol: response.protocol,
            address: response.address,
            timing: response.timing,
        });
    }

    /// The origin of the page that sent it, where the browser told the service.
    pub(crate) fn origin(&self) -> Option<&String> {
        self.request_headers.get("origin")
    }

    fn answer(&self) -> Option<Answer> {
        let header = |name: &str| {
            let named = |(key, _): &(&String, &String)| key.eq_ignore_ascii_case(name);
            self.response_headers.iter().find(named)
        };
        Some(Answer {
            status: self.status?,
            location: header("location").map(|(_, to)| bare(to)),
        })
    }
}

fn failure(
    error_text: String,
    canceled: bool,
    blocked_reason: Option<String>,
    cors_error_status: Option<CorsErrorStatus>,
) -> Option<Reason> {
    match (cors_error_status, blocked_reason) {
        (Some(status), _) => Some(Reason::Cors {
            error: status.cors_error,
            parameter: status.failed_parameter,
            answer: None,
        }),
        (None, Some(reason)) => Some(Reason::Blocked(reason)),
        // The page itself: its deadline came, or it left the body unread.
        (None, None) if canceled => None,
        (None, None) => Some(Reason::Network(error_text)),
    }
}

/// An address with what its query asks for, but without any value that might be a secret.
fn without_values(url: &str) -> String {
    const TOLD: [&str; 4] = [
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
            Some((name, value)) if TOLD.contains(&name) || is_plain(value) => parameter.to_owned(),
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
fn clean(headers: Headers) -> Headers {
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

fn is_about_preflight(error: &str) -> bool {
    error.contains("Preflight")
}

/// An address without its query, which may hold a signature, as the browser writes it.
pub(crate) fn bare(url: &str) -> String {
    let address = url.split(['?', '#']).next().unwrap_or_default();
    Url::parse(address).map_or_else(|_| address.to_owned(), String::from)
}

#[cfg(test)]
mod tests;
