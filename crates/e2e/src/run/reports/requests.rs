//! The requests of a run: what the suite told of them, and what the browser knows.

use std::collections::HashMap;

use opencloud_browser::traffic::{self, EARLIER, Kind};
use opencloud_model::{cause::Cause, event::Event, redact};
use opencloud_reports::model::{Exchange, Header, Sender, Step, Test, Timings, Wire};

/// The requests that steps sent, as the suite told of them.
#[derive(Default)]
pub(super) struct Requests {
    told: Vec<Exchange>,
    /// The origins of those that pages of other origins sent, by their places.
    origins: HashMap<usize, String>,
}

impl Requests {
    /// Takes in a request of the step `running`.
    pub(super) fn take(&mut self, event: &Event, running: Option<&mut Step>) {
        let told = match event {
            Event::Request {
                name,
                method,
                url,
                started_at,
                seconds,
                status,
                problem,
                cause,
            } => Exchange {
                name: Some(name.clone()),
                url: url.clone(),
                seconds: *seconds,
                status: *status,
                readable: Some(status.is_some()),
                problem: problem.clone(),
                cause: cause.as_ref().map(name_of),
                ..exchange(Sender::Step, method, *started_at)
            },
            Event::Tried {
                origin,
                name,
                method,
                url,
                started_at,
                seconds,
                status,
                problem,
            } => {
                if let Some(origin) = origin {
                    self.origins.insert(self.told.len(), origin.clone());
                }
                Exchange {
                    name: Some(name.clone()),
                    url: url.clone(),
                    seconds: *seconds,
                    status: *status,
                    readable: Some(status.is_some()),
                    problem: Some(problem.clone()),
                    ..exchange(Sender::Trial, method, *started_at)
                }
            }
            _ => return,
        };
        let Some(step) = running else {
            self.told.push(told);
            return;
        };
        // An answer that turns out to be wrong is told of twice.
        let same = step.exchanges.iter().copied().find(|&known| {
            let known = &self.told[known];
            known.problem.is_none() && is_same_request(known, &told)
        });
        if let Some(known) = same {
            self.told[known] = told;
        } else {
            step.exchanges.push(self.told.len());
            self.told.push(told);
        }
    }

