//! Reads and writes `.env` files the way python-dotenv and Docker Compose do, with which the file is shared.
//!
//! `KEY=value` a line, `export` in front allowed, blank lines and `#` comments skipped. A value is
//! bare (trimmed; a `#` after white space starts a comment), `'single quoted'` (`\\` and `\'` are
//! the only escapes) or `"double quoted"` (`\n`, `\r`, `\t`, `\\`, `\"`); quoted values may span
//! lines. Nothing is expanded: a `$` in a password is a `$`. The last of several lines with one
//! key wins.

/// What is wrong with a `.env` file. Values never appear in it: they may be secrets.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct DotenvError {
    /// The line, counted from 1, where the trouble starts.
    pub line: usize,
    /// What is wrong there and what is expected.
    pub problem: &'static str,
}

/// The keys and values of a `.env` file, in the order of the file.
pub fn parse(text: &str) -> Result<Vec<(String, String)>, DotenvError> {
    let mut reader = Reader {
        rest: text.strip_prefix('\u{feff}').unwrap_or(text),
        line: 1,
    };
    let mut pairs = Vec::new();
    while let Some(pair) = reader.next_pair()? {
        pairs.push(pair);
    }
    Ok(pairs)
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

struct Reader<'a> {
    rest: &'a str,
    line: usize,
}

