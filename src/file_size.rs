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
mod tests;
