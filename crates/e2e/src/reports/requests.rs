//! The requests of a run: what the suite told of them, and what the browser knows.

use std::collections::HashMap;

use opencloud_suite::{cors::Cause, redact, report::Event};

use super::model::{Exchange, Header, Sender, Step, Test, Timings, Wire};
use crate::devtools::{self, EARLIER};

/// The requests that steps sent, as the suite told of them.
#[derive(Default)]
pub(super) struct Requests(Vec<Exchange>);

impl Requests {
    /// Takes in a request of the step `running`.
    pub(super) fn take(&mut self, event: &Event, running: Option<&mut Step>) {
        let Event::Request {
            name,
            method,
            url,
            started_at,
            seconds,
            status,
            problem,
            cause,
        } = event
        else {
            return;
        };
        let told = Exchange {
            sender: Sender::Step,
            name: Some(name.clone()),
            method: method.clone(),
            url: url.clone(),
            started_at: *started_at,
            seconds: *seconds,
            status: *status,
            readable: Some(status.is_some()),
            problem: problem.clone(),
            cause: cause.as_ref().map(name_of),
            browser: None,
            preflight: None,
            wire: None,
        };
        let Some(step) = running else {
            self.0.push(told);
            return;
        };
        // An answer that turns out to be wrong is told of twice.
        let same = step.exchanges.iter().copied().find(|&known| {
            let known = &self.0[known];
            known.problem.is_none() && known.is_same_request(&told)
        });
        if let Some(known) = same {
            self.0[known] = told;
        } else {
            step.exchanges.push(self.0.len());
            self.0.push(told);
        }
    }

    /// Adds what the browser knows, and the requests that only it knows, and puts all in the order
    /// in which they were sent. `tests` then name them by their new places.
    pub(super) fn merge(
        self,
        traffic: &[(devtools::Exchange, Option<usize>)],
        tests: &mut [Test],
    ) -> Vec<Exchange> {
        let mut exchanges = self.0;
        // Which of ours each of the browser's is.
        let mut places = vec![None; traffic.len()];
        let mut by_address: HashMap<_, Vec<_>> = HashMap::new();
        for (at, (seen, _)) in traffic.iter().enumerate() {
            let address = (&*seen.method, &*seen.bare_url);
            by_address.entry(address).or_default().push(at);
        }
        for (place, told) in exchanges.iter_mut().enumerate() {
            let address = devtools::bare(&told.url);
            let candidates = by_address.get(&(&*told.method, &*address));
            let late = |at: usize| traffic[at].0.sent_at - told.started_at;
            let seen = candidates
                .into_iter()
                .flatten()
                .copied()
                .filter(|&at| places[at].is_none() && late(at) >= -EARLIER)
                .min_by(|&a, &b| late(a).abs().total_cmp(&late(b).abs()));
            if let Some(at) = seen {
                places[at] = Some(place);
                add(told, &traffic[at].0);
            }
        }
        for (at, (seen, _)) in traffic.iter().enumerate() {
            places[at].get_or_insert_with(|| {
                exchanges.push(unknown(seen));
                exchanges.len() - 1
            });
        }
        for (at, (_, preflight)) in traffic.iter().enumerate() {
            if let (Some(place), Some(preflight)) = (places[at], *preflight) {
                exchanges[place].preflight = places[preflight];
            }
        }
        let mut exchanges = in_order(exchanges, tests);
        attribute(&mut exchanges, tests);
        exchanges
    }
}

/// Sorts by time, and tells all who name exchanges by their places.
fn in_order(exchanges: Vec<Exchange>, tests: &mut [Test]) -> Vec<Exchange> {
    let mut order: Vec<_> = exchanges.into_iter().enumerate().collect();
    order.sort_by(|(_, a), (_, b)| a.started_at.total_cmp(&b.started_at));
    let mut new_places = vec![0; order.len()];
    for (new, (old, _)) in order.iter().enumerate() {
        new_places[*old] = new;
    }
    for step in tests.iter_mut().flat_map(|test| &mut test.steps) {
        for place in &mut step.exchanges {
            *place = new_places[*place];
        }
    }
    order
        .into_iter()
        .map(|(_, mut exchange)| {
            exchange.preflight = exchange.preflight.map(|place| new_places[place]);
            exchange
        })
        .collect()
}

/// Finds the request that the failure of each step rests on.
fn attribute(exchanges: &mut [Exchange], tests: &mut [Test]) {
    for step in tests.iter_mut().flat_map(|test| &mut test.steps) {
        let Some(failure) = &step.failure else {
            continue;
        };
        let named = |&&place: &&usize| exchanges[place].is_named_in(&failure.message);
        let failed = |&&place: &&usize| exchanges[place].problem.is_some();
        let own = &step.exchanges;
        step.culprit = (own.iter().rev().find(|place| named(place) && failed(place)))
            .or_else(|| own.iter().rev().find(failed))
            .or_else(|| own.iter().rev().find(named))
            .copied()
            .or_else(|| tried(exchanges, step, &failure.message))
            .or(own.last().copied());
    }
}

