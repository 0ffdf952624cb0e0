//! Which requests Firefox sent, and what became of them: what is kept of its events.
//!
//! The events hold tokens and signed addresses. What is kept of them is clean: secrets are replaced as
//! the events are read.

use std::collections::HashMap;

use opencloud_model::observation::{Observation, WithheldAnswer};

use super::{
    network_event::{Answered, Event, Failed, Said, Sent, Timings, headers},
    reason::{self, Reason},
};
use crate::traffic::{
    Exchange, Followed, Kind, NetworkLog, Received, Timing, bare, clean_headers, find_sent,
    usual_server, withheld, without_values,
};

/// What is known of the requests so far, in the order in which they were sent.
#[derive(Debug, Default)]
pub(super) struct FirefoxLog {
    entries: Vec<Entry>,
    places: HashMap<String, usize>,
}

/// A request.
#[derive(Debug, Default)]
struct Entry {
    exchange: Exchange,
    /// The page or frame that sent it.
    context: Option<String>,
    /// The address that was asked last.
    asked: String,
    /// The place of its preflight.
    preflight: Option<usize>,
    /// Of a preflight: the method that it is for.
    for_method: Option<String>,
    /// Why its answer is kept from the page.
    reason: Option<Reason>,
    /// The name of its network error.
    error: Option<String>,
}

impl NetworkLog for FirefoxLog {
    fn take(&mut self, entry: &str) {
        match serde_json::from_str(entry) {
            Ok(Event::Sent(sent)) => self.send(sent),
            Ok(Event::Answered(answered)) => self.answer(answered, false),
            Ok(Event::Finished(answered)) => self.answer(answered, true),
            Ok(Event::Failed(failed)) => self.fail(failed),
            Ok(Event::Said(said)) => self.hear(&said),
            Ok(Event::Other) | Err(_) => {}
        }
    }

    fn observation(&self, method: &str, url: &str, started_at: f64) -> Option<Observation> {
        let entries = self.entries.iter();
        let entries = entries.map(|entry| (entry, &entry.exchange));
        let has_failed = |entry: &&Entry| self.failure(entry).is_some();
        let entry = find_sent(entries, has_failed, method, url, started_at)?;
        self.failure(entry)
    }

    fn exchanges(&self) -> Vec<(Exchange, Option<usize>)> {
        let is_kept = |entry: &&Entry| entry.exchange.url.starts_with("http");
        // The places among those that are kept.
        let mut places = Vec::new();
        let mut next = 0;
        for entry in &self.entries {
            places.push(next);
            next += usize::from(is_kept(&entry));
        }
        let kept = self.entries.iter().filter(is_kept);
        kept.map(|entry| {
            let mut exchange = entry.exchange.clone();
            exchange.failure = self.failure(entry);
            (exchange, entry.preflight.map(|place| places[place]))
        })
        .collect()
    }
}

impl FirefoxLog {
    fn send(&mut self, sent: Sent) {
        let Sent {
            context,
            redirect_count,
            request,
        } = sent;
        if redirect_count > 0 {
            let asked = request.url;
            if let Some(entry) = self.entry(&request.id) {
                let exchange = &mut entry.exchange;
                if exchange.redirect.is_none()
                    && let Some(status) = exchange.status.take()
                {
                    exchange.redirect = Some(Followed::new(status, &exchange.response_headers));
                }
                entry.asked = asked;
            }
            return;
        }
        let request_headers = clean_headers(headers(request.headers));
        let for_method = request_headers.get("access-control-request-method");
        let for_method = for_method.filter(|_| request.method == "OPTIONS").cloned();
        let kind = match request.initiator_type.as_deref() {
            _ if for_method.is_some() => Kind::Preflight,
            Some("fetch" | "xmlhttprequest") => Kind::Script,
            _ => Kind::Page,
        };
        let place = self.entries.len();
        if let Some(method) = &for_method {
            let is_its = |main: &&mut Entry| {
                main.asked == request.url
                    && main.exchange.method == *method
                    && main.context == context
                    && main.preflight.is_none()
                    && main.exchange.ended.is_none()
            };
            if let Some(main) = self.entries.iter_mut().find(is_its) {
                main.preflight = Some(place);
            }
        }
        self.places.insert(request.id, place);
        self.entries.push(Entry {
            exchange: Exchange {
                kind,
                method: request.method,
                bare_url: bare(&request.url),
                url: without_values(&request.url),
                sent_at: request.timings.request_time,
                sent: request.timings.request_time / 1000.0,
                request_headers,
                ..Exchange::default()
            },
            context,
            asked: request.url,
            for_method,
            ..Entry::default()
        });
    }

