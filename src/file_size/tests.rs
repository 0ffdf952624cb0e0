use super::{at_most, cut, human};

#[test]
fn sizes_are_written_as_in_the_recordings() {
    assert_eq!(human(0), "0 Bytes");
    assert_eq!(human(1), "1 Byte");
    assert_eq!(human(31), "31 Bytes");
    assert_eq!(human(999), "999 Bytes");
    assert_eq!(human(1000), "1.0 kB");
    assert_eq!(human(1023), "1.0 kB");
    assert_eq!(human(2067), "2.1 kB");
    assert_eq!(human(2_500_000), "2.5 MB");
    assert_eq!(human(200_000_000), "200.0 MB");
}

#[test]
fn no_file_has_more_bytes_than_its_listed_size_allows() {
    for bytes in [
        0,
        1,
        31,
        999,
        1000,
        1023,
        1049,
        1050,
        2_500_000,
        200_000_000,
        5_000_000_000,
    ] {
        let most = at_most(&human(bytes)).unwrap();
        assert!(
            most >= bytes && most - bytes <= bytes / 10,
            "{bytes}: {most}"
        );
    }
    for text in ["", "1.0", "x kB", "1.0 KiB", "99999999999999999999.0 TB"] {
        assert_eq!(at_most(text), None, "{text}");
    }
}

#[test]
fn a_size_may_be_cut_in_place_of_being_rounded() {
    assert_eq!(cut(2067), "2.0 kB");
    assert_eq!(cut(2_999_999), "2.9 MB");
    for bytes in [0, 1, 999, 1000, 2_500_000] {
        assert_eq!(cut(bytes), human(bytes), "{bytes}");
    }
}