    /// Adds what the browser knows, and the requests that only it knows, and puts all in the order
    /// in which they were sent. `tests` then name them by their new places.
    pub(super) fn merge(
        self,
        traffic: &[(traffic::Exchange, Option<usize>)],
        tests: &mut [Test],
    ) -> Vec<Exchange> {
        let mut exchanges = self.told;
        // Which of ours each of the browser's is.
        let mut places = vec![None; traffic.len()];
        let mut by_address: HashMap<_, Vec<_>> = HashMap::new();
        for (at, (seen, _)) in traffic.iter().enumerate() {
            let address = (&*seen.method, &*seen.bare_url);
            by_address.entry(address).or_default().push(at);
        }
        for (place, told) in exchanges.iter_mut().enumerate() {
            let address = traffic::bare(&told.url);
            let candidates = by_address.get(&(&*told.method, &*address));
            let late = |at: usize| traffic[at].0.sent_at - told.started_at;
            let seen = candidates
                .into_iter()
                .flatten()
                .copied()
                .filter(|&at| places[at].is_none() && late(at) >= -EARLIER)
                .filter(|&at| {
                    let origin = self.origins.get(&place);
                    origin.is_none_or(|origin| traffic[at].0.origin() == Some(origin))
                })
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
        let mentioned = |&&place: &&usize| mention(&exchanges[place], &failure.message);
        let named = |place: &&usize| mentioned(place).is_some();
        let failed = |&&place: &&usize| exchanges[place].problem.is_some();
        let own = &step.exchanges;
        // What a message tells first is its headline.
        step.culprit = (own
            .iter()
            .rev()
            .filter(failed)
            .filter(named)
            .min_by_key(mentioned))
        .or_else(|| own.iter().rev().find(failed))
        .or_else(|| own.iter().rev().find(named))
        .or(own.last())
        .copied();
    }
}

/// Where a failure's message names this request: `(GET http://a/b)`.
fn mention(exchange: &Exchange, message: &str) -> Option<usize> {
    let url = exchange.url.split('?').next().unwrap_or_default();
    message.find(&format!("({} {url})", exchange.method))
}

fn is_same_request(one: &Exchange, other: &Exchange) -> bool {
    one.name == other.name
        && one.method == other.method
        && one.url == other.url
        && one.started_at.total_cmp(&other.started_at).is_eq()
}

/// A request that only the browser tells of.
fn unknown(seen: &traffic::Exchange) -> Exchange {
    let sender = match seen.kind {
        Kind::Preflight => Sender::Preflight,
        Kind::Script => Sender::Trial,
        Kind::Page => Sender::Page,
    };
    let mut exchange = exchange(sender, &seen.method, seen.sent_at);
    add(&mut exchange, seen);
    exchange
}

/// One of which no more is known yet.
fn exchange(sender: Sender, method: &str, started_at: f64) -> Exchange {
    Exchange {
        sender,
        name: None,
        method: method.to_owned(),
        url: String::new(),
        started_at,
        seconds: 0.0,
        status: None,
        readable: None,
        problem: None,
        cause: None,
        browser: None,
        preflight: None,
        wire: None,
    }
}

fn add(exchange: &mut Exchange, seen: &traffic::Exchange) {
    exchange.url.clone_from(&seen.url);
    if let Some(ended) = seen.ended {
        exchange.seconds = (ended - seen.sent).max(0.0);
    }
    exchange.status = exchange.status.or(seen.status);
    exchange.browser = seen.failure.as_ref().map(|reason| reason.words.clone());
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

fn headers(headers: &traffic::Headers) -> Vec<Header> {
    let header = |(name, value): (&String, &String)| Header {
        name: name.clone(),
        value: redact::clean(value),
    };
    headers.iter().map(header).collect()
}

fn timings(seen: &traffic::Exchange) -> Option<Timings> {
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

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "http://localhost:8000/user";

    fn sent_by(origin: &str, sent_at: f64) -> (traffic::Exchange, Option<usize>) {
        let exchange = traffic::Exchange {
            kind: Kind::Script,
            method: "GET".into(),
            bare_url: URL.into(),
            url: URL.into(),
            sent_at,
            request_headers: [("origin".into(), origin.into())].into(),
            ..traffic::Exchange::default()
        };
        (exchange, None)
    }

    fn tried_by(origin: &str) -> Event {
        Event::Tried {
            origin: Some(origin.into()),
            name: "get the user".into(),
            method: "GET".into(),
            url: URL.into(),
            started_at: 1000.0,
            seconds: 0.01,
            status: Some(200),
            problem: "it can read the answer".into(),
        }
    }

    #[test]
    fn what_a_page_in_a_frame_tried_is_found_by_its_origin() {
        let traffic = [sent_by("http://a", 1000.0), sent_by("http://b", 1020.0)];
        let mut requests = Requests::default();
        // The browser tells nothing of the pages that another of its processes holds.
        for origin in ["http://b", "http://c"] {
            requests.take(&tried_by(origin), None);
        }
        let exchanges = requests.merge(&traffic, &mut []);
        let headers = |exchange: &Exchange| exchange.wire.as_ref().map(|w| w.request_headers.len());
        let seen: Vec<_> = exchanges
            .iter()
            .map(|exchange| (exchange.name.is_some(), exchange.sender, headers(exchange)))
            .collect();
        let [told, unknown] = [true, false];
        assert_eq!(
            seen,
            [
                (told, Sender::Trial, Some(1)),
                (told, Sender::Trial, None),
                (unknown, Sender::Trial, Some(1)),
            ]
        );
    }
}
