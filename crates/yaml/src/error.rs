//! Why a text is refused.

use std::fmt;

/// A place in a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mark {
    /// The number of the character, from 0.
    pub(crate) index: usize,
    /// The number of the byte, from 0.
    pub(crate) byte: usize,
    /// The line, from 0.
    pub(crate) line: usize,
    /// The column, from 0.
    pub(crate) column: usize,
}

/// The part of `PyYAML`, or of Python, that refuses a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The text has characters that YAML does not allow.
    Reader,
    /// A token is wrong.
    Scanner,
    /// A token is at the wrong place.
    Parser,
    /// An alias, an anchor or a second document.
    Composer,
    /// A tag, a merge or a key.
    Constructor,
    /// A value that Python cannot make.
    Value,
    /// Collections are nested too deeply.
    Depth,
}

/// The name of the exception.
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Reader => "yaml.reader.ReaderError",
            Self::Scanner => "yaml.scanner.ScannerError",
            Self::Parser => "yaml.parser.ParserError",
            Self::Composer => "yaml.composer.ComposerError",
            Self::Constructor => "yaml.constructor.ConstructorError",
            Self::Value => "ValueError",
            Self::Depth => "RecursionError",
        })
    }
}

/// Why a text is refused, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {problem}")]
pub struct Refused {
    /// What refuses it.
    pub kind: Kind,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
    /// What is wrong, mostly in `PyYAML`'s words.
    pub problem: String,
}

impl Refused {
    pub(crate) fn new(kind: Kind, mark: Mark, problem: impl Into<String>) -> Self {
        Self {
            kind,
            line: mark.line + 1,
            column: mark.column + 1,
            problem: problem.into(),
        }
    }
}

/// A character in a message.
pub(crate) fn shown(c: char) -> String {
    match c {
        '\0' => "the end of the text".into(),
        c => format!("{c:?}"),
    }
}