    fn answer(&mut self, Answered { request, response }: Answered, is_whole: bool) {
        let Some(Entry { exchange, .. }) = self.entry(&request.id) else {
            return;
        };
        exchange.status = Some(response.status);
        exchange.response_headers = clean_headers(headers(response.headers));
        // The browser may have added headers since the event before.
        exchange.request_headers = clean_headers(headers(request.headers));
        exchange.response = Some(Received {
            status_text: response.status_text,
            mime_type: response.mime_type,
            protocol: Some(response.protocol).filter(|protocol| !protocol.is_empty()),
            address: None,
            timing: Some(timing(&request.timings)),
        });
        if is_whole {
            exchange.ended = Some(request.timings.response_end / 1000.0);
            exchange.bytes = Some(response.bytes_received);
        }
    }

    fn fail(&mut self, failed: Failed) {
        if let Some(entry) = self.entry(&failed.request.id) {
            entry.exchange.ended = Some(failed.timestamp / 1000.0);
            entry.error = Some(failed.error_text);
        }
    }

    /// The line names the address alone. Of several requests to one address, the first is meant to whose
    /// answer the reason fits. An answer that the page could read without credentials fits a reason about
    /// them as well, so there it is the last: the line comes at once.
    fn hear(&mut self, said: &Said) {
        let Some((url, reason)) = reason::read(&said.text) else {
            return;
        };
        let is_meant = |entry: &&mut Entry| {
            let is_preflight = entry.for_method.is_some();
            // A preflight that is refused ends with an error.
            let has_passed =
                is_preflight && entry.exchange.ended.is_some() && entry.error.is_none();
            entry.reason.is_none()
                && !has_passed
                && entry.asked == url
                && entry.context == said.source.context
                && reason.fits(&entry.exchange, is_preflight)
        };
        let mut entries = self.entries.iter_mut();
        let meant = if reason.is_about_credentials() {
            entries.rfind(is_meant)
        } else {
            entries.find(is_meant)
        };
        if let Some(entry) = meant {
            entry.reason = Some(reason);
        }
    }

    fn entry(&mut self, id: &str) -> Option<&mut Entry> {
        self.entries.get_mut(*self.places.get(id)?)
    }

    /// Why a request failed.
    fn failure(&self, entry: &Entry) -> Option<Observation> {
        let preflight = entry.preflight.and_then(|place| self.entries.get(place));
        for judged in [Some(entry), preflight].into_iter().flatten() {
            if let Some(reason) = &judged.reason {
                let answer = WithheldAnswer {
                    to_preflight: judged.for_method.is_some(),
                    usual_server: self.usual_server(&entry.exchange.bare_url),
                    ..withheld(&judged.exchange)?
                };
                let method = judged.for_method.as_ref();
                let method = method.unwrap_or(&entry.exchange.method);
                let headers = &judged.exchange.response_headers;
                return Some(reason.observation(answer, headers, method));
            }
        }
        let error = match (
            &entry.error,
            preflight.and_then(|entry| entry.error.as_ref()),
        ) {
            (Some(error), Some(earlier)) if reason::is_consequence(error) => earlier,
            (Some(error), _) => error,
            (None, _) => return None,
        };
        let answer = withheld(&entry.exchange);
        reason::of_network(error).map(|observation| Observation {
            answer,
            ..observation
        })
    }

    fn usual_server(&self, url: &str) -> Option<String> {
        let readable = |entry: &&Entry| entry.reason.is_none() && entry.error.is_none();
        let readable = self.entries.iter().filter(readable);
        usual_server(url, readable.map(|entry| &entry.exchange))
    }
}

/// The same times in milliseconds since the request was made.
fn timing(timings: &Timings) -> Timing {
    let start = timings.request_time;
    let since = |time: f64| if time > 0.0 { time - start } else { -1.0 };
    Timing {
        request_time: start / 1000.0,
        dns_start: since(timings.dns_start),
        dns_end: since(timings.dns_end),
        connect_start: since(timings.connect_start),
        connect_end: since(timings.connect_end),
        ssl_start: since(timings.tls_start),
        ssl_end: since(timings.tls_end),
        send_start: since(timings.request_start),
        send_end: since(timings.request_start),
        receive_headers_end: since(timings.response_start),
    }
}

#[cfg(test)]
mod tests;
