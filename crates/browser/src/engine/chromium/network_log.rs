//! Which requests a browser sent, and what became of them: what is kept of its network events.
//!
//! The events hold tokens, forms and signed addresses. What is kept of them is clean: secrets are
//! replaced as the events are read.

use std::collections::HashMap;

use opencloud_model::observation::{Observation, WithheldAnswer};

use super::{
    network_event::{CorsErrorStatus, Entry, Message, Response},
    reason::Refusal,
};
use crate::traffic::{
    Exchange, Followed, Kind, NetworkLog, Received, bare, clean_headers, find_sent, usual_server,
    withheld, without_values,
};

/// What is known of the requests so far, each by the browser's id for it.
#[derive(Debug, Default)]
pub(super) struct ChromiumLog {
    exchanges: HashMap<String, Exchange>,
    /// Why requests failed, without the answer that was judged.
    refusals: HashMap<String, Refusal>,
    /// Which request was a preflight for which.
    preflights: HashMap<String, String>,
}

impl NetworkLog for ChromiumLog {
    fn take(&mut self, entry: &str) {
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
                redirect_response,
            } => {
                let is_preflight = initiator.request_id.is_some();
                if let Some(main) = initiator.request_id {
                    self.preflights.insert(main, request_id.clone());
                }
                let exchange = self.exchanges.entry(request_id).or_default();
                if let Some(redirect) = redirect_response
                    && exchange.redirect.is_none()
                {
                    let headers = clean_headers(redirect.headers);
                    exchange.redirect = Some(Followed::new(redirect.status, &headers));
                }
                // What comes under the same id later follows a redirect.
                if exchange.method.is_empty() {
                    exchange.kind = match &*kind {
                        _ if is_preflight => Kind::Preflight,
                        "Fetch" | "XHR" => Kind::Script,
                        _ => Kind::Page,
                    };
                    exchange.method = request.method;
                    exchange.bare_url = bare(&request.url);
                    exchange.url = without_values(&request.url);
                    exchange.sent_at = wall_time * 1000.0;
                    exchange.sent = timestamp;
                    if exchange.request_headers.is_empty() {
                        exchange.request_headers = clean_headers(request.headers);
                    }
                }
            }
            Message::SentHeaders {
                request_id,
                headers,
            } => self.exchange(request_id).request_headers = clean_headers(headers),
            Message::Answered {
                request_id,
                status_code,
                headers,
            } => {
                let exchange = self.exchange(request_id);
                exchange.status = Some(status_code);
                exchange.response_headers = clean_headers(headers);
            }
            Message::Received {
                request_id,
                response,
            } => receive(self.exchange(request_id), response),
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
                let refusal = refusal(error_text, canceled, blocked_reason, cors_error_status);
                if let Some(refusal) = refusal {
                    self.refusals.insert(request_id.clone(), refusal);
                }
                self.exchange(request_id).ended = Some(timestamp);
            }
            Message::Other => {}
        }
    }

    fn exchanges(&self) -> Vec<(Exchange, Option<usize>)> {
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

    fn observation(&self, method: &str, url: &str, started_at: f64) -> Option<Observation> {
        let entries = self.exchanges.iter();
        let entries = entries.map(|(id, exchange)| ((id, exchange), exchange));
        let has_failed = |(id, _): &(&String, &Exchange)| self.refusals.contains_key(*id);
        let (id, exchange) = find_sent(entries, has_failed, method, url, started_at)?;
        self.failure(id, exchange)
    }
}

impl ChromiumLog {
    fn exchange(&mut self, id: String) -> &mut Exchange {
        self.exchanges.entry(id).or_default()
    }

    /// Why the request of this id failed.
    fn failure(&self, id: &str, exchange: &Exchange) -> Option<Observation> {
        let refusal = self.refusals.get(id)?;
        let to_preflight = refusal.is_about_preflight();
        let judged = if to_preflight {
            self.exchanges.get(self.preflights.get(id)?)
        } else {
            Some(exchange)
        };
        let answer = judged.and_then(withheld).map(|answer| WithheldAnswer {
            to_preflight,
            usual_server: self.usual_server(&exchange.bare_url),
            ..answer
        });
        Some(refusal.observation(answer))
    }

    /// The program that gave the answers of the origin of `url` that the page could read.
    fn usual_server(&self, url: &str) -> Option<String> {
        let readable = self.exchanges.iter();
        let readable = readable.filter(|(id, _)| !self.refusals.contains_key(*id));
        usual_server(url, readable.map(|(_, exchange)| exchange))
    }
}

fn receive(exchange: &mut Exchange, response: Response) {
    // Later events tell what was really sent and received, before the browser judged it.
    if exchange.status.is_none() {
        exchange.status = Some(response.status);
        exchange.response_headers = clean_headers(response.headers);
    }
    exchange.response = Some(Received {
        status_text: response.status_text,
        mime_type: response.mime_type,
        protocol: response.protocol,
        address: response.address,
        timing: response.timing,
    });
}

fn refusal(
    error_text: String,
    canceled: bool,
    blocked_reason: Option<String>,
    cors_error_status: Option<CorsErrorStatus>,
) -> Option<Refusal> {
    match (cors_error_status, blocked_reason) {
        (Some(status), _) => Some(Refusal::Cors {
            error: status.cors_error,
            parameter: status.failed_parameter,
        }),
        (None, Some(reason)) => Some(Refusal::Blocked(reason)),
        // The page itself: its deadline came, or it left the body unread.
        (None, None) if canceled => None,
        (None, None) => Some(Refusal::Network(error_text)),
    }
}

#[cfg(test)]
mod tests;
