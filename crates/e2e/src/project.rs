//! Where the project lies.

use std::{
    env,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use opencloud_browser::process::Failure;

/// This package, as seen from the project's root.
const PACKAGE: &str = "crates/e2e";

/// Makes sure that the command runs in a checkout of the project.
pub(crate) fn check() -> Result<(), Failure> {
    if found().is_some() {
        return Ok(());
    }
    let here = env::current_dir().unwrap_or_default();
    Err(Failure::Input(format!(
        "{} is in no checkout of this project: change into one",
        here.display()
    )))
}

/// The root of the checkout in which the command runs. Nothing that was compiled in decides: checkouts are
/// moved, and two may share what they compile.
pub(crate) fn root() -> PathBuf {
    found().map(Path::to_owned).unwrap_or_default()
}

fn found() -> Option<&'static Path> {
    static ROOT: OnceLock<Option<PathBuf>> = OnceLock::new();
    let find = || {
        let manifest = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        let here = env::current_dir().ok();
        find(manifest.as_deref(), here.as_deref())
    };
    ROOT.get_or_init(find).as_deref()
}

/// The checkout whose package cargo runs, or the one around `here`.
fn find(manifest: Option<&Path>, here: Option<&Path>) -> Option<PathBuf> {
    let run = manifest.into_iter().filter(|path| path.ends_with(PACKAGE));
    let run = run.filter_map(|path| path.ancestors().nth(2));
    let around = here.into_iter().flat_map(Path::ancestors);
    let mut all = run.chain(around);
    all.find(|path| is_root(path)).map(Path::to_owned)
}

fn is_root(path: &Path) -> bool {
    ["Cargo.toml", "crates/e2e/Cargo.toml", "tests/applications"]
        .iter()
        .all(|part| path.join(part).exists())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// Makes what a checkout is known by.
    fn checkout(path: &Path) {
        for directory in [PACKAGE, "tests/applications"] {
            fs::create_dir_all(path.join(directory)).unwrap();
        }
        fs::write(path.join("Cargo.toml"), "").unwrap();
        fs::write(path.join(PACKAGE).join("Cargo.toml"), "").unwrap();
    }

    #[test]
    fn the_checkout_in_which_one_stands_is_found_from_every_directory_of_it() {
        let directory = tempfile::tempdir().unwrap();
        let one = directory.path().join("one checkout");
        let other = directory.path().join("änother");
        checkout(&one);
        checkout(&other);
        let deep = one.join("tests/applications");
        assert_eq!(find(None, Some(&deep)), Some(one.clone()));
        assert_eq!(find(None, Some(&one)), Some(one.clone()));
        assert_eq!(find(None, Some(directory.path())), None);
        // Cargo may run the package from anywhere.
        let package = other.join(PACKAGE);
        assert_eq!(find(Some(&package), Some(&deep)), Some(other.clone()));
        assert_eq!(find(Some(&package), None), Some(other));
        // The variable may be that of another project, or of a checkout that is gone.
        let gone = directory.path().join("gone").join(PACKAGE);
        assert_eq!(find(Some(&gone), Some(&deep)), Some(one.clone()));
        assert_eq!(find(Some(directory.path()), Some(&deep)), Some(one));
    }
}
