//! Whether the command has to be compiled, as far as that can be known without cargo. Asking cargo would
//! add to every start what cargo takes to look at all packages.

use std::{
    fs,
    fs::File,
    io,
    path::{Path, PathBuf},
    time::SystemTime,
};

/// Whether nothing that `program` is made of has changed since it was compiled last. When in doubt it
/// has.
pub(crate) fn is_fresh(program: &Path, launcher: &Path, root: &Path) -> bool {
    check(program, launcher, root).unwrap_or(false)
}

fn check(program: &Path, launcher: &Path, root: &Path) -> io::Result<bool> {
    if !program.is_file() {
        return Ok(false);
    }
    let made = modified(&stamp(program))?;
    // Another compiler, or other flags, compile the launcher anew, too.
    let mut inputs = vec![launcher.to_owned()];
    inputs.extend(["Cargo.toml", "Cargo.lock", ".cargo/config.toml"].map(|file| root.join(file)));
    for entry in fs::read_dir(root.join("crates"))? {
        inputs.push(entry?.path().join("Cargo.toml"));
    }
    let Some(sources) = sources(&fs::read_to_string(program.with_extension("d"))?) else {
        return Ok(false);
    };
    // A checkout that was copied with what was compiled there still names the files of the other.
    if !sources.iter().all(|source| source.starts_with(root)) {
        return Ok(false);
    }
    inputs.extend(sources);
    for input in inputs {
        if modified(&input)? >= made {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Remembers that `program` was compiled from what there was at `time`. Its own time would be too late for
/// what changed meanwhile. What cannot be remembered is compiled again.
pub(crate) fn remember(program: &Path, time: SystemTime) {
    let _ = File::create(stamp(program)).and_then(|file| file.set_modified(time));
}

fn stamp(program: &Path) -> PathBuf {
    program.with_extension("compiled")
}

fn modified(path: &Path) -> io::Result<SystemTime> {
    fs::metadata(path)?.modified()
}

/// The files that cargo's dependency file names: `program: file file`, a blank in a name behind a
/// backslash.
fn sources(text: &str) -> Option<Vec<PathBuf>> {
    let (_, files) = text.lines().next()?.split_once(": ")?;
    let files = files.replace("\\ ", "\0");
    let files = files.split_whitespace();
    Some(
        files
            .map(|file| PathBuf::from(file.replace('\0', " ")))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_was_changed_since_has_to_be_compiled() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().join("my chéckout");
        let at = |path: &str| root.join(path);
        let files = [
            "launcher",
            "Cargo.toml",
            "Cargo.lock",
            ".cargo/config.toml",
            "crates/e2e/Cargo.toml",
            "crates/e2e/src/main.rs",
        ];
        let write = |path: &str, text: &str| {
            fs::create_dir_all(at(path).parent().unwrap()).unwrap();
            fs::write(at(path), text).unwrap();
        };
        let age = |path: &str, minutes: u64| {
            let time = SystemTime::now() - Duration::from_secs(60 * minutes);
            let file = File::options().write(true).open(at(path)).unwrap();
            file.set_modified(time).unwrap();
        };
        for file in files {
            write(file, "");
            age(file, 2);
        }
        let source = at(files[5]).display().to_string().replace(' ', "\\ ");
        let program = at("target/e2e");
        let is_fresh = || super::is_fresh(&program, &at("launcher"), &root);
        assert!(!is_fresh(), "there is none");
        write("target/e2e", "");
        write("target/e2e.d", &format!("e2e: {source}\n"));
        assert!(!is_fresh(), "nobody knows when it was compiled");
        remember(&program, SystemTime::now() - Duration::from_secs(60));
        assert!(is_fresh());
        for file in files {
            age(file, 0);
            assert!(!is_fresh(), "{file} is newer");
            age(file, 2);
        }
        assert!(is_fresh());
        let elsewhere = directory.path().join("other.rs");
        fs::write(&elsewhere, "").unwrap();
        let both = format!("e2e: {source} {}\n", elsewhere.display());
        write("target/e2e.d", &both);
        assert!(!is_fresh(), "it is that of another checkout");
        fs::remove_file(at(files[5])).unwrap();
        write("target/e2e.d", &format!("e2e: {source}\n"));
        assert!(!is_fresh(), "a source is gone");
    }
}
