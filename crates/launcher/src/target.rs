//! Where the command is compiled to.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
};

/// A directory that cargo compiles into.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// The directory.
    pub(crate) directory: PathBuf,
    /// Whether it is another than that of the launcher.
    pub(crate) is_apart: bool,
}

impl Target {
    /// The target directory of the checkout at `root`, where `launcher` is this program. Cargo would take
    /// what it has compiled for one checkout for that of another with which it shares a directory, so
    /// outside of the checkout each has one of its own.
    pub(crate) fn of(launcher: &Path, root: &Path) -> Option<Self> {
        let directory = launcher.ancestors().nth(2)?;
        let is_apart = !directory.starts_with(root);
        let directory = if is_apart {
            directory.join("checkouts").join(name(root))
        } else {
            directory.to_owned()
        };
        Some(Self {
            directory,
            is_apart,
        })
    }

    /// The path of the program `name`, which is compiled as `launcher` is.
    pub(crate) fn program(&self, launcher: &Path, name: &str) -> PathBuf {
        let extension = launcher.extension().unwrap_or_default();
        let path = self.directory.join("debug").join(name);
        path.with_extension(extension)
    }
}

/// The last part of the path for people, and the whole for uniqueness.
fn name(root: &Path) -> String {
    let mut hasher = DefaultHasher::new();
    root.hash(&mut hasher);
    let last = root.file_name().unwrap_or_default().to_string_lossy();
    let letter = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let last: String = last.chars().map(letter).collect();
    format!("{last}-{:016x}", hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkout_compiles_into_its_own_directory() {
        let root = Path::new("/projects/one");
        let target = Target::of(Path::new("/projects/one/target/debug/launcher"), root).unwrap();
        assert_eq!(target.directory, Path::new("/projects/one/target"));
        assert!(!target.is_apart);
        assert_eq!(
            target.program(Path::new("launcher"), "e2e"),
            Path::new("/projects/one/target/debug/e2e")
        );
    }

    #[test]
    fn checkouts_that_share_a_directory_do_not_share_what_is_compiled() {
        let launcher = Path::new("/shared/debug/launcher");
        let of = |root: &str| Target::of(launcher, Path::new(root)).unwrap();
        let (one, other) = (of("/projects/a/my checkout"), of("/projects/b/my checkout"));
        assert!(one.is_apart && other.is_apart);
        assert_ne!(one.directory, other.directory);
        assert_eq!(one, of("/projects/a/my checkout"));
        for target in [one, other] {
            assert!(target.directory.starts_with("/shared/checkouts"));
        }
    }
}
