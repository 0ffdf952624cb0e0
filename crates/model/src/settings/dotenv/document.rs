//! What a `.env` file holds.

/// What is wrong with a `.env` file. Values never appear in it: they may be secrets.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct DotenvError {
    /// The line, counted from 1, where the trouble starts.
    pub line: usize,
    /// What is wrong there and what is expected.
    pub problem: &'static str,
}

/// A key with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// The value.
    pub value: String,
    /// The line, counted from 1, where it starts.
    pub line: usize,
}

/// What a user should know about a line. Never holds a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {key}: {remark}")]
pub struct Note {
    /// The line, counted from 1.
    pub line: usize,
    /// The key that stands there.
    pub key: String,
    /// How programs read it.
    pub remark: &'static str,
}

/// The content of a `.env` file, in its order.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// The keys with their values.
    pub entries: Vec<Entry>,
    /// What is to be said about the lines.
    pub notes: Vec<Note>,
}
