//! Reads a `.env` file.

use super::{
    docker_compose::{self, Reading},
    document::{Document, DotenvError, Entry, Note},
};

const EXPECTED: &str = "expected KEY=value";

const NOTHING: &str = "there is no = behind it, so it sets nothing";

const LIKE_PYTHON: &str = "python-dotenv and Docker Compose read this line differently; here it is \
                           read as python-dotenv does";

const LIKE_DOCKER_COMPOSE: &str = "python-dotenv and Docker Compose read this line differently; \
                                   here it is read as Docker Compose does";

const VARIABLE_OF_BOTH: &str = "python-dotenv and Docker Compose take what is behind the $ for a \
                                variable; here the value is taken as it stands";

const VARIABLE_OF_PYTHON: &str = "python-dotenv takes ${…} for a variable, Docker Compose does not; \
                                  here the value is taken as it stands";

const VARIABLE_OF_DOCKER_COMPOSE: &str = "Docker Compose takes what is behind the $ for a variable, python-dotenv does not; here the value \
     is taken as it stands, as both take it in single quotes";

/// Reads the text of a file.
pub(super) fn read(text: &str) -> Result<Document, DotenvError> {
    let mut reader = Reader {
        rest: text.strip_prefix('\u{feff}').unwrap_or(text),
        line: 1,
        document: Document::default(),
    };
    while reader.find_statement() {
        reader.statement()?;
    }
    let Document { entries, mut notes } = reader.document;
    // The last value of a key counts, so nothing is to be said about others, unless Docker Compose
    // takes several lines for one.
    if !text.replace("\r\n", "").contains('\r') {
        notes.retain(|note| {
            let mut later = entries.iter().filter(|entry| entry.line > note.line);
            !later.any(|entry| entry.key == note.key)
        });
    }
    Ok(Document { entries, notes })
}

struct Reader<'a> {
    rest: &'a str,
    line: usize,
    document: Document,
}

impl<'a> Reader<'a> {
    /// Goes to the next statement, if there is one.
    fn find_statement(&mut self) -> bool {
        loop {
            self.skip_blanks();
            match self.rest.chars().next() {
                None => return false,
                Some('\n' | '\r' | '#') => self.skip_line(),
                Some(_) => return true,
            }
        }
    }

    fn statement(&mut self) -> Result<(), DotenvError> {
        let (statement, line) = (self.rest, self.line);
        let (key, separator) = self.key()?;
        let Some(separator) = separator else {
            self.note(line, key, NOTHING);
            self.skip_line();
            return Ok(());
        };
        let before = self.rest;
        self.skip_blanks();
        let has_blank = self.rest.len() < before.len();
        let is_comment = self.rest.starts_with('#') && has_blank && separator == '=';
        let value = match self.rest.chars().next() {
            _ if is_comment => String::new(),
            Some(quote @ ('\'' | '"')) => self.quoted(quote)?,
            _ => self.bare(),
        };
        let docker_compose = docker_compose::first(statement);
        // python-dotenv skips such a line.
        if separator == ':' && docker_compose.differs_from(&key, &value) {
            return Err(DotenvError {
                line,
                problem: EXPECTED,
            });
        }
        // python-dotenv reads every end of a line as a line feed.
        let source = &statement[..statement.len() - self.rest.len()];
        let is_exact = separator == '=' && !source.contains('\r');
        if let Some(remark) = remark(is_exact, &docker_compose, &key, &value) {
            self.note(line, key.clone(), remark);
        }
        self.document.entries.push(Entry { key, value, line });
        self.skip_line();
        Ok(())
    }

    /// Reads the key and what separates it from its value; nothing does if it stands alone.
    fn key(&mut self) -> Result<(String, Option<char>), DotenvError> {
        if let Some(rest) = self.rest.strip_prefix("export")
            && rest.starts_with(is_blank)
        {
            self.rest = rest;
            self.skip_blanks();
        }
        let key = match self.rest.strip_prefix('\'') {
            Some(rest) => {
                let (key, rest) = rest
                    .split_once('\'')
                    .filter(|(key, _)| !key.contains(['\n', '\r']))
                    .ok_or_else(|| self.error("the quoted key is not closed"))?;
                self.rest = rest;
                key
            }
            None => self.bare_key(),
        };
        self.skip_blanks();
        let separator = match self.rest.chars().next() {
            _ if key.is_empty() => return Err(self.error(EXPECTED)),
            None | Some('\n' | '\r' | '#') => None,
            Some(separator @ ('=' | ':')) => Some(separator),
            Some(_) => return Err(self.error(EXPECTED)),
        };
        self.rest = separator.map_or(self.rest, |_| &self.rest[1..]);
        Ok((key.to_owned(), separator))
    }

