//! The `Range` header, as far as S3 serves it: one range of bytes.

use std::ops::Range;

use crate::http::{byte_range, number};

/// Which bytes a request asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ByteRange {
    /// All of them: no header, or one that S3 ignores (another unit, several ranges, nonsense).
    Whole,
    /// Some of them, all inside the object.
    Part(Range<u64>),
    /// None of them exist: 416.
    Unsatisfiable,
}

/// Reads a `Range` header for an object of `size` bytes.
pub(super) fn parse(header: Option<&str>, size: u64) -> ByteRange {
    requested(header, size).unwrap_or(ByteRange::Whole)
}

fn requested(header: Option<&str>, size: u64) -> Option<ByteRange> {
    let (first, last) = header?.strip_prefix("bytes=")?.split_once('-')?;
    let digits = |text: &str| {
        text.bytes()
            .all(|b| b.is_ascii_digit())
            .then(|| number(text))
    };
    let (first, last) = (digits(first.trim())?, digits(last.trim())?);
    if first.or(last).is_none() || first.zip(last).is_some_and(|(first, last)| last < first) {
        return None;
    }
    let part = byte_range(first, last, size);
    Some(if part.start < size {
        ByteRange::Part(part)
    } else {
        ByteRange::Unsatisfiable
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{ByteRange::*, *};

    #[test]
    fn one_range_is_served_and_the_rest_ignored() {
        for (header, expected) in [
            ("bytes=0-5", Part(0..6)),
            ("bytes=0-0", Part(0..1)),
            ("bytes=30-30", Part(30..31)),
            ("bytes=5-", Part(5..31)),
            ("bytes=5-999", Part(5..31)),
            ("bytes=0-99999999999999999999999", Part(0..31)),
            ("bytes=-4", Part(27..31)),
            ("bytes=-999", Part(0..31)),
            ("bytes=-0", Unsatisfiable),
            ("bytes=31-", Unsatisfiable),
            ("bytes=31-40", Unsatisfiable),
            ("bytes=5-2", Whole),
            ("bytes=0-1,4-5", Whole),
            ("bytes=+1-2", Whole),
            ("bytes=a-b", Whole),
            ("bytes=-", Whole),
            ("bytes=", Whole),
            ("lines=0-5", Whole),
            ("", Whole),
        ] {
            assert_eq!(parse(Some(header), 31), expected, "{header}");
        }
        assert_eq!(parse(None, 31), Whole);
    }

    #[test]
    fn an_empty_object_has_no_part() {
        assert_eq!(parse(Some("bytes=0-"), 0), Unsatisfiable);
        assert_eq!(parse(Some("bytes=-1"), 0), Unsatisfiable);
        assert_eq!(parse(None, 0), Whole);
    }

    proptest! {
        #[test]
        fn every_part_is_inside_the_object(
            header in r"(bytes=)?[0-9 +,=-]{0,24}|bytes=[0-9]{1,25}-[0-9]{0,25}|\PC{0,20}",
            size in prop_oneof![0..40_u64, any::<u64>()],
        ) {
            if let Part(part) = parse(Some(&header), size) {
                prop_assert!(part.start < part.end && part.end <= size);
            }
        }
    }
}
