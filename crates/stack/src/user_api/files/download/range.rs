//! The part of a file that a request asks for, as Starlette reads `Range`.

use std::ops::Range;

use axum::http::{HeaderMap, header};

use crate::http::{byte_range, number};

/// The part of a file that a request asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Asked {
    All,
    Part(Range<u64>),
    Malformed(&'static str),
    Outside,
}

const NONE: Asked = Asked::Malformed("Range header: range must be requested");
const EMPTY: Asked = Asked::Malformed("Range header: start must be less than end");

impl Asked {
    /// What a request asks for of a file with this many bytes, this `ETag` and this date.
    pub(super) fn of(request: &HeaderMap, size: u64, etag: &str, modified: &str) -> Self {
        let Some(range) = request.get(header::RANGE) else {
            return Self::All;
        };
        // The part is of no use to a client whose other parts are of another version.
        if let Some(version) = request.get(header::IF_RANGE)
            && version != etag
            && version != modified
        {
            return Self::All;
        }
        let Some((unit, ranges)) = range.to_str().ok().and_then(|text| text.split_once('=')) else {
            return Self::Malformed("Malformed range header.");
        };
        if !unit.trim().eq_ignore_ascii_case("bytes") {
            return Self::Malformed("Only support bytes range");
        }
        Self::read(ranges, size)
    }

    fn read(ranges: &str, size: u64) -> Self {
        let ranges: Vec<_> = pairs(ranges)
            .into_iter()
            .filter(|pair| *pair != ("", ""))
            .map(|(first, last)| byte_range(number(first), number(last), size))
            .collect();
        if ranges.is_empty() {
            return NONE;
        }
        if ranges.iter().any(|range| range.start >= size) {
            return Self::Outside;
        }
        if ranges.iter().any(|range| range.start > range.end) {
            return EMPTY;
        }
        match &merged(ranges)[..] {
            [part] if part.is_empty() => EMPTY,
            [part] => Self::Part(part.clone()),
            // A server may ignore the header (RFC 9110).
            _ => Self::All,
        }
    }
}

/// The digits before and after each `-`.
fn pairs(mut text: &str) -> Vec<(&str, &str)> {
    let no_digit = |c: char| !c.is_ascii_digit();
    let mut pairs = Vec::new();
    while let Some((before, after)) = text.split_once('-') {
        let first = before.rsplit(no_digit).next().unwrap_or_default();
        let (last, rest) = after.split_at(after.find(no_digit).unwrap_or(after.len()));
        pairs.push((first, last));
        text = rest;
    }
    pairs
}

/// The ranges, in which those that touch are one.
fn merged(mut ranges: Vec<Range<u64>>) -> Vec<Range<u64>> {
    ranges.sort_by_key(|range| range.start);
    let mut merged: Vec<Range<u64>> = Vec::new();
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn asked(range: &str, size: u64) -> Asked {
        let headers = HeaderMap::from_iter([(header::RANGE, range.parse().unwrap())]);
        Asked::of(&headers, size, "\"etag\"", "a date")
    }

    #[test]
    fn ranges_are_read_as_starlette_reads_them() {
        for (range, expected) in [
            ("bytes=0-5", Asked::Part(0..6)),
            ("bytes=30-", Asked::Part(30..31)),
            ("bytes=-4", Asked::Part(27..31)),
            ("bytes=-99", Asked::Part(0..31)),
            ("bytes=-0", Asked::Outside),
            ("bytes=0-99", Asked::Part(0..31)),
            ("bytes=0-99999999999999999999", Asked::Part(0..31)),
            ("bytes=31-", Asked::Outside),
            ("bytes=0-1,31-", Asked::Outside),
            ("bytes=5-3", EMPTY),
            ("bytes=5-4", EMPTY),
            ("bytes=0-1,2-4", Asked::Part(0..5)),
            ("bytes=2-4, 0-1", Asked::Part(0..5)),
            ("bytes=0-1,4-5", Asked::All),
            ("bytes=0-1,", Asked::Part(0..2)),
            ("bytes=-5-6", Asked::Part(25..31)),
            ("bytes=1-b", Asked::Part(1..31)),
            ("bytes=a-b", NONE),
            ("bytes=0 - 1", NONE),
            ("bytes=", NONE),
            ("lines=1-2", Asked::Malformed("Only support bytes range")),
            ("bytes", Asked::Malformed("Malformed range header.")),
        ] {
            assert_eq!(asked(range, 31), expected, "{range}");
        }
        assert_eq!(asked("bytes=-1", 0), Asked::Outside);
    }

    #[test]
    fn a_part_of_another_version_is_not_sent() {
        for (version, expected) in [
            ("\"etag\"", Asked::Part(0..2)),
            ("a date", Asked::Part(0..2)),
            ("etag", Asked::All),
            ("W/\"etag\"", Asked::All),
            ("a later date", Asked::All),
            ("", Asked::All),
        ] {
            let headers = HeaderMap::from_iter([
                (header::RANGE, "bytes=0-1".parse().unwrap()),
                (header::IF_RANGE, version.parse().unwrap()),
            ]);
            let found = Asked::of(&headers, 31, "\"etag\"", "a date");
            assert_eq!(found, expected, "{version}");
        }
    }

    proptest! {
        #[test]
        fn every_part_is_inside_the_file(
            header in r"(bytes ?= ?)?[0-9 +,=-]{0,24}|bytes=[0-9]{1,25}-[0-9]{0,25}|[ -~]{0,20}",
            size in prop_oneof![0..40_u64, any::<u64>()],
        ) {
            if let Asked::Part(part) = asked(&header, size) {
                prop_assert!(part.start < part.end && part.end <= size);
            }
        }
    }
}
