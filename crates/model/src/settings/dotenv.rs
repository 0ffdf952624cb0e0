//! Reads and writes `.env` files the way python-dotenv and Docker Compose do, with which the file is shared.
//!
//! `KEY=value` a line, `export` in front allowed, blank lines and `#` comments skipped. A value is
//! bare (trimmed; a `#` after white space starts a comment), `'single quoted'` (`\\` and `\'` are
//! the only escapes) or `"double quoted"` (`\n`, `\r`, `\t`, `\\`, `\"` and the rarer ones); quoted
//! values may span lines. Nothing is expanded: a `$` in a password is a `$`. The last of several
//! lines with one key wins.
//!
//! Where the two programs read a line differently, or expand a variable, a [`Note`] says so. What both
//! refuse is an error.

mod docker_compose;
mod document;
mod reader;

pub use document::{Document, DotenvError, Entry, Note};

/// Reads the text of a `.env` file.
pub fn read(text: &str) -> Result<Document, DotenvError> {
    reader::read(text)
}

/// The keys and values of a `.env` file, in the order of the file.
pub fn parse(text: &str) -> Result<Vec<(String, String)>, DotenvError> {
    let entries = read(text)?.entries.into_iter();
    Ok(entries.map(|entry| (entry.key, entry.value)).collect())
}

/// The text of a `.env` file that holds `pairs`. Every value is in single quotes, in which only the
/// quote and the backslash need an escape.
pub fn write<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut text = String::new();
    for (key, value) in pairs {
        let value = value.replace('\\', r"\\").replace('\'', r"\'");
        text.extend([key, "='", &value, "'\n"]);
    }
    text
}

#[cfg(test)]
mod tests;
