//! Whether a browser may use an answer again without asking (RFC 9111, "Freshness"). Pure.

use jiff::{Timestamp, fmt::rfc2822};

/// The header that lets a browser use the answer again, as `name: value`; `None` if it must ask each
/// time. What browsers guess from `Last-Modified` alone does not count.
#[must_use]
pub fn reusable(
    cache_control: Option<&str>,
    expires: Option<&str>,
    now: Timestamp,
) -> Option<String> {
    let Some(cache_control) = cache_control else {
        let expires = expires?;
        let until = rfc2822::parse(expires).ok()?.timestamp();
        return (until > now).then(|| format!("expires: {expires}"));
    };
    let directives = cache_control
        .split(',')
        .map(|text| text.trim().to_ascii_lowercase());
    let directives: Vec<_> = directives.collect();
    let forbids = |text: &String| matches!(text.as_str(), "no-store" | "no-cache");
    if directives.iter().any(forbids) {
        return None;
    }
    let lasts = |text: &String| {
        let age = text.strip_prefix("max-age=");
        let seconds = age.and_then(|age| age.trim_matches('"').parse::<u64>().ok());
        text == "immutable" || seconds.is_some_and(|seconds| seconds > 0)
    };
    directives
        .iter()
        .any(lasts)
        .then(|| format!("cache-control: {cache_control}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_used_again_as_its_headers_say() {
        let now: Timestamp = "2026-11-28T12:00:00Z".parse().expect("a time");
        let later = "Sat, 28 Nov 2026 12:01:00 GMT";
        let cases = [
            (None, None, false),
            (Some("max-age=60"), None, true),
            (Some("public, Max-Age=60"), None, true),
            (Some("max-age=0"), Some(later), false),
            (Some("no-store"), Some(later), false),
            (Some("no-cache, max-age=60"), None, false),
            (Some("s-maxage=60"), None, false),
            (Some("private, immutable"), None, true),
            (None, Some(later), true),
            (None, Some("Sat, 28 Nov 2026 11:59:00 GMT"), false),
            (None, Some("0"), false),
        ];
        for (cache_control, expires, expected) in cases {
            let reused = reusable(cache_control, expires, now);
            assert_eq!(reused.is_some(), expected, "{cache_control:?} {expires:?}");
        }
    }
}
