//! Careless ways to decide which origins are allowed.

use super::{fault::Fault, registry::Faults};

/// The one origin that the service is configured to allow.
pub(crate) fn configured_origin(frontend: &str, faults: &Faults) -> String {
    let (scheme, host, port) = split(frontend);
    if faults.has(Fault::CorsAllowOriginOtherPort) {
        return match port.and_then(|port| port.parse::<u16>().ok()) {
            Some(port) => format!("{scheme}://{host}:{}", port.wrapping_add(20_000)),
            None => format!("{scheme}://{host}:20443"),
        };
    }
    if faults.has(Fault::CorsAllowOriginNumericHost) {
        return with_numeric_host(frontend);
    }
    frontend.to_owned()
}

/// The origin with the host `127.0.0.1`.
pub(crate) fn with_numeric_host(frontend: &str) -> String {
    let (scheme, _, port) = split(frontend);
    let port = port.map_or(String::new(), |port| format!(":{port}"));
    format!("{scheme}://127.0.0.1{port}")
}

/// Whether a careless check allows an origin that is not the frontend's.
pub(crate) fn wrongly_allows(frontend: &str, origin: &[u8], faults: &Faults) -> bool {
    let Ok(origin) = std::str::from_utf8(origin) else {
        return false;
    };
    let ours = frontend.split_once("://").map_or("", |(_, rest)| rest);
    let (scheme, host, port) = split(frontend);
    let (their_scheme, their_host, their_port) = split(origin);
    let careless = [
        (Fault::CorsOriginReflected, true),
        (Fault::CorsOriginNullTrusted, origin == "null"),
        (Fault::CorsOriginSuffixMatched, origin.ends_with(ours)),
        (
            Fault::CorsOriginSubdomainsTrusted,
            their_scheme == scheme
                && their_port == port
                && their_host.ends_with(&format!(".{host}")),
        ),
        (
            Fault::CorsOriginOtherSchemeTrusted,
            their_scheme != scheme && their_host == host && their_port == port,
        ),
        (
            Fault::CorsOriginAnyPortTrusted,
            their_scheme == scheme && their_host == host,
        ),
        (
            Fault::CorsOriginOfADevelopmentServer,
            origin == "http://localhost:5173",
        ),
        (Fault::CorsOriginPrefixMatched, origin.starts_with(frontend)),
        (
            Fault::CorsOriginUnescapedDot,
            matches_unescaped(frontend, origin),
        ),
    ];
    careless
        .iter()
        .any(|(fault, allows)| *allows && faults.has(*fault))
}

/// Whether `pattern` matches as a regular expression whose dots are not escaped.
fn matches_unescaped(pattern: &str, text: &str) -> bool {
    pattern.len() == text.len()
        && pattern
            .bytes()
            .zip(text.bytes())
            .all(|(wanted, found)| wanted == b'.' || wanted == found)
}

/// Scheme, host and port of an origin.
fn split(origin: &str) -> (&str, &str, Option<&str>) {
    let (scheme, rest) = origin.split_once("://").unwrap_or(("", origin));
    match rest.split_once(':') {
        Some((host, port)) => (scheme, host, Some(port)),
        None => (scheme, rest, None),
    }
}
