//! The media type of a file, as Python's `mimetypes` guesses it from the name.

/// The types by extension of `MimeTypes(filenames=())` in Python 3.11, which no `mime.types` of the
/// system has changed. Made by
/// `python3.11 -c 'import mimetypes; [print(e[1:], t) for e, t in sorted(mimetypes.MimeTypes(filenames=()).types_map[True].items())]'`.
const TYPES: &str = include_str!("../../../../data/media_types.txt");

/// Extensions that stand for two, and those of what packs a file, which do not count.
const SHORT: [(&str, &str); 6] = [
    (".svgz", ".svg"),
    (".tgz", ".tar"),
    (".taz", ".tar"),
    (".tz", ".tar"),
    (".tbz2", ".tar"),
    (".txz", ".tar"),
];
const PACKED: [&str; 5] = [".gz", ".Z", ".bz2", ".xz", ".br"];

/// The value of `Content-Type` for a file of this path; text if its extension is unknown.
pub(super) fn of(path: &str) -> String {
    let (base, extension) = split(path);
    let extension = match SHORT
        .iter()
        .find(|(short, _)| extension.eq_ignore_ascii_case(short))
    {
        Some((_, unpacked)) => unpacked,
        None if PACKED.contains(&extension) => split(base).1,
        None => extension,
    };
    let extension = extension.trim_start_matches('.').to_ascii_lowercase();
    let media_type = TYPES
        .lines()
        .filter_map(|line| line.split_once(' '))
        .find_map(|(known, media_type)| (known == extension).then_some(media_type))
        .unwrap_or("text/plain");
    if media_type.starts_with("text/") {
        format!("{media_type}; charset=utf-8")
    } else {
        media_type.to_owned()
    }
}

/// A path without its extension, and that with its dot. Dots at the start of a name begin none.
fn split(path: &str) -> (&str, &str) {
    let name = path.rsplit('/').next().unwrap_or_default();
    let dots = name.len() - name.trim_start_matches('.').len();
    let start = path.len() - name.len() + dots;
    match path[start..].rfind('.') {
        Some(dot) => path.split_at(start + dot),
        None => (path, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn the_last_extension_counts_that_packs_nothing() {
        for (path, media_type) in [
            ("config/c/p.yaml", "text/plain; charset=utf-8"),
            ("a.tif", "image/tiff"),
            ("A.TIF", "image/tiff"),
            ("a.tar.gz", "application/x-tar"),
            ("a.tgz", "application/x-tar"),
            ("a.TGZ", "application/x-tar"),
            ("a.csv.gz", "text/csv; charset=utf-8"),
            ("a.csv.Z", "text/csv; charset=utf-8"),
            ("a.csv.z", "text/plain; charset=utf-8"),
            ("a.csv.GZ", "text/plain; charset=utf-8"),
            ("a.gz", "text/plain; charset=utf-8"),
            ("a.svgz", "image/svg+xml"),
            (".png", "text/plain; charset=utf-8"),
            ("..png", "text/plain; charset=utf-8"),
            ("..a.png", "image/png"),
            ("a.png/b", "text/plain; charset=utf-8"),
            ("a.png.", "text/plain; charset=utf-8"),
            ("a.h5", "application/x-hdf5"),
            ("", "text/plain; charset=utf-8"),
        ] {
            assert_eq!(of(path), media_type, "{path}");
        }
    }
}
