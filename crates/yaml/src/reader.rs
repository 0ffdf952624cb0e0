//! The characters of a text, one by one.

use crate::error::{Kind, Mark, Refused};

/// A text and the place in it. Behind its end there is `\0`, which no text may contain.
#[derive(Debug)]
pub(crate) struct Reader {
    chars: Vec<char>,
    at: Mark,
}

impl Reader {
    /// Fails at the first character that is not printable.
    pub(crate) fn new(text: &str) -> Result<Self, Refused> {
        let mut reader = Self {
            chars: text.chars().collect(),
            at: Mark::default(),
        };
        while let Some(c) = reader.chars.get(reader.at.index).copied() {
            if !is_printable(c) {
                let problem = format!("special characters are not allowed, but found {c:?}");
                return Err(Refused::new(Kind::Reader, reader.at, problem));
            }
            reader.forward(1);
        }
        reader.at = Mark::default();
        Ok(reader)
    }

    pub(crate) fn peek(&self, ahead: usize) -> char {
        self.chars
            .get(self.at.index + ahead)
            .copied()
            .unwrap_or('\0')
    }

    pub(crate) fn mark(&self) -> Mark {
        self.at
    }

    pub(crate) fn forward(&mut self, count: usize) {
        for _ in 0..count {
            let c = self.peek(0);
            self.at.index += 1;
            self.at.byte += c.len_utf8();
            if is_break(c) && !(c == '\r' && self.peek(0) == '\n') {
                self.at.line += 1;
                self.at.column = 0;
            } else if c != '\u{feff}' {
                self.at.column += 1;
            }
        }
    }

    /// Takes the next `count` characters.
    pub(crate) fn take(&mut self, count: usize) -> String {
        let text = (0..count).map(|ahead| self.peek(ahead)).collect();
        self.forward(count);
        text
    }

    /// How many of the next characters are so.
    pub(crate) fn count(&self, is_so: impl Fn(char) -> bool) -> usize {
        let rest = self.chars.get(self.at.index..).unwrap_or_default();
        rest.iter().take_while(|c| is_so(**c)).count()
    }

    pub(crate) fn skip(&mut self, is_so: impl Fn(char) -> bool) {
        self.forward(self.count(is_so));
    }

    /// Takes a line break. The usual ones become `\n`.
    pub(crate) fn line_break(&mut self) -> Option<char> {
        match self.peek(0) {
            '\r' if self.peek(1) == '\n' => {
                self.forward(2);
                Some('\n')
            }
            '\r' | '\n' | '\u{85}' => {
                self.forward(1);
                Some('\n')
            }
            c @ ('\u{2028}' | '\u{2029}') => {
                self.forward(1);
                Some(c)
            }
            _ => None,
        }
    }

    /// Skips spaces and a comment. Whether the line ends there, which is skipped as well.
    pub(crate) fn rest_of_line_is_empty(&mut self) -> bool {
        self.skip(|c| c == ' ');
        if self.peek(0) == '#' {
            self.skip(|c| !is_break(c));
        }
        let ends = is_break_or_end(self.peek(0));
        if ends {
            self.line_break();
        }
        ends
    }

    /// Whether `---` or `...` stands here alone.
    pub(crate) fn is_document_indicator(&self) -> bool {
        self.is_indicator('-') || self.is_indicator('.')
    }

    /// Whether three of `c` stand here alone.
    pub(crate) fn is_indicator(&self, c: char) -> bool {
        (0..3).all(|ahead| self.peek(ahead) == c) && is_blank_or_end(self.peek(3))
    }
}

fn is_printable(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

pub(crate) fn is_break(c: char) -> bool {
    matches!(c, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

pub(crate) fn is_break_or_end(c: char) -> bool {
    c == '\0' || is_break(c)
}

/// A space, a line break or the end, but no tab.
pub(crate) fn is_space_or_end(c: char) -> bool {
    c == ' ' || is_break_or_end(c)
}

pub(crate) fn is_blank_or_end(c: char) -> bool {
    c == '\t' || is_space_or_end(c)
}
