//! The conditions of a GET (RFC 9110, section 13), as S3 weighs them: an `ETag`, if sent, decides alone.

use axum::http::{
    HeaderMap, HeaderName,
    header::{IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_UNMODIFIED_SINCE},
};
use jiff::{Timestamp, fmt::rfc2822};

use super::{
    error::{PRECONDITION_FAILED, S3Error},
    store::ObjectMeta,
};
use crate::http::text;

/// Refuses the object if it is not, or no longer, the one that the client expects.
pub(super) fn check_expected(meta: &ObjectMeta, request: &HeaderMap) -> Result<(), S3Error> {
    let failed = match names(meta, text(request, IF_MATCH)) {
        Some(true) => None,
        Some(false) => Some("If-Match"),
        None => since(request, IF_UNMODIFIED_SINCE)
            .is_some_and(|since| meta.last_modified > since)
            .then_some("If-Unmodified-Since"),
    };
    match failed {
        None => Ok(()),
        Some(condition) => Err(S3Error::new(PRECONDITION_FAILED).with("Condition", condition)),
    }
}

/// Whether the client has this very object already.
pub(super) fn is_unchanged(meta: &ObjectMeta, request: &HeaderMap) -> bool {
    names(meta, text(request, IF_NONE_MATCH)).unwrap_or_else(|| {
        since(request, IF_MODIFIED_SINCE).is_some_and(|since| meta.last_modified <= since)
    })
}

/// Whether the object is among those that a list of `ETag`s names.
fn names(meta: &ObjectMeta, etags: Option<&str>) -> Option<bool> {
    let mut etags = etags?
        .split(',')
        .map(|etag| etag.trim().trim_start_matches("W/").trim_matches('"'));
    Some(etags.any(|etag| etag == "*" || etag == meta.etag))
}

fn since(request: &HeaderMap, name: HeaderName) -> Option<Timestamp> {
    Some(rfc2822::parse(text(request, name)?).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_etag_decides_before_a_date() {
        let meta = ObjectMeta {
            key: "k".into(),
            size: 0,
            etag: "abc".into(),
            last_modified: "2026-11-23T06:56:26Z".parse().unwrap(),
            content_type: None,
        };
        let date = "Mon, 23 Nov 2026 06:56:26 GMT";
        assert_eq!(crate::http::date(meta.last_modified), date);
        let before = "Mon, 23 Nov 2026 06:56:25 GMT";
        for (etags, since, is_same) in [
            ("", "", None),
            ("\"abc\"", "", Some(true)),
            ("\"x\", W/\"abc\"", "", Some(true)),
            ("*", "", Some(true)),
            ("\"x\"", date, Some(false)),
            ("\"abc\"", before, Some(true)),
            ("", date, Some(true)),
            ("", before, Some(false)),
            ("", "yesterday", None),
        ] {
            let headers = |etag_name, date_name| {
                let pairs = [(etag_name, etags), (date_name, since)];
                let pairs = pairs.into_iter().filter(|(_, value)| !value.is_empty());
                let parsed = pairs.map(|(name, value)| (name, value.parse().unwrap()));
                parsed.collect::<HeaderMap>()
            };
            let expected = check_expected(&meta, &headers(IF_MATCH, IF_UNMODIFIED_SINCE));
            assert_eq!(expected.is_ok(), is_same != Some(false), "{etags} {since}");
            let unchanged = is_unchanged(&meta, &headers(IF_NONE_MATCH, IF_MODIFIED_SINCE));
            assert_eq!(unchanged, is_same == Some(true), "{etags} {since}");
        }
    }
}
