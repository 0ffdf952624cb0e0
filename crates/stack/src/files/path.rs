//! Paths inside a user's own directory.

/// A path below a user's root, resolved by its parts: it cannot lead out, whatever it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UserPath {
    parts: Vec<String>,
    /// Whether it was written with a slash at its end, which only a directory has.
    slash: bool,
}

impl UserPath {
    /// Reads a percent-decoded path. Empty parts and `.` mean nothing, as in POSIX.
    ///
    /// `None` for one that tries to leave by `..`, and for one with a NUL, which no file system
    /// takes.
    pub(crate) fn parse(raw: &str) -> Option<Self> {
        let parts: Vec<_> = raw
            .split('/')
            .filter(|part| !matches!(*part, "" | "."))
            .map(str::to_owned)
            .collect();
        if parts.iter().any(|part| leads_out(part)) {
            return None;
        }
        Some(Self {
            parts,
            slash: raw.ends_with('/'),
        })
    }

    /// The names that it is made of, from outside to inside.
    pub(crate) fn parts(&self) -> &[String] {
        &self.parts
    }

    /// Whether it is the root itself.
    pub(crate) fn is_root(&self) -> bool {
        self.parts.is_empty()
    }

    /// Whether it can only mean a directory.
    pub(crate) fn has_slash(&self) -> bool {
        self.slash
    }

    /// The same path, meant as a directory.
    pub(crate) fn as_directory(&self) -> Self {
        Self {
            parts: self.parts.clone(),
            slash: true,
        }
    }

    /// The same path without a slash at its end.
    pub(crate) fn as_file(&self) -> Self {
        Self {
            parts: self.parts.clone(),
            slash: false,
        }
    }

    /// A path below this one; `None` as for [`parse`](Self::parse).
    pub(crate) fn join(&self, raw: &str) -> Option<Self> {
        let below = Self::parse(raw)?;
        Some(Self {
            parts: [&self.parts[..], &below.parts[..]].concat(),
            slash: below.slash,
        })
    }

    /// The directory that it is in; the root is in itself.
    pub(crate) fn parent(&self) -> Self {
        let parts = &self.parts[..self.parts.len().saturating_sub(1)];
        Self {
            parts: parts.to_vec(),
            slash: true,
        }
    }

    /// The path with single slashes, none at its start, and at its end if it was written so.
    pub(crate) fn normal(&self) -> String {
        let joined = self.parts.join("/");
        if self.slash && !joined.is_empty() {
            joined + "/"
        } else {
            joined
        }
    }
}

fn leads_out(part: &str) -> bool {
    part == ".." || part.contains('\0')
}

#[cfg(test)]
mod tests {
    use std::path::{Component, Path};

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn no_path_leaves_the_users_directory() {
        for raw in [
            "..",
            "../x",
            "config/../../x",
            "a/..",
            "/../",
            "./..",
            "a\0b",
        ] {
            assert_eq!(UserPath::parse(raw), None, "{raw}");
        }
        assert_eq!(UserPath::parse("config").unwrap().join("../.."), None);
    }

    #[test]
    fn empty_parts_mean_nothing() {
        for (raw, normal) in [
            ("", ""),
            ("//", ""),
            ("config", "config"),
            ("/config//exp/", "config/exp/"),
            ("config/./..x", "config/..x"),
        ] {
            assert_eq!(UserPath::parse(raw).unwrap().normal(), normal, "{raw}");
        }
    }

    proptest! {
        #[test]
        fn any_path_stays_inside_or_is_refused(
            raw in r"(\.|\.\.|/|//|\PC|[a-c\\%\x00-\x1f]){0,12}",
            below in r"(\.|\.\.|/|[a-c\x00]){0,8}",
        ) {
            let refused = raw.contains('\0') || raw.split('/').any(|part| part == "..");
            let path = UserPath::parse(&raw);
            prop_assert_eq!(path.is_none(), refused);
            let joined = path.as_ref().and_then(|path| path.join(&below));
            for path in [path, joined].into_iter().flatten() {
                let on_disk = Path::new("/users/one").join(path.parts().join("/"));
                let mut inside = on_disk.strip_prefix("/users/one").unwrap().components();
                prop_assert!(inside.all(|part| matches!(part, Component::Normal(_))));
                let again = UserPath::parse(&path.normal()).unwrap();
                prop_assert_eq!(again.parts(), path.parts());
            }
        }
    }
}
