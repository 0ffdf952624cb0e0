//! File sizes as the UserAPI writes them.

/// Each is a thousand times the one before.
const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];

/// `bytes` as the UserAPI writes it in a listing: decimal units, one digit after the point.
#[must_use]
pub fn human(bytes: u64) -> String {
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

/// The most bytes that a file may have that is listed with the size `text`; `None` if that is not a size.
#[must_use]
pub fn at_most(text: &str) -> Option<u64> {
    let (number, unit) = text.split_once(' ')?;
    if matches!(unit, "Byte" | "Bytes") {
        return number.parse().ok();
    }
    let unit = UNITS.iter().position(|known| *known == unit)?;
    let tenths: u64 = number.replacen('.', "", 1).parse().ok()?;
    let factor = 1000_u64.checked_pow(u32::try_from(unit).ok()? + 1)?;
    // The number is rounded to a tenth of the unit.
    Some(tenths.checked_mul(factor / 10)? + factor / 20)
}

/// `bytes` written like that, but with the digits behind the first one after the point cut off.
#[must_use]
pub fn cut(bytes: u64) -> String {
    let tenth = 10_u64.pow(bytes.checked_ilog10().unwrap_or_default() / 3 * 3) / 10;
    human(bytes - bytes % tenth.max(1))
}

/// The size of `blob` as the UserAPI writes it.
#[cfg(target_arch = "wasm32")]
#[must_use]
pub fn of(blob: &web_sys::Blob) -> String {
    human(bytes(blob))
}

/// How many bytes `blob` has.
#[cfg(target_arch = "wasm32")]
#[must_use]
pub fn bytes(blob: &web_sys::Blob) -> u64 {
    #[expect(clippy::cast_possible_truncation, reason = "a size is a whole number")]
    #[expect(clippy::cast_sign_loss, reason = "and not negative")]
    let bytes = blob.size() as u64;
    bytes
}

#[cfg(test)]
mod tests;
