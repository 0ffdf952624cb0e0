//! Where a text stops being JSON, and what Python's `json` module says about it.
//!
//! The 422 for a malformed body carries Python's words and a character offset.

/// What is wrong with a text that is not JSON, and at which character (counted from 0).
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Malformed {
    pub(crate) reason: &'static str,
    pub(crate) at: usize,
}

/// The first flaw that Python's decoder finds in `text`, which is known not to be JSON.
pub(crate) fn first_flaw(text: &str) -> Malformed {
    let mut reader = Reader {
        chars: text.chars().collect(),
        at: 0,
    };
    reader.spaces();
    if let Err(flaw) = reader.value() {
        return flaw;
    }
    reader.spaces();
    reader.flaw("Extra data")
}

struct Reader {
    chars: Vec<char>,
    at: usize,
}

type Read = Result<(), Malformed>;

impl Reader {
    fn flaw(&self, reason: &'static str) -> Malformed {
        Malformed {
            reason,
            at: self.at,
        }
    }

    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn take(&mut self, expected: char) -> bool {
        let found = self.peek() == Some(expected);
        self.at += usize::from(found);
        found
    }

    fn spaces(&mut self) {
        while matches!(self.peek(), Some(' ' | '\t' | '\n' | '\r')) {
            self.at += 1;
        }
    }

    fn value(&mut self) -> Read {
        match self.peek() {
            Some('{') => self.object(),
            Some('[') => self.array(),
            Some('"') => self.string(),
            _ => self.scalar(),
        }
    }

    fn object(&mut self) -> Read {
        self.at += 1;
        self.spaces();
        if self.take('}') {
            return Ok(());
        }
        loop {
            if self.peek() != Some('"') {
                return Err(self.flaw("Expecting property name enclosed in double quotes"));
            }
            self.string()?;
            self.spaces();
            if !self.take(':') {
                return Err(self.flaw("Expecting ':' delimiter"));
            }
            self.spaces();
            self.value()?;
            self.spaces();
            if self.take('}') {
                return Ok(());
            }
            if !self.take(',') {
                return Err(self.flaw("Expecting ',' delimiter"));
            }
            self.spaces();
        }
    }

    fn array(&mut self) -> Read {
        self.at += 1;
        self.spaces();
        if self.take(']') {
            return Ok(());
        }
        loop {
            self.value()?;
            self.spaces();
            if self.take(']') {
                return Ok(());
            }
            if !self.take(',') {
                return Err(self.flaw("Expecting ',' delimiter"));
            }
            self.spaces();
        }
    }

    fn string(&mut self) -> Read {
        let unterminated = self.flaw("Unterminated string starting at");
        self.at += 1;
        loop {
            match self.peek() {
                None => return Err(unterminated),
                Some('"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some('\\') => self.escape()?,
                Some(c) if c < ' ' => return Err(self.flaw("Invalid control character at")),
                Some(_) => self.at += 1,
            }
        }
    }

    fn escape(&mut self) -> Read {
        let escaped = self.chars.get(self.at + 1).copied();
        match escaped {
            Some('"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't') | None => {
                self.at = (self.at + 2).min(self.chars.len());
                Ok(())
            }
            Some('u') => {
                let digits = self.chars.get(self.at + 2..self.at + 6);
                if digits.is_some_and(|d| d.iter().all(char::is_ascii_hexdigit)) {
                    self.at += 6;
                    Ok(())
                } else {
                    self.at += 1;
                    Err(self.flaw("Invalid \\uXXXX escape"))
                }
            }
            Some(_) => Err(self.flaw("Invalid \\escape")),
        }
    }

    fn scalar(&mut self) -> Read {
        let start = self.at;
        while matches!(self.peek(), Some(c) if c.is_ascii_alphanumeric() || "+-.".contains(c)) {
            self.at += 1;
        }
        let word: String = self.chars[start..self.at].iter().collect();
        if serde_json::from_str::<serde_json::Value>(&word).is_ok() {
            return Ok(());
        }
        self.at = start;
        Err(self.flaw("Expecting value"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_named_and_placed_as_python_does() {
        for (text, reason, at) in [
            (
                "{nope",
                "Expecting property name enclosed in double quotes",
                1,
            ),
            (
                "{\"a\": 1,}",
                "Expecting property name enclosed in double quotes",
                8,
            ),
            ("{\"a\" 1}", "Expecting ':' delimiter", 5),
            ("{\"a\": 1 \"b\"", "Expecting ',' delimiter", 8),
            ("[1 2]", "Expecting ',' delimiter", 3),
            ("nope", "Expecting value", 0),
            ("[1,]", "Expecting value", 3),
            ("{} x", "Extra data", 3),
            ("\"abc", "Unterminated string starting at", 0),
            ("\"é\\x\"", "Invalid \\escape", 2),
        ] {
            assert_eq!(first_flaw(text), Malformed { reason, at }, "{text}");
        }
    }
}
