//! The output of a child process, read as it comes.

use std::{
    collections::VecDeque,
    io::{BufRead, BufReader, Read},
    sync::{Arc, Mutex},
    thread,
};

use super::threads::lock;

/// How many of the last lines are kept.
const KEPT: usize = 200;

/// The last lines of one or more pipes. A thread empties each, so that no child ever blocks.
#[derive(Clone, Debug, Default)]
pub struct Output(Arc<Mutex<VecDeque<String>>>);

impl Output {
    /// Reads `pipe` to its end.
    pub fn read(&self, pipe: Option<impl Read + Send + 'static>) {
        let Some(pipe) = pipe else { return };
        let lines = Arc::clone(&self.0);
        thread::spawn(move || {
            let mut pipe = BufReader::new(pipe);
            let mut line = Vec::new();
            while pipe.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
                let mut lines = lock(&lines);
                if lines.len() == KEPT {
                    lines.pop_front();
                }
                lines.push_back(String::from_utf8_lossy(&line).trim_end().to_owned());
                line.clear();
            }
        });
    }

    /// The first answer that `look` has for a line.
    pub fn find<T>(&self, look: impl Fn(&str) -> Option<T>) -> Option<T> {
        let lines = lock(&self.0);
        lines.iter().find_map(|line| look(line))
    }

    /// Whether a line contains `part`.
    #[must_use]
    pub fn contains(&self, part: &str) -> bool {
        self.find(|line| line.contains(part).then_some(()))
            .is_some()
    }

    /// The lines kept so far.
    #[must_use]
    pub fn text(&self) -> String {
        let lines = lock(&self.0);
        lines.iter().flat_map(|line| [line, "\n"]).collect()
    }
}
