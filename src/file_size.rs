//! File sizes as the UserAPI writes them.

/// `bytes` as the UserAPI writes it in a listing: decimal units, one digit after the point.
#[must_use]
pub fn human(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    match bytes {
        1 => return "1 Byte".into(),
        0..1000 => return format!("{bytes} Bytes"),
        _ => {}
    }
    #[expect(
        clippy::cast_precision_loss,
        reason = "one digit after the point is shown"
    )]
    let mut size = bytes as f64 / 1000.0;
    let mut unit = 0;
    while size >= 1000.0 && unit + 1 < UNITS.len() {
        size /= 1000.0;
        unit += 1;
    }
    format!("{size:.1} {}", UNITS[unit])
}

/// The size of `blob` as the UserAPI writes it.
#[cfg(target_arch = "wasm32")]
#[must_use]
pub fn of(blob: &web_sys::Blob) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "a size is a whole number")]
    #[expect(clippy::cast_sign_loss, reason = "and not negative")]
    human(blob.size() as u64)
}

#[cfg(test)]
mod tests {
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
}
