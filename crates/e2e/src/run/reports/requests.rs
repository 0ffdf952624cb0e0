//! The requests of a run: merges those that the suite reported with the browser's network log.

use std::{collections::HashMap, mem};

use opencloud_browser::traffic::{self, EARLIER, Kind, Traffic};
use opencloud_model::redact;
use opencloud_reports::{
    Progress,
    model::{Exchange, Header, Run, Sender, Test, Timings, Wire},
};

/// `run` with all that its events have reported, and with the requests of the browser's log.
pub(crate) fn complete(run: Run, progress: Progress, traffic: &Traffic) -> Run {
    let mut run = progress.into_run(run);
    merge(&mut run, traffic);
    run
}

/// Adds the browser's details to the requests of `run`, adds the requests that only the browser
/// knows, and sorts all of them by the time at which they were sent.
fn merge(run: &mut Run, Traffic(log): &Traffic) {
    let mut exchanges = mem::take(&mut run.exchanges);
    // For each request of the log, its index in `exchanges`.
    let mut places = vec![None; log.len()];
    let mut by_address: HashMap<_, Vec<_>> = HashMap::new();
    for (at, (seen, _)) in log.iter().enumerate() {
        let address = (&*seen.method, &*seen.bare_url);
        by_address.entry(address).or_default().push(at);
    }
    for (place, reported) in exchanges.iter_mut().enumerate() {
        let address = traffic::bare(&reported.url);
        let candidates = by_address.get(&(&*reported.method, &*address));
        let late = |at: usize| log[at].0.sent_at - reported.started_at;
        // Several tests may have sent such a request at the same time.
        let differs = |at: usize| reported.status.is_some() && log[at].0.status != reported.status;
        let origin = reported.origin.as_ref();
        let seen = candidates
            .into_iter()
            .flatten()
            .copied()
            .filter(|&at| places[at].is_none() && late(at) >= -EARLIER)
            .filter(|&at| origin.is_none_or(|origin| log[at].0.origin() == Some(origin)))
            .min_by(|&a, &b| {
                let by_status = differs(a).cmp(&differs(b));
                by_status.then(late(a).abs().total_cmp(&late(b).abs()))
            });
        if let Some(at) = seen {
            places[at] = Some(place);
            add(reported, &log[at].0);
        }
    }
    for (at, (seen, _)) in log.iter().enumerate() {
        places[at].get_or_insert_with(|| {
            exchanges.push(unreported(seen));
            exchanges.len() - 1
        });
    }
    for (at, (_, preflight)) in log.iter().enumerate() {
        if let (Some(place), Some(preflight)) = (places[at], *preflight) {
            exchanges[place].preflight = places[preflight];
        }
    }
    run.exchanges = in_order(exchanges, &mut run.tests);
}

/// Sorts by time, and updates the indices in steps and preflights.
fn in_order(exchanges: Vec<Exchange>, tests: &mut [Test]) -> Vec<Exchange> {
    let mut order: Vec<_> = exchanges.into_iter().enumerate().collect();
    order.sort_by(|(_, a), (_, b)| a.started_at.total_cmp(&b.started_at));
    let mut new_places = vec![0; order.len()];
    for (new, (old, _)) in order.iter().enumerate() {
        new_places[*old] = new;
    }
    for step in tests.iter_mut().flat_map(|test| &mut test.steps) {
        for place in step.exchanges.iter_mut().chain(&mut step.culprit) {
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

/// A request that only the browser knows.
fn unreported(seen: &traffic::Exchange) -> Exchange {
    let sender = match seen.kind {
        Kind::Preflight => Sender::Preflight,
        Kind::Script => Sender::Trial,
        Kind::Page => Sender::Page,
    };
    let mut exchange = Exchange {
        sender,
        method: seen.method.clone(),
        started_at: seen.sent_at,
        ..Exchange::default()
    };
    add(&mut exchange, seen);
    exchange
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

#[cfg(test)]
mod tests {
    use opencloud_model::event::{Event, Timed};

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
        let mut progress = Progress::default();
        // The browser's log lacks the pages of its other processes.
        for origin in ["http://b", "http://c"] {
            progress.record(Timed {
                at: 1000.0,
                event: tried_by(origin),
            });
        }
        let exchanges = complete(Run::default(), progress, &Traffic(traffic.into())).exchanges;
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
