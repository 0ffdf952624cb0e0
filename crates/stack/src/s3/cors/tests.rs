use axum::http::{HeaderName, HeaderValue, StatusCode};

use super::*;

const FRONTEND: &str = "http://localhost:8080";

fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
    pairs
        .iter()
        .map(|(name, value)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        })
        .collect()
}

fn asking(origin: &'static str, method: &'static str, names: &'static str) -> HeaderMap {
    headers(&[
        ("origin", origin),
        ("access-control-request-method", method),
        ("access-control-request-headers", names),
    ])
}

#[test]
fn a_preflight_of_the_frontend_is_answered_by_its_rule() {
    let rules = [CorsRule::for_frontend(FRONTEND)];
    let request = asking(FRONTEND, "GET", "Authorization,  X-Other");
    let response = preflight(&rules, true, &request).unwrap();
    let expected = headers(&[
        ("access-control-allow-origin", FRONTEND),
        ("access-control-allow-credentials", "true"),
        ("access-control-allow-methods", "GET, POST, PUT, HEAD"),
        ("access-control-allow-headers", "authorization, x-other"),
        ("access-control-expose-headers", "ETag"),
        ("access-control-max-age", "3000"),
        (
            "vary",
            "Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
        ),
    ]);
    assert_eq!(*response.headers(), expected);
}

#[test]
fn a_preflight_outside_the_rules_is_forbidden() {
    let mut narrow = CorsRule::for_frontend(FRONTEND);
    narrow.allowed_headers = vec!["X-Amz-*".into()];
    let narrow = [narrow];
    assert!(preflight(&narrow, true, &asking(FRONTEND, "GET", "x-amz-date")).is_ok());
    assert!(preflight(&narrow, true, &asking(FRONTEND, "GET", "")).is_ok());
    for (origin, method, names) in [
        ("http://localhost:28080", "GET", ""),
        ("http://127.0.0.1:8080", "GET", ""),
        ("https://localhost:8080", "GET", ""),
        ("http://localhost:8080.example.com", "GET", ""),
        ("HTTP://LOCALHOST:8080", "GET", ""),
        ("null", "GET", ""),
        (FRONTEND, "DELETE", ""),
        (FRONTEND, "get", ""),
        (FRONTEND, "GET", "x-amz-date, authorization"),
    ] {
        let error = preflight(&narrow, true, &asking(origin, method, names)).unwrap_err();
        assert_eq!(
            (error.status, error.code),
            (StatusCode::FORBIDDEN, "AccessForbidden"),
            "{origin} {method} {names}"
        );
        assert!(error.message.contains("evalution of Origin"));
    }
}

#[test]
fn a_preflight_of_a_bucket_without_rules_is_forbidden() {
    let error = preflight(&[], false, &asking(FRONTEND, "GET", "")).unwrap_err();
    assert!(
        error
            .message
            .ends_with("CORS is not enabled for this bucket.")
    );
    assert!(error.details.contains(&("ResourceType", "BUCKET".into())));
}

#[test]
fn options_without_preflight_headers_is_a_bad_request() {
    let rules = [CorsRule::for_frontend(FRONTEND)];
    for request in [
        headers(&[]),
        headers(&[("access-control-request-method", "GET")]),
        headers(&[("origin", FRONTEND)]),
    ] {
        let error = preflight(&rules, true, &request).unwrap_err();
        assert_eq!(error.status, StatusCode::BAD_REQUEST);
    }
}

#[test]
fn an_answer_carries_headers_for_an_allowed_origin_only() {
    let rules = [CorsRule::for_frontend(FRONTEND)];
    let answer = |method, request: &HeaderMap| answer_headers(&rules, &method, request);
    let frontend = headers(&[("origin", FRONTEND)]);
    assert_eq!(
        answer(Method::GET, &frontend)["access-control-allow-origin"],
        FRONTEND
    );
    assert!(answer(Method::DELETE, &frontend).is_empty());
    assert!(answer(Method::GET, &headers(&[("origin", "null")])).is_empty());
    assert!(answer(Method::GET, &headers(&[])).is_empty());
}

#[test]
fn the_first_rule_that_matches_decides_and_a_star_is_literal() {
    let mut reading = CorsRule::for_frontend("*");
    reading.allowed_methods = vec!["GET".into()];
    let mut subdomains = CorsRule::for_frontend("https://*.example.com");
    subdomains.expose_headers = Vec::new();
    subdomains.max_age_seconds = None;
    let rules = [reading, subdomains];
    let origin = headers(&[("origin", "https://a.example.com")]);
    let get = answer_headers(&rules, &Method::GET, &origin);
    assert_eq!(get["access-control-allow-origin"], "*");
    assert!(!get.contains_key("access-control-allow-credentials"));
    let post = answer_headers(&rules, &Method::POST, &origin);
    assert_eq!(post["access-control-allow-origin"], "https://a.example.com");
    assert!(!post.contains_key("access-control-max-age"));
}

#[test]
fn a_star_stands_for_any_text_but_not_for_less_than_the_rest() {
    assert!(matches("http://*.b", "http://a.b"));
    assert!(matches("*", ""));
    assert!(matches("a*a", "aa"));
    assert!(!matches("a*a", "a"));
    assert!(!matches("http://*.b", "https://a.b"));
    assert!(!matches("http://a", "http://a.b"));
}
