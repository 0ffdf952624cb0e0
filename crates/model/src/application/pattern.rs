//! Patterns of file names.

/// Whether `name` matches `pattern`, in which a `*` stands for any characters but `/`. As in a shell, a
/// `*` at the beginning does not match a name that begins with a dot.
pub(super) fn matches(pattern: &str, name: &str) -> bool {
    if pattern.starts_with('*') && name.starts_with('.') {
        return false;
    }
    let mut parts = pattern.split('/');
    let mut names = name.split('/');
    loop {
        match (parts.next(), names.next()) {
            (None, None) => return true,
            (Some(part), Some(name)) if matches_part(part, name) => {}
            _ => return false,
        }
    }
}

fn matches_part(pattern: &str, name: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else {
        return pattern == name;
    };
    let Some(mut name) = name.strip_prefix(start) else {
        return false;
    };
    let (middle, end) = rest.rsplit_once('*').unwrap_or(("", rest));
    // The first place of each part leaves the most for those after it.
    for part in middle.split('*') {
        match name.find(part) {
            Some(at) => name = &name[at + part.len()..],
            None => return false,
        }
    }
    name.ends_with(end)
}