    fn bare_key(&mut self) -> &'a str {
        let is_end = |c: char| matches!(c, '=' | ':' | '#') || is_blank(c) || is_end_of_line(c);
        let (key, rest) = self
            .rest
            .split_at(self.rest.find(is_end).unwrap_or(self.rest.len()));
        self.rest = rest;
        key
    }

    fn bare(&mut self) -> String {
        let end = self.rest.find(is_end_of_line).unwrap_or(self.rest.len());
        let (line, rest) = self.rest.split_at(end);
        self.rest = rest;
        let comment = line
            .match_indices('#')
            .find(|(at, _)| line[..*at].ends_with(is_blank))
            .map_or(line.len(), |(at, _)| at);
        line[..comment].trim_end_matches(is_blank).to_owned()
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
            let Some((_, escaped)) = chars.next() else {
                break;
            };
            if escaped == '\n' {
                self.line += 1;
            }
            match unescaped(quote, escaped) {
                Some(c) => value.push(c),
                None => value.extend(['\\', escaped]),
            }
        }
        Err(unclosed)
    }

    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start_matches(is_blank);
    }

    /// Goes to the start of the next line, whichever of `\n`, `\r\n` and `\r` ends this one.
    fn skip_line(&mut self) {
        let Some(end) = self.rest.find(is_end_of_line) else {
            self.rest = "";
            return;
        };
        let rest = &self.rest[end..];
        self.rest = rest.strip_prefix("\r\n").unwrap_or(&rest[1..]);
        self.line += 1;
    }

    fn note(&mut self, line: usize, key: String, remark: &'static str) {
        self.document.notes.push(Note { line, key, remark });
    }

    fn error(&self, problem: &'static str) -> DotenvError {
        DotenvError {
            line: self.line,
            problem,
        }
    }
}

/// The character that a backslash and `escaped` stand for between such quotes.
fn unescaped(quote: char, escaped: char) -> Option<char> {
    match (quote, escaped) {
        (_, '\\' | '\'') => Some(escaped),
        ('"', '"') => Some('"'),
        ('"', 'a') => Some('\u{7}'),
        ('"', 'b') => Some('\u{8}'),
        ('"', 'f') => Some('\u{c}'),
        ('"', 'n') => Some('\n'),
        ('"', 'r') => Some('\r'),
        ('"', 't') => Some('\t'),
        ('"', 'v') => Some('\u{b}'),
        _ => None,
    }
}

/// What is to be said where the other two read a statement differently. `is_exact`: python-dotenv reads
/// this value where it expands none.
fn remark(
    is_exact: bool,
    docker_compose: &Reading,
    key: &str,
    value: &str,
) -> Option<&'static str> {
    match (docker_compose, is_variable_of_python(value)) {
        (Reading::Variable, true) => Some(VARIABLE_OF_BOTH),
        (Reading::Variable, false) => Some(VARIABLE_OF_DOCKER_COMPOSE),
        (_, true) => Some(VARIABLE_OF_PYTHON),
        _ if !docker_compose.differs_from(key, value) => (!is_exact).then_some(LIKE_DOCKER_COMPOSE),
        _ => Some(LIKE_PYTHON),
    }
}

/// Whether `${NAME}` or `${NAME:-default}` is in the value.
fn is_variable_of_python(value: &str) -> bool {
    value.match_indices("${").any(|(at, open)| {
        let rest = &value[at + open.len()..];
        let Some(end) = rest.find(['}', ':']) else {
            return false;
        };
        let rest = &rest[end..];
        rest.starts_with('}')
            || rest
                .strip_prefix(":-")
                .is_some_and(|rest| rest.contains('}'))
    })
}

fn is_end_of_line(c: char) -> bool {
    matches!(c, '\n' | '\r')
}

/// White space that ends no line, as Python has it.
fn is_blank(c: char) -> bool {
    (c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)) && !is_end_of_line(c)
}