impl Reader<'_> {
    fn next_pair(&mut self) -> Result<Option<(String, String)>, DotenvError> {
        loop {
            self.skip_blanks();
            match self.rest.chars().next() {
                None => return Ok(None),
                Some('\n' | '\r' | '#') => self.skip_line(),
                Some(_) => break,
            }
        }
        let key = self.key()?;
        let value = match self.rest.chars().next() {
            Some('\'') => self.quoted('\'')?,
            Some('"') => self.quoted('"')?,
            _ => self.bare(),
        };
        self.skip_line();
        Ok(Some((key, value)))
    }

    fn key(&mut self) -> Result<String, DotenvError> {
        if let Some(rest) = self.rest.strip_prefix("export")
            && rest.starts_with([' ', '\t'])
        {
            self.rest = rest;
            self.skip_blanks();
        }
        let end = self
            .rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-')))
            .unwrap_or(self.rest.len());
        let key = self.rest[..end].to_owned();
        self.rest = &self.rest[end..];
        self.skip_blanks();
        let Some(rest) = self.rest.strip_prefix('=').filter(|_| !key.is_empty()) else {
            return Err(self.error("expected KEY=value"));
        };
        self.rest = rest;
        self.skip_blanks();
        Ok(key)
    }

    fn bare(&mut self) -> String {
        let end = self.rest.find(['\n', '\r']).unwrap_or(self.rest.len());
        let (line, rest) = self.rest.split_at(end);
        self.rest = rest;
        let comment = line
            .char_indices()
            .find(|&(at, c)| c == '#' && (at == 0 || line[..at].ends_with([' ', '\t'])))
            .map_or(line.len(), |(at, _)| at);
        line[..comment].trim().to_owned()
    }

    fn quoted(&mut self, quote: char) -> Result<String, DotenvError> {
        let unclosed = self.error("the quoted value is not closed");
        let mut value = String::new();
        let mut chars = self.rest[1..].char_indices();
        while let Some((at, c)) = chars.next() {
            if c == quote {
                self.rest = &self.rest[1 + at + 1..];
                self.skip_blanks();
                return match self.rest.chars().next() {
                    None | Some('\n' | '\r' | '#') => Ok(value),
                    Some(_) => Err(self.error("expected nothing after the closing quote")),
                };
            }
            if c == '\n' {
                self.line += 1;
            }
            if c != '\\' {
                value.push(c);
                continue;
            }
            match (quote, chars.next()) {
                (_, None) => break,
                (_, Some((_, escaped))) if escaped == quote || escaped == '\\' => {
                    value.push(escaped);
                }
                ('"', Some((_, 'n'))) => value.push('\n'),
                ('"', Some((_, 'r'))) => value.push('\r'),
                ('"', Some((_, 't'))) => value.push('\t'),
                (_, Some((_, other))) => {
                    if other == '\n' {
                        self.line += 1;
                    }
                    value.extend(['\\', other]);
                }
            }
        }
        Err(unclosed)
    }

    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
    }

    /// Goes to the start of the next line, whichever of `\n`, `\r\n` and `\r` ends this one.
    fn skip_line(&mut self) {
        let Some(end) = self.rest.find(['\n', '\r']) else {
            self.rest = "";
            return;
        };
        let rest = &self.rest[end..];
        self.rest = rest.strip_prefix("\r\n").unwrap_or(&rest[1..]);
        self.line += 1;
    }

    fn error(&self, problem: &'static str) -> DotenvError {
        DotenvError {
            line: self.line,
            problem,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn value(text: &str) -> String {
        let pairs = parse(text).unwrap();
        assert_eq!(pairs.len(), 1, "{pairs:?}");
        assert_eq!(pairs[0].0, "KEY");
        pairs[0].1.clone()
    }

    #[test]
    fn bare_values_are_trimmed_and_lose_their_comment() {
        assert_eq!(value("KEY=value"), "value");
        assert_eq!(value("KEY =  two words \t # a comment"), "two words");
        assert_eq!(value("KEY=a#b"), "a#b");
        assert_eq!(value("KEY=a=b=="), "a=b==");
        assert_eq!(value("KEY=#all comment"), "");
        assert_eq!(value("KEY="), "");
        assert_eq!(value("KEY=p$w'r\"d"), "p$w'r\"d");
    }

    #[test]
    fn quoted_values_keep_what_is_between_the_quotes() {
        assert_eq!(value("KEY=' a # b '"), " a # b ");
        assert_eq!(value(r"KEY='it\'s \n\\'"), r"it's \n\");
        assert_eq!(
            value(r#"KEY="a\tb\n\"c\" \$ \\" # comment"#),
            "a\tb\n\"c\" \\$ \\"
        );
        assert_eq!(value("KEY=\"two\nlines\""), "two\nlines");
    }

    #[test]
    fn keys_may_be_exported_and_lines_may_end_in_any_way() {
        assert_eq!(value("\u{feff}export KEY=1"), "1");
        assert_eq!(value("  export\tKEY = 1"), "1");
        assert_eq!(
            parse("A=1\r\n# comment\r\n\r\nB='2'\r\nexported=3\nC=4").unwrap(),
            [("A", "1"), ("B", "2"), ("exported", "3"), ("C", "4")]
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
        );
    }

    #[test]
    fn trouble_is_told_with_its_line_and_without_the_value() {
        let error = |text| parse(text).unwrap_err().to_string();
        assert_eq!(error("A=1\nnonsense"), "line 2: expected KEY=value");
        assert_eq!(error("=1"), "line 1: expected KEY=value");
        assert_eq!(
            error("A='\nx'\nB=\"open"),
            "line 3: the quoted value is not closed"
        );
        assert_eq!(
            error("A='x' y"),
            "line 1: expected nothing after the closing quote"
        );
    }

    #[test]
    fn no_input_makes_it_panic() {
        for text in [
            "\\",
            "A=\"\\",
            "A='",
            "é=1",
            "A=é#",
            "export",
            "export =",
            "\r",
            "A=\"\\é\"",
        ] {
            let _ = parse(text);
        }
    }

    /// Every text of up to `length` of the characters that mean something to a reader.
    fn texts(length: usize) -> Vec<String> {
        let mut texts = vec![String::new()];
        let mut start = 0;
        for _ in 0..length {
            let end = texts.len();
            for at in start..end {
                for c in ['\'', '"', '\\', '\n', '\r', '#', ' ', '=', '$', 'n', 'é'] {
                    let text = format!("{}{c}", texts[at]);
                    texts.push(text);
                }
            }
            start = end;
        }
        texts
    }

    #[test]
    fn what_is_written_is_read_again() {
        for text in texts(4) {
            let written = write([("KEY", text.as_str()), ("LAST", "1")]);
            let read = parse(&written).unwrap();
            assert_eq!(
                read,
                [("KEY".into(), text), ("LAST".into(), "1".into())],
                "{written:?}"
            );
        }
    }
}