/// The request that a page of another origin sent in a step, and that its failure tells of: the
/// suite, which only hears what that page saw, tells of no request of its own.
fn tried(exchanges: &[Exchange], step: &Step, message: &str) -> Option<usize> {
    let end = step.started_at + step.seconds * 1000.0;
    exchanges.iter().position(|exchange| {
        let headers = exchange.wire.iter().flat_map(|wire| &wire.request_headers);
        let mut origins = headers.filter(|header| header.name == "origin");
        exchange.sender == Sender::Trial
            && (step.started_at - EARLIER..=end).contains(&exchange.started_at)
            && exchange.is_named_in(message)
            && origins.any(|origin| message.contains(&format!("page of origin {} ", origin.value)))
    })
}

impl Exchange {
    /// Whether a failure's message names this request: `(GET http://a/b)`.
    fn is_named_in(&self, message: &str) -> bool {
        let url = self.url.split('?').next().unwrap_or_default();
        message.contains(&format!("({} {url})", self.method))
    }

    fn is_same_request(&self, other: &Self) -> bool {
        self.name == other.name
            && self.method == other.method
            && self.url == other.url
            && self.started_at.total_cmp(&other.started_at).is_eq()
    }
}

/// A request that only the browser tells of.
fn unknown(seen: &devtools::Exchange) -> Exchange {
    let sender = match &*seen.kind {
        "Preflight" => Sender::Preflight,
        "Fetch" | "XHR" => Sender::Trial,
        _ => Sender::Page,
    };
    let mut exchange = Exchange {
        sender,
        name: None,
        method: seen.method.clone(),
        url: String::new(),
        started_at: seen.sent_at,
        seconds: 0.0,
        status: None,
        readable: None,
        problem: None,
        cause: None,
        browser: None,
        preflight: None,
        wire: None,
    };
    add(&mut exchange, seen);
    exchange
}

fn add(exchange: &mut Exchange, seen: &devtools::Exchange) {
    exchange.url.clone_from(&seen.url);
    if let Some(ended) = seen.ended {
        exchange.seconds = (ended - seen.sent).max(0.0);
    }
    exchange.status = exchange.status.or(seen.status);
    exchange.browser = seen.failure.as_ref().map(devtools::Reason::words);
    let response = seen.response.as_ref();
    let text = |text: Option<&String>| text.cloned().unwrap_or_default();
    exchange.wire = Some(Wire {
        protocol: response.and_then(|response| response.protocol.clone()),
        address: response.and_then(|response| response.address.clone()),
        status_text: text(response.map(|response| &response.status_text)),
        mime_type: text(response.map(|response| &response.mime_type)),
        request_headers: headers(&seen.request_headers),
        response_headers: headers(&seen.response_headers),
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a number of bytes"
        )]
        bytes: seen.bytes.map(|bytes| bytes as u64),
        timings: timings(seen),
    });
}

fn headers(headers: &devtools::Headers) -> Vec<Header> {
    let header = |(name, value): (&String, &String)| Header {
        name: name.clone(),
        value: redact::clean(value),
    };
    headers.iter().map(header).collect()
}

fn timings(seen: &devtools::Exchange) -> Option<Timings> {
    let timing = seen.response.as_ref()?.timing.as_ref()?;
    let span = |from: f64, to: f64| (from >= 0.0).then_some((to - from).max(0.0));
    let starts = [timing.dns_start, timing.connect_start, timing.send_start];
    let first = starts.into_iter().find(|start| *start >= 0.0);
    let queued = ((timing.request_time - seen.sent) * 1000.0).max(0.0);
    let ended = seen.ended.unwrap_or(timing.request_time);
    let whole = (ended - timing.request_time) * 1000.0;
    Some(Timings {
        blocked: Some(queued + first.unwrap_or(0.0)),
        dns: span(timing.dns_start, timing.dns_end),
        connect: span(timing.connect_start, timing.connect_end),
        ssl: span(timing.ssl_start, timing.ssl_end),
        send: span(timing.send_start, timing.send_end).unwrap_or(0.0),
        wait: (timing.receive_headers_end - timing.send_end.max(0.0)).max(0.0),
        receive: (whole - timing.receive_headers_end).max(0.0),
    })
}

/// The name of a cause, as its JSON has it.
fn name_of(cause: &Cause) -> String {
    let json = serde_json::to_value(cause).unwrap_or_default();
    json["cause"].as_str().unwrap_or_default().to_owned()
}
