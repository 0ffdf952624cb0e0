//! On events as Firefox 153 sent them, with fewer headers.

use opencloud_model::observation::About;

use super::*;

const RECORDED: &str = include_str!("recorded.jsonl");

fn log() -> FirefoxLog {
    let mut log = FirefoxLog::default();
    RECORDED.lines().for_each(|entry| log.take(entry));
    log
}

/// The requests of this method to this path, with the places of their preflights.
fn sent(method: &str, path: &str) -> Vec<(Exchange, Option<usize>)> {
    let url = format!("http://localhost:40001{path}");
    let all = log().exchanges().into_iter();
    all.filter(|(exchange, _)| exchange.method == method && exchange.bare_url == url)
        .collect()
}

#[test]
fn every_request_has_its_own_reason() {
    let preflight = true;
    let origin = |preflight| About::AllowOrigin { preflight };
    for (method, path, reasons) in [
        ("GET", "/ok", vec![None]),
        (
            "DELETE",
            "/ok",
            vec![Some((About::Method("DELETE".into()), 200))],
        ),
        // Without a preflight, and with one.
        (
            "GET",
            "/noheaders",
            vec![Some((origin(false), 200)), Some((origin(preflight), 200))],
        ),
        ("GET", "/other", vec![Some((origin(false), 200))]),
        ("GET", "/prefail", vec![Some((origin(preflight), 400))]),
        (
            "GET",
            "/nohdr",
            vec![Some((About::Header("authorization".into()), 200))],
        ),
        (
            "GET",
            "/redir",
            vec![
                Some((origin(false), 307)),
                Some((About::PreflightRedirect, 307)),
            ],
        ),
        (
            "GET",
            "/star",
            vec![Some((About::Wildcard { preflight: false }, 200))],
        ),
        (
            "GET",
            "/nocred",
            vec![Some((About::Credentials { preflight: false }, 200))],
        ),
    ] {
        let found = sent(method, path).into_iter().map(|(exchange, _)| {
            let failure = exchange.failure?;
            Some((failure.about, failure.answer?.status))
        });
        assert_eq!(found.collect::<Vec<_>>(), reasons, "{method} {path}");
    }
}

/// Which of the requests that `events` tell of have failed, in their order.
fn failed(events: impl Iterator<Item = String>) -> Vec<bool> {
    let mut log = FirefoxLog::default();
    events.for_each(|event| log.take(&event));
    let exchanges = log.exchanges().into_iter();
    let failed = exchanges.map(|(exchange, _)| exchange.failure.is_some());
    failed.collect()
}

#[test]
fn an_answer_that_was_read_gets_no_reason_of_a_later_one() {
    for path in ["/star", "/nocred"] {
        let address = format!("localhost:40001{path}");
        let events = RECORDED.lines().filter(|event| event.contains(&address));
        let read = events.clone().filter(|event| !event.contains("Blocked: "));
        let read = read.map(|event| event.replace(r#""request":""#, r#""request":"earlier-"#));
        let all = read.chain(events.map(str::to_owned));
        assert_eq!(failed(all), [false, true], "{path}");
    }
}

#[test]
fn a_preflight_that_has_passed_gets_no_reason_of_a_later_one() {
    // A GET that passes and a DELETE that does not, as if both had gone to one address.
    let events = RECORDED.lines().take(12);
    let events = events.map(|event| event.replace("/ok?t=secret", "/ok"));
    assert_eq!(failed(events), [false, false, true, true]);
}

#[test]
fn what_a_page_asks_about_is_found_by_method_address_and_time() {
    let log = log();
    let refused = "http://localhost:2222/x";
    let at = sent_at(&log, refused);
    let observation = log.observation("GET", refused, at).unwrap();
    assert_eq!(observation.about, About::Network);
    assert_eq!(observation.words, "NS_ERROR_CONNECTION_REFUSED");
    assert_eq!(observation.answer, None);
    assert_eq!(log.observation("GET", refused, at + 1000.0), None);
    assert_eq!(log.observation("PUT", refused, at), None);

    let tls = "https://localhost:40001/x";
    let observation = log.observation("GET", tls, sent_at(&log, tls)).unwrap();
    assert_eq!(observation.about, About::Tls);
    let broken = "http://localhost:40001/short";
    let observation = log
        .observation("GET", broken, sent_at(&log, broken))
        .unwrap();
    assert_eq!(observation.about, About::CutShort);
    assert_eq!(observation.words, "NS_ERROR_NET_PARTIAL_TRANSFER");
    let redirected = "http://localhost:40001/redir";
    let observation = log.observation("GET", redirected, sent_at(&log, redirected));
    let to = observation.and_then(|observation| observation.answer?.location);
    assert_eq!(to.as_deref(), Some("http://localhost:40001/login"));
}

fn sent_at(log: &FirefoxLog, url: &str) -> f64 {
    let mut entries = log.entries.iter();
    let entry = entries.find(|entry| entry.exchange.bare_url == url);
    entry.unwrap().exchange.sent_at
}

#[test]
fn the_header_at_fault_is_told_with_its_value() {
    for (path, words) in [
        (
            "/other",
            "does not match ‘http://other’: the answer (200) lets in http://other instead",
        ),
        (
            "/nocred",
            "the answer (200) has access-control-allow-credentials \"\" instead of true",
        ),
        (
            "/prefail",
            "the preflight's answer (400) lacks access-control-allow-origin",
        ),
    ] {
        let failure = sent("GET", path).remove(0).0.failure.unwrap();
        assert!(failure.words.contains(words), "{}", failure.words);
    }
}

#[test]
fn an_exchange_has_its_preflight_its_times_and_no_secret() {
    let (exchange, preflight) = sent("GET", "/ok").remove(0);
    let (preflight, _) = &log().exchanges()[preflight.unwrap()];
    assert_eq!(preflight.kind, Kind::Preflight);
    assert_eq!(preflight.method, "OPTIONS");
    assert_eq!(exchange.kind, Kind::Script);
    assert_eq!(exchange.url, "http://localhost:40001/ok?t=[redacted]");
    assert_eq!(exchange.request_headers["authorization"], "[redacted]");
    assert_eq!(exchange.status, Some(200));
    assert!(exchange.ended.unwrap() >= exchange.sent);
    assert!(exchange.bytes.unwrap() > 0.0);
    let timing = exchange.response.unwrap().timing.unwrap();
    assert!(timing.send_start >= 0.0 && timing.receive_headers_end >= timing.send_start);
    assert!(timing.ssl_start < 0.0);
    assert!(!format!("{:?}", log().exchanges()).contains("Bearer x"));
}
