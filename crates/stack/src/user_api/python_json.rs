//! The error of Python's `json` module for a text that is not JSON.
//!
//! The 422 for a malformed body carries Python's message and a character offset. `serde_json`
//! reports other places, and has one error for several of Python's.

/// The first error in a text that is not JSON, and its character (counted from 0).
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Malformed {
    pub(crate) reason: &'static str,
    pub(crate) at: usize,
}

/// How deep arrays and objects may lie in one another, for `serde_json` and so for us.
const DEEPEST: usize = 127;

/// The first flaw that Python's decoder finds in `text`, which `serde_json` has refused. `None` if
/// the text is too deep to be read: Python gives up on such a text in another way.
pub(crate) fn first_flaw(text: &str) -> Option<Malformed> {
    let mut reader = Reader {
        chars: text.chars().collect(),
        at: 0,
        depth: 0,
    };
    match reader.only_value() {
        Stop::Flaw(flaw) => Some(flaw),
        Stop::TooDeep => None,
    }
}

/// Why a text is not read on.
enum Stop {
    Flaw(Malformed),
    TooDeep,
}

struct Reader {
    chars: Vec<char>,
    at: usize,
    /// In how many arrays and objects.
    depth: usize,
}

type Read = Result<(), Stop>;

impl Reader {
    fn flaw(&self, reason: &'static str) -> Stop {
        Stop::Flaw(Malformed {
            reason,
            at: self.at,
        })
    }

    /// Reads a text that should be one value and is not.
    fn only_value(&mut self) -> Stop {
        self.spaces();
        if let Err(stop) = self.value() {
            return stop;
        }
        self.spaces();
        self.flaw("Extra data")
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
            Some('{') => self.inside(Self::object),
            Some('[') => self.inside(Self::array),
            Some('"') => self.string(),
            _ => self.scalar(),
        }
    }

    fn inside(&mut self, read: fn(&mut Self) -> Read) -> Read {
        if self.depth == DEEPEST {
            return Err(Stop::TooDeep);
        }
        self.depth += 1;
        read(self)?;
        self.depth -= 1;
        Ok(())
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
    use proptest::prelude::*;

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
            assert_eq!(first_flaw(text), Some(Malformed { reason, at }), "{text}");
        }
    }

    #[test]
    fn text_that_is_nested_too_deeply_is_not_read() {
        let nested = |depth: usize| "[".repeat(depth);
        let malformed = first_flaw(&nested(DEEPEST)).unwrap();
        assert_eq!(malformed.reason, "Expecting value");
        for depth in [DEEPEST + 1, 1_000_000] {
            assert_eq!(first_flaw(&nested(depth)), None);
            let closed = nested(depth) + &"]".repeat(depth);
            assert!(serde_json::from_str::<serde_json::Value>(&closed).is_err());
            assert_eq!(first_flaw(&closed), None);
        }
        let deepest = nested(DEEPEST) + &"]".repeat(DEEPEST);
        assert!(serde_json::from_str::<serde_json::Value>(&deepest).is_ok());
    }

    proptest! {
        #[test]
        fn any_text_but_json_has_an_error_inside(
            text in r#"([\[\]{},:"\\ \n]|true|null|-?[0-9]{1,4}(\.[0-9])?|"[a-z]{0,3}"|\\u[0-9a-g]{0,4}|\PC){0,30}"#,
        ) {
            if serde_json::from_str::<serde_json::Value>(&text).is_err() {
                let flaw = first_flaw(&text).expect("not that deep");
                prop_assert!(flaw.at <= text.chars().count());
            }
        }
    }
}
