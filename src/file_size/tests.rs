use super::human;

#[test]
fn sizes_are_written_as_in_the_recordings() {
    assert_eq!(human(0), "0 Bytes");
    assert_eq!(human(1), "1 Byte");
    assert_eq!(human(31), "31 Bytes");
    assert_eq!(human(999), "999 Bytes");
    assert_eq!(human(1000), "1.0 kB");
    assert_eq!(human(1023), "1.0 kB");
    assert_eq!(human(2_500_000), "2.5 MB");
    assert_eq!(human(200_000_000), "200.0 MB");
}
