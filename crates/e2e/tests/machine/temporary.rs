//! Temporary directories: the run passes in them, or says in one line why it cannot.

use std::{fs, path::Path};

use crate::{common::E2e, machine::namespace::inside};

/// A run whose temporary directory is `directory`.
fn in_directory(directory: &Path) -> E2e {
    let e2e = E2e::new(&["--filter", "access::"], "");
    let directory = directory.display().to_string();
    e2e.env("TMPDIR", &directory)
}

/// A directory whose path has `length` bytes, in `parent`.
fn of_length(parent: &Path, length: usize) -> std::path::PathBuf {
    let name = length - parent.as_os_str().len() - 1;
    let directory = parent.join("x".repeat(name));
    fs::create_dir(&directory).unwrap();
    directory
}

#[test]
fn the_longest_path_that_is_allowed_passes_and_a_longer_one_is_named() {
    let parent = tempfile::tempdir().unwrap();
    let refused = of_length(parent.path(), 80);
    let ended = in_directory(&refused).run();
    let error = ended.refused(&["its path has 80 bytes"]).only_error();
    assert!(error.starts_with("error: TMPDIR names"), "{error}");
    let (_, allowed) = error.split_once("allow ").unwrap();
    let allowed: usize = allowed.split(' ').next().unwrap().parse().unwrap();

    let longest = of_length(parent.path(), allowed);
    in_directory(&longest).run().assert_code(0);
    assert_eq!(fs::read_dir(longest).unwrap().count(), 0);
    let longer = of_length(parent.path(), allowed + 1);
    in_directory(&longer).run().assert_code(2);
}

#[test]
fn blanks_and_letters_beyond_ascii_pass_and_so_does_a_relative_path() {
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path().join("a b'\"ü");
    fs::create_dir(&directory).unwrap();
    in_directory(&directory).run().assert_code(0);
    let mut relative = in_directory(Path::new("a b'\"ü"));
    relative.command.current_dir(parent.path());
    relative.run().assert_code(0);
    assert_eq!(fs::read_dir(directory).unwrap().count(), 0);
}

#[test]
fn one_that_is_missing_or_a_file_is_named() {
    let parent = tempfile::tempdir().unwrap();
    fs::write(parent.path().join("file"), "").unwrap();
    for (name, why) in [
        ("missing", "No such file or directory"),
        ("file", "Not a directory"),
    ] {
        let directory = parent.path().join(name);
        let ended = in_directory(&directory).run();
        let shown = format!("TMPDIR names {}", directory.display());
        ended.refused(&[&shown, why]);
    }
}

#[test]
fn other_file_systems_pass_unless_they_are_full_or_read_only() {
    for (options, code, why) in [
        ("size=256m", 0, ""),
        ("size=30m", 2, "it has 30 MiB left, but a run needs"),
        ("ro", 2, "Read-only file system"),
    ] {
        let parent = tempfile::tempdir().unwrap();
        let mount = format!(
            "mount -t tmpfs -o {options} none {}",
            parent.path().display()
        );
        let Some(e2e) = inside(in_directory(parent.path()), &mount) else {
            return;
        };
        let ended = e2e.run();
        ended.assert_code(code);
        if code == 0 {
            continue;
        }
        ended.refused(&["TMPDIR names", why]);
    }
}
