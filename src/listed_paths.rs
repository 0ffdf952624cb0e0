//! Which rule of listings one breaks, told by the paths that it shows.

/// Which rule the listing of `directory` breaks that shows the paths `found` instead of those `expected`, for the end of a
/// sentence, if one rule explains it.
#[must_use]
pub fn explain(directory: &str, found: &[&str], expected: &[&str]) -> Option<&'static str> {
    let extra = lacking(found, expected);
    let missing = lacking(expected, found);
    let is_folder = |path: &&str| path.ends_with('/');
    let is_deeper = |path: &&str| {
        let mut folders = found.iter().filter(|shown| is_folder(shown));
        folders.any(|folder| path.len() > folder.len() && path.starts_with(folder))
    };
    let is_below = |path: &&str| {
        let rest = path.strip_prefix(directory).unwrap_or(path);
        rest.trim_matches('/').contains('/')
    };
    let (none_extra, none_missing) = (extra.is_empty(), missing.is_empty());
    if none_extra && none_missing {
        return Some("; the order is wrong");
    }
    if none_missing
        && extra
            .iter()
            .all(|path| path.trim_matches('/') == directory.trim_matches('/'))
    {
        return Some("; the directory is among its own entries");
    }
    if none_missing && extra.iter().all(is_deeper) {
        return Some(
            "; it shows what is in its sub-directories as well, so `recursive=False` is ignored or taken for true",
        );
    }
    if none_extra && !expected.iter().any(is_folder) && missing.iter().all(is_below) {
        return Some(
            "; it lacks what is in sub-directories, so `recursive=true` is ignored or taken for false",
        );
    }
    if none_extra && missing.iter().all(is_folder) && !found.iter().any(is_folder) {
        return Some("; it hides its sub-directories");
    }
    if none_missing && extra.iter().all(is_folder) && !expected.iter().any(is_folder) {
        return Some(
            "; it shows directories although `show_dirs=false` is asked for, so that is ignored or taken for true",
        );
    }
    None
}

/// Those of the `paths` that the `others` lack.
fn lacking<'p>(paths: &[&'p str], others: &[&str]) -> Vec<&'p str> {
    let paths = paths.iter().copied();
    paths.filter(|path| !others.contains(path)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_listing_does_with_its_query_is_told() {
        let level = ["data/d/a", "data/d/below/"];
        let files = ["data/d/a", "data/d/below/b"];
        for (found, expected, why) in [
            (&["data/d/below/", "data/d/a"][..], &level[..], "the order"),
            (
                &["data/d/", "data/d/a", "data/d/below/"],
                &level,
                "own entries",
            ),
            (
                &["data/d/a", "data/d/below/", "data/d/below/b"],
                &level,
                "`recursive=False`",
            ),
            (&["data/d/a"], &level, "hides its sub-directories"),
            (&["data/d/a"], &files, "`recursive=true`"),
            (
                &["data/d/a", "data/d/below/", "data/d/below/b"],
                &files,
                "`show_dirs=false`",
            ),
        ] {
            let told = explain("data/d/", found, expected).unwrap_or_default();
            assert!(told.contains(why), "{found:?}: {told}");
        }
        for found in [&[][..], &["data/d/a", "data/d/below/", "data/d/other"]] {
            assert_eq!(
                explain("data/d/", found, &["data/d/a", "data/d/below/"]),
                None
            );
        }
    }
}
