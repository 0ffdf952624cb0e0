//! On entries as Chrome 156 wrote them, less what the log does not read.

use super::*;

fn log(recorded: &str) -> ChromiumLog {
    let mut log = ChromiumLog::default();
    recorded.lines().for_each(|entry| log.take(entry));
    log
}

fn cors(error: &str, parameter: &str, status: u16, location: Option<&str>) -> Observation {
    let refusal = Refusal::Cors {
        error: error.into(),
        parameter: parameter.into(),
    };
    let answer = WithheldAnswer {
        status,
        location: location.map(Into::into),
        to_preflight: refusal.is_about_preflight(),
        ..WithheldAnswer::default()
    };
    refusal.observation(Some(answer))
}

/// What a log tells of a request, without the answer's sender and media type.
fn told(log: &ChromiumLog, method: &str, url: &str, started_at: f64) -> Option<Observation> {
    let mut told = log.observation(method, url, started_at)?;
    if let Some(answer) = &mut told.answer {
        assert_eq!(answer.url, url);
        answer.url.clear();
        (answer.server, answer.usual_server, answer.media_type) = (None, None, None);
    }
    Some(told)
}

const FILE: &str = "http://localhost:8000/files/data/run/first.tif";

#[test]
fn the_reason_is_that_of_the_request_itself_with_the_answer_to_its_preflight() {
    let log = log(include_str!("recorded/method_not_allowed.jsonl"));
    assert_eq!(
        told(&log, "PUT", FILE, 1_795_440_534_897.0),
        Some(cors(
            "MethodDisallowedByPreflightResponse",
            "PUT",
            200,
            None
        ))
    );
    assert_eq!(told(&log, "DELETE", FILE, 1_795_440_534_897.0), None);
    let long_after = 1_795_440_535_897.0;
    assert_eq!(told(&log, "PUT", FILE, long_after), None);
}

#[test]
fn of_requests_that_were_sent_at_the_same_time_the_failed_one_is_meant() {
    let mut log = log(include_str!("recorded/method_not_allowed.jsonl"));
    let sent_at = 1_795_440_534_897.382;
    for later in [-1.0, 1.0] {
        log.take(&format!(
            r#"{{"message": {{"method": "Network.requestWillBeSent", "params": {{
                "initiator": {{"type": "script"}}, "request": {{"method": "PUT", "url": "{FILE}"}},
                "requestId": "answered {later}", "type": "Fetch", "wallTime": {}}}}}}}"#,
            (sent_at + later) / 1000.0
        ));
        let told = told(&log, "PUT", FILE, sent_at + later);
        assert!(told.is_some(), "{later}");
    }
}

#[test]
fn a_failure_that_is_told_before_its_answer_awaits_it() {
    let mut entries: Vec<_> = include_str!("recorded/answer_without_headers.jsonl")
        .lines()
        .take(5)
        .collect();
    let answer = entries.remove(3);
    let mut log = log(&entries.join("\n"));
    let told = |log: &ChromiumLog| log.observation("PUT", FILE, 1_795_440_586_747.0).unwrap();
    assert!(told(&log).awaits_answer());
    log.take(answer);
    assert!(!told(&log).awaits_answer());
}

#[test]
fn the_status_and_the_place_of_a_redirect_are_those_of_the_preflight() {
    let url = "http://localhost:8000/files/data/run/url";
    let refused = log(include_str!("recorded/preflight_unauthorized.jsonl"));
    assert_eq!(
        told(&refused, "POST", url, 1_795_440_557_406.0),
        Some(cors("PreflightInvalidStatus", "", 401, None))
    );
    let redirected = log(include_str!("recorded/preflight_redirected.jsonl"));
    assert_eq!(
        told(&redirected, "POST", url, 1_795_440_563_328.0),
        Some(cors(
            "PreflightDisallowedRedirect",
            "",
            307,
            Some("/access_info")
        ))
    );
}

#[test]
fn of_the_requests_to_one_address_that_which_was_sent_at_that_time_counts() {
    let log = log(include_str!("recorded/answer_without_headers.jsonl"));
    assert_eq!(
        told(&log, "PUT", FILE, 1_795_440_586_747.0),
        Some(cors("MissingAllowOriginHeader", "", 200, None))
    );
    // The same without a token, which the page tried next.
    assert_eq!(
        told(&log, "PUT", FILE, 1_795_440_586_792.0),
        Some(cors("MissingAllowOriginHeader", "", 401, None))
    );
}

#[test]
fn the_origin_that_is_let_in_and_the_network_error_are_told() {
    let url = "http://localhost:8000/access_info";
    let slash = log(include_str!("recorded/slash_behind_origin.jsonl"));
    assert_eq!(
        told(&slash, "GET", url, 1_795_440_544_462.0),
        Some(cors(
            "AllowOriginMismatch",
            "http://localhost:8080/",
            200,
            None
        ))
    );
    let refused = log(include_str!("recorded/nobody_there.jsonl"));
    assert_eq!(
        told(&refused, "GET", url, 1_795_440_656_795.0),
        Some(Refusal::Network("net::ERR_CONNECTION_REFUSED".into()).observation(None))
    );
}

#[test]
fn an_address_is_compared_as_the_browser_writes_it_and_without_its_secrets() {
    assert_eq!(
        bare("http://a/b ü?X-Amz-Signature=s"),
        "http://a/b%20%C3%BC"
    );
    assert_eq!(bare("/login?next=1"), "/login");
    let sent = r#"{"message":{"method":"Network.requestWillBeSent","params":{
        "request":{"method":"GET","url":"http://a/b%20c?secret","headers":{"authorization":"x"}},
        "requestId":"1","wallTime":1.0,"initiator":{"type":"script"}}}}"#;
    let failed = r#"{"message":{"method":"Network.loadingFailed","params":{"canceled":true,
        "errorText":"net::ERR_ABORTED","requestId":"1"}}}"#;
    let log = log(&[sent, failed].map(|text| text.replace('\n', "")).join("\n"));
    assert!(!format!("{log:?}").contains("secret"));
    assert_eq!(log.exchanges["1"].bare_url, bare("http://a/b c"));
    assert_eq!(
        without_values("http://s3/k?X-Amz-Expires=600&X-Amz-Signature=1c&recursive=True&code=x"),
        "http://s3/k?X-Amz-Expires=600&X-Amz-Signature=[redacted]&recursive=True&code=[redacted]"
    );
    // The page gave it up itself.
    assert_eq!(told(&log, "GET", "http://a/b c", 1000.0), None);
}
