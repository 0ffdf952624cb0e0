use std::time::Duration;

use proptest::prelude::*;

use super::*;

const HOST: &str = "localhost:5000";
const SIGNED: &str = "2026-01-01T00:00:00Z";

fn signer() -> Signer {
    Signer::with_credentials("eu-central-1", "AKIA", "secret")
}

/// The query of a URL for `/bucket/a b`, valid for 600 seconds.
fn query() -> String {
    let url = signer().presign(
        SIGNED.parse().unwrap(),
        &Method::GET,
        "http://localhost:5000",
        "bucket",
        "a b",
        Duration::from_secs(600),
    );
    url.split_once('?').unwrap().1.to_owned()
}

fn host() -> HeaderMap {
    [("host", HOST)]
        .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
        .into_iter()
        .collect()
}

fn check_at(now: &str, method: &Method, path: &str, query: &str, headers: &HeaderMap) -> String {
    let request = Request {
        method,
        path,
        query,
        headers,
    };
    match check(&signer(), now.parse().unwrap(), &request) {
        Ok(()) => "ok".to_owned(),
        Err(error) => format!("{} {} {}", error.status.as_u16(), error.code, error.message),
    }
}

fn check_query(query: &str) -> String {
    check_at(SIGNED, &Method::GET, "/bucket/a b", query, &host())
}

#[test]
fn the_request_that_was_signed_is_accepted() {
    assert_eq!(check_query(&query()), "ok");
}

#[test]
fn any_other_request_is_refused() {
    let query = query();
    let mut elsewhere = host();
    elsewhere.insert("host", "localhost:5001".parse().unwrap());
    for (method, path, query, headers) in [
        (Method::HEAD, "/bucket/a b", query.clone(), host()),
        (Method::GET, "/bucket/a c", query.clone(), host()),
        (Method::GET, "/other/a b", query.clone(), host()),
        (Method::GET, "/bucket/a b", format!("{query}&x=1"), host()),
        (Method::GET, "/bucket/a b", query.clone(), elsewhere),
        (
            Method::GET,
            "/bucket/a b",
            query.replace("Expires=600", "Expires=601"),
            host(),
        ),
        (
            Method::GET,
            "/bucket/a b",
            query.replace("T000000Z", "T000001Z"),
            host(),
        ),
    ] {
        let answer = check_at(SIGNED, &method, path, &query, &headers);
        assert!(
            answer.starts_with("403 SignatureDoesNotMatch"),
            "{method} {path} {query}: {answer}"
        );
    }
}

#[test]
fn a_url_is_valid_for_its_lifetime() {
    let query = query();
    let at = |now| check_at(now, &Method::GET, "/bucket/a b", &query, &host());
    assert_eq!(at("2026-01-01T00:09:59Z"), "ok");
    assert_eq!(
        at("2026-01-01T00:10:00Z"),
        "403 AccessDenied Request has expired"
    );
    assert_eq!(at("2025-12-31T23:45:00Z"), "ok");
    assert_eq!(
        at("2025-12-31T23:44:59Z"),
        "403 AccessDenied Request is not yet valid"
    );
}

#[test]
fn parameters_are_checked_before_the_signature() {
    let query = query();
    for (from, to, expected) in [
        (
            "Expires=600",
            "Expires=604801",
            "400 AuthorizationQueryParametersError X-Amz-Expires must be less",
        ),
        ("Expires=600", "Expires=604800", "403 SignatureDoesNotMatch"),
        (
            "Expires=600",
            "Expires=-1",
            "400 AuthorizationQueryParametersError X-Amz-Expires must be non",
        ),
        (
            "Expires=600",
            "Expires=x",
            "400 AuthorizationQueryParametersError X-Amz-Expires should",
        ),
        (
            "HMAC-SHA256",
            "HMAC-SHA1",
            "400 AuthorizationQueryParametersError X-Amz-Algorithm only",
        ),
        ("AKIA", "AKIB", "403 InvalidAccessKeyId"),
        (
            "central",
            "west",
            "400 AuthorizationQueryParametersError Error parsing",
        ),
        (
            "20260101T000000Z",
            "20260101",
            "400 AuthorizationQueryParametersError X-Amz-Date must",
        ),
        (
            "X-Amz-Date=",
            "x=",
            "400 AuthorizationQueryParametersError Query-string",
        ),
        (
            "X-Amz-Signature",
            "X-Amz-Sig",
            "400 AuthorizationQueryParametersError Query-string",
        ),
        (
            "SignedHeaders=host",
            "SignedHeaders=x",
            "403 AccessDenied There were headers",
        ),
        ("X-Amz-Date", "%FF", "400 InvalidURI"),
    ] {
        let answer = check_query(&query.replacen(from, to, 1));
        assert!(answer.starts_with(expected), "{from} -> {to}: {answer}");
    }
    let twice = format!("{query}&X-Amz-Expires=900");
    assert!(check_query(&twice).starts_with("400"));
}

#[test]
fn two_kinds_of_authorization_are_refused() {
    assert_eq!(check_query(""), "403 AccessDenied Access Denied");
    let mut bearer = host();
    bearer.insert("authorization", "Bearer x".parse().unwrap());
    let ask = |query: &str| check_at(SIGNED, &Method::GET, "/bucket/a b", query, &bearer);
    assert!(ask("").starts_with("400 InvalidArgument Unsupported Authorization Type"));
    assert!(ask(&query()).starts_with("400 InvalidArgument Only one auth mechanism"));
}

#[test]
fn amazon_headers_have_to_be_signed() {
    let mut headers = host();
    headers.insert("x-amz-meta-a", "1".parse().unwrap());
    let answer = check_at(SIGNED, &Method::GET, "/bucket/a b", &query(), &headers);
    assert!(answer.starts_with("403 AccessDenied There were headers"));
}

proptest! {
    #[test]
    fn no_query_that_was_not_signed_is_accepted(
        query in r"((X-Amz-(Algorithm|Credential|Date|Expires|SignedHeaders|Signature)|x|%)?[=&%+/;]?(AWS4-HMAC-SHA256|AKIA|20260101(T000000Z)?|-?[0-9]{1,20}|host|aws4_request|\PC){0,3}){0,12}",
    ) {
        prop_assert_ne!(check_query(&query), "ok");
    }

    #[test]
    fn no_value_can_be_changed(
        which in 0_usize..6,
        at in any::<prop::sample::Index>(),
        other in "[0-9A-Za-z%/;-]",
    ) {
        let signed = query();
        let pair = signed.split('&').nth(which).unwrap();
        let (name, value) = pair.split_once('=').unwrap();
        let at = at.index(value.len());
        let changed = format!("{}{other}{}", &value[..at], &value[at + 1..]);
        let all = signed.replace(pair, &format!("{name}={changed}"));
        // An escape may be written in another way and mean the same.
        let same = parse(&all).is_ok_and(|pairs| pairs == parse(&signed).unwrap());
        prop_assert_eq!(check_query(&all) == "ok", same, "{}", all);
    }
}
