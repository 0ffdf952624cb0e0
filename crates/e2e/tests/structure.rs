//! The shape of the code: no two modules know one another, in any crate of the workspace, and only an
//! engine's own module names it.
//!
//! A module is a file. It knows another if a path in its code leads to an item that the other
//! defines; a name that is only re-exported counts as the module's that defines it. Tests may know
//! what they like.

mod modules;

use std::path::{Path, PathBuf};

use modules::Crate;

/// The crates, each by the file of its root.
const CRATES: [&str; 10] = [
    "src/lib.rs",
    "crates/yaml/src/lib.rs",
    "crates/model/src/lib.rs",
    "crates/stack/src/lib.rs",
    "crates/stack/src/main.rs",
    "crates/contract/src/lib.rs",
    "crates/reports/src/lib.rs",
    "crates/browser/src/lib.rs",
    "crates/e2e/src/main.rs",
    "crates/launcher/src/main.rs",
];

fn circles(root: &Path) -> Vec<String> {
    Crate::read(root).circles()
}

#[test]
fn no_two_modules_know_one_another() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut found = Vec::new();
    for root in CRATES {
        let circles = circles(&project.join(root));
        found.extend(
            circles
                .into_iter()
                .map(|circle| format!("{root}: {circle}")),
        );
    }
    assert!(
        found.is_empty(),
        "circles of modules:\n{}",
        found.join("\n")
    );
}

/// The lines of `text` that are neither comments nor behind the beginning of its tests.
fn product_lines(text: &str) -> impl Iterator<Item = &str> {
    let product = text.split("#[cfg(test)]").next().unwrap_or_default();
    product
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
}

/// The files below `directory` whose product code names an engine or a protocol of one.
fn files_that_name_an_engine(directory: &Path, found: &mut Vec<String>) {
    const NAMES: [&str; 7] = [
        "chrom", "goog:", "devtools", "firefox", "gecko", "webkit", "safari",
    ];
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        // Samples are for tests, too.
        if ["engine", "tests", "samples"].contains(&&*name) {
            continue;
        }
        if path.is_dir() {
            files_that_name_an_engine(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap().to_lowercase();
            if product_lines(&text).any(|line| NAMES.iter().any(|name| line.contains(name))) {
                found.push(path.display().to_string());
            }
        }
    }
}

#[test]
fn only_its_own_module_names_an_engine() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut found = Vec::new();
    for name in ["browser", "e2e", "model", "reports"] {
        files_that_name_an_engine(&crates.join(name).join("src"), &mut found);
    }
    assert_eq!(found, [""; 0]);
}

/// The Rust files below `directory`.
fn rust_files(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The tests of a crate are modules of one program. Cargo does not look for others, so a file that no
/// module names would be no test.
#[test]
fn every_file_of_tests_is_a_module() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for name in ["e2e", "model", "stack"] {
        let tests = crates.join(name).join("tests");
        let mut files = Vec::new();
        rust_files(&tests, &mut files);
        let program = Crate::read(&tests.join("main.rs"));
        files.retain(|file| program.files().all(|module| module != file));
        assert_eq!(files, [""; 0].map(PathBuf::from));
    }
}

/// Cargo does not look for examples in documentation, so one would be compiled by nobody.
#[test]
fn no_documentation_has_an_example_that_nobody_compiles() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files = Vec::new();
    for folder in ["src", "crates"] {
        rust_files(&project.join(folder), &mut files);
    }
    files.retain(|file| {
        let text = std::fs::read_to_string(file).unwrap();
        let mut lines = text.lines().map(str::trim_start);
        lines.any(|line| line.starts_with("/// ```") || line.starts_with("//! ```"))
    });
    assert_eq!(files, [""; 0].map(PathBuf::from));
}

#[test]
fn a_circle_is_found_wherever_it_hides() {
    let directory = tempfile::tempdir().unwrap();
    let write = |files: &[(&str, &str)]| {
        for (name, text) in files {
            let path = directory.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        circles(&directory.path().join("lib.rs"))
    };
    let modules = "mod a; mod b; #[cfg(test)] mod tests;";
    let sound = [
        ("lib.rs", modules),
        ("a.rs", "mod c; pub use c::C; pub fn f(_: crate::b::B) {}"),
        ("a/c.rs", "pub struct C; impl C { fn g(_: super::C) {} }"),
        ("b.rs", "pub struct B;"),
    ];
    assert_eq!(write(&sound), Vec::<String>::new());
    for (name, text) in [
        ("b.rs", "use crate::a::f as g; pub struct B;"),
        ("b.rs", "use crate::{a::{self, C}}; pub struct B;"),
        ("b.rs", "pub struct B; fn h() { super::a::f(B) }"),
        (
            "b.rs",
            "pub struct B; fn h() { println!(\"{}\", crate::a::f(B)) }",
        ),
    ] {
        write(&sound);
        assert_eq!(write(&[(name, text)]), ["a.rs, b.rs"], "{text}");
    }
    write(&sound);
    let parent = "mod c; pub struct D; pub fn f(_: c::C) {}";
    let child = "use super::D; pub struct C(D);";
    let circle = write(&[("a.rs", parent), ("a/c.rs", child)]);
    assert_eq!(circle, ["a.rs, a/c.rs"]);
}
