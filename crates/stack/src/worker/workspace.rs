//! The files that a container sees below `/files`.

use std::collections::{BTreeMap, BTreeSet};

/// Files and directories by their absolute paths.
#[derive(Debug, Default)]
pub(super) struct Workspace {
    /// The beginning of each file, which is all that is read of it.
    files: BTreeMap<String, Vec<u8>>,
    directories: BTreeSet<String>,
}

/// Which entries a search finds.
#[derive(Debug, Default)]
pub(super) struct Search<'p> {
    /// A pattern of names.
    pub(super) name: Option<&'p str>,
    /// Directories alone.
    pub(super) directories: bool,
    /// How far below the start; 0 is the start itself.
    pub(super) depth: Option<usize>,
}

impl Workspace {
    /// Adds a file and the directories above it.
    pub(super) fn add_file(&mut self, path: &str, beginning: Vec<u8>) {
        if let Some((directory, _)) = path.rsplit_once('/') {
            self.add_directory(directory);
        }
        self.files.insert(path.to_owned(), beginning);
    }

    /// Adds a directory and those above it.
    pub(super) fn add_directory(&mut self, path: &str) {
        let mut path = path.trim_end_matches('/');
        while !path.is_empty() {
            self.directories.insert(path.to_owned());
            path = path.rsplit_once('/').map_or("", |(parent, _)| parent);
        }
    }

    pub(super) fn is_directory(&self, path: &str) -> bool {
        self.directories.contains(path.trim_end_matches('/'))
    }

    /// The beginning of a file.
    pub(super) fn file(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(Vec::as_slice)
    }

    /// All files with their beginnings, below a directory.
    pub(super) fn files_below(&self, directory: &str) -> impl Iterator<Item = (&str, &[u8])> {
        let prefix = format!("{}/", directory.trim_end_matches('/'));
        let files = self.files.iter();
        files
            .filter(move |(path, _)| path.starts_with(&prefix))
            .map(|(path, beginning)| (path.as_str(), beginning.as_slice()))
    }

    /// What `find` prints for `start`, sorted.
    pub(super) fn find(&self, start: &str, search: &Search<'_>) -> Vec<&str> {
        let start = start.trim_end_matches('/');
        let files = self.files.keys().filter(|_| !search.directories);
        let mut found: Vec<_> = files
            .chain(&self.directories)
            .map(String::as_str)
            .filter(|path| {
                let Some(below) = path.strip_prefix(start) else {
                    return false;
                };
                let is_below = below.is_empty() || below.starts_with('/');
                let depth = below.matches('/').count();
                let name = path.rsplit('/').next().unwrap_or_default();
                is_below
                    && search.depth.is_none_or(|most| depth <= most)
                    && search.name.is_none_or(|pattern| matches(pattern, name))
            })
            .collect();
        found.sort_unstable();
        found
    }

    /// The paths that a shell makes of `pattern`, sorted.
    pub(super) fn glob(&self, pattern: &str) -> Vec<&str> {
        let (directory, name) = pattern.rsplit_once('/').unwrap_or(("", pattern));
        let search = Search {
            name: Some(name),
            depth: Some(1),
            ..Search::default()
        };
        let mut found = self.find(directory, &search);
        found.retain(|path| *path != directory);
        found
    }
}

/// Whether a name matches a pattern, in which a `*` stands for any characters.
pub(super) fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((start, rest)) => name.strip_prefix(start).is_some_and(|name| {
            let ends = name.char_indices().map(|(at, _)| at).chain([name.len()]);
            ends.into_iter().any(|at| matches(rest, &name[at..]))
        }),
    }
}
