//! Whether a browser may use an answer again without asking (RFC 9111, "Freshness"). Pure.

use jiff::{SignedDuration, Timestamp, fmt::rfc2822};

/// How old an answer is from which a browser guesses that it will not change soon: it takes a tenth of its
/// age for the time (RFC 9111, section 4.2.2), and pages ask again within seconds.
const AGED: SignedDuration = SignedDuration::from_mins(1);

/// The headers of an answer that say how long it may be used.
#[derive(Clone, Copy, Debug, Default)]
pub struct Headers<'a> {
    /// `cache-control`.
    pub cache_control: Option<&'a str>,
    /// `expires`.
    pub expires: Option<&'a str>,
    /// `last-modified`.
    pub last_modified: Option<&'a str>,
}

/// The header that lets a browser use the answer again, as `name: value`; `None` if it must ask each time.
#[must_use]
pub fn reusable(headers: Headers<'_>, now: Timestamp) -> Option<String> {
    let date = |text| Some(rfc2822::parse(text).ok()?.timestamp());
    let Some(cache_control) = headers.cache_control else {
        if let Some(expires) = headers.expires {
            return (date(expires)? > now).then(|| format!("expires: {expires}"));
        }
        let modified = headers.last_modified?;
        let is_aged = now.duration_since(date(modified)?) > AGED;
        return is_aged.then(|| format!("last-modified: {modified}, without cache-control"));
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
        let named = ["max-age=", "stale-while-revalidate="];
        let age = named.iter().find_map(|name| text.strip_prefix(name));
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
            (Some("max-age=0, stale-while-revalidate=600"), None, true),
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
            let headers = Headers {
                cache_control,
                expires,
                last_modified: None,
            };
            let reused = reusable(headers, now);
            assert_eq!(reused.is_some(), expected, "{headers:?}");
        }
    }

    #[test]
    fn a_browser_guesses_from_the_age_of_an_answer_that_says_nothing_else() {
        let now: Timestamp = "2026-11-28T12:00:00Z".parse().expect("a time");
        let aged = |headers| {
            let last_modified = Some("Sat, 28 Nov 2026 09:00:00 GMT");
            reusable(
                Headers {
                    last_modified,
                    ..headers
                },
                now,
            )
        };
        let said = aged(Headers::default()).expect("a header");
        assert!(said.starts_with("last-modified: Sat"), "{said}");
        let no_store = Headers {
            cache_control: Some("no-store"),
            ..Headers::default()
        };
        assert_eq!(aged(no_store), None);
        let expired = Headers {
            expires: Some("0"),
            ..Headers::default()
        };
        assert_eq!(aged(expired), None);
        let fresh = Headers {
            last_modified: Some("Sat, 28 Nov 2026 11:59:58 GMT"),
            ..Headers::default()
        };
        assert_eq!(reusable(fresh, now), None);
    }
}
