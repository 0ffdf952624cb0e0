//! An entry of a listing.

use serde_json::{Value, json};

/// An entry of a listing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FileInfo {
    /// From the user's root; a directory's ends with a slash.
    pub(crate) path: String,
    /// In bytes; `None` for a directory.
    pub(crate) size: Option<u64>,
}

impl FileInfo {
    pub(crate) fn file(path: String, size: u64) -> Self {
        Self {
            path,
            size: Some(size),
        }
    }

    pub(crate) fn directory(path: String) -> Self {
        Self { path, size: None }
    }

    /// The same entry as if its size were one that needs no rounding.
    pub(crate) fn cut(&self) -> Self {
        let cut = |bytes: u64| {
            let unit = 1000_u64.pow(bytes.checked_ilog10().unwrap_or_default() / 3);
            bytes - bytes % (unit / 10).max(1)
        };
        Self {
            path: self.path.clone(),
            size: self.size.map(cut),
        }
    }

    pub(crate) fn to_json(&self) -> Value {
        match self.size {
            Some(size) => json!({"path": self.path, "type": "file", "size": for_people(size)}),
            None => json!({"path": self.path, "type": "directory", "size": ""}),
        }
    }
}

/// A size as Python's `humanize.naturalsize` writes it: decimal units, one place.
fn for_people(bytes: u64) -> String {
    match bytes {
        1 => return "1 Byte".into(),
        0..1000 => return format!("{bytes} Bytes"),
        _ => {}
    }
    let units = ["kB", "MB", "GB", "TB", "PB", "EB"];
    #[expect(
        clippy::cast_precision_loss,
        reason = "only one decimal place is shown"
    )]
    let mut size = bytes as f64 / 1000.0;
    let mut unit = 0;
    while size >= 1000.0 {
        size /= 1000.0;
        unit += 1;
    }
    format!("{size:.1} {}", units[unit])
}

#[cfg(test)]
mod tests {
    use super::for_people;

    #[test]
    fn sizes_are_written_for_people() {
        for (bytes, text) in [
            (0, "0 Bytes"),
            (1, "1 Byte"),
            (31, "31 Bytes"),
            (999, "999 Bytes"),
            (1023, "1.0 kB"),
            (2_099, "2.1 kB"),
            (2_500_000, "2.5 MB"),
            (200_000_000, "200.0 MB"),
            (u64::MAX, "18.4 EB"),
        ] {
            assert_eq!(for_people(bytes), text);
        }
    }
}
