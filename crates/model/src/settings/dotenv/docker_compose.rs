//! Docker Compose's reading of a single statement, as its library `compose-go` has it. The reader of
//! `.env` compares its own with it, and says where they differ.

/// Docker Compose's reading of a statement.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// It takes this value for this key.
    Value(String, String),
    /// It takes what is behind a `$` for a variable.
    Variable,
    /// It refuses the file, or takes no value.
    None,
}

impl Reading {
    /// Whether it is another value, or none.
    pub(super) fn differs_from(&self, key: &str, value: &str) -> bool {
        !matches!(self, Self::Value(k, v) if k == key && v == value)
    }
}

/// Reads the first statement of `text`, which begins with its key.
pub(super) fn first(text: &str) -> Reading {
    let Some((key, rest)) = key(text) else {
        return Reading::None;
    };
    let value = match rest.chars().next() {
        Some('"') => quoted(rest, '"').map(|value| substitute(&escapes(&value))),
        Some('\'') => quoted(rest, '\'').map(Some),
        _ => Some(substitute(bare(rest))),
    };
    match value {
        Some(Some(value)) => Reading::Value(key.to_owned(), value),
        Some(None) => Reading::Variable,
        None => Reading::None,
    }
}

/// The key, and what stands behind its separator and blanks.
fn key(text: &str) -> Option<(&str, &str)> {
    let text = match text.strip_prefix("export") {
        Some(rest) if rest.starts_with([' ', '\t', '\n', '\r', '\u{c}']) => {
            rest.trim_start_matches(is_blank)
        }
        _ => text,
    };
    let is_part = |c: char| is_blank(c) || c.is_alphanumeric() || "_.-[]".contains(c);
    let end = text.find(|c| !is_part(c))?;
    let rest = text[end..].strip_prefix(['=', ':'])?;
    let key = text[..end].trim_end();
    // It drops keys that start with a digit, and refuses a space in others.
    let is_taken = !key.contains(' ') && !key.starts_with(char::is_numeric);
    is_taken.then(|| (key, rest.trim_start_matches(is_blank)))
}

fn bare(text: &str) -> &str {
    let line = text.split('\n').next().unwrap_or_default();
    let value = line.split_once(" #").map_or(line, |(value, _)| value);
    value.trim_end()
}

/// What stands between the quotes. A backslash stays unless it is in front of a quote.
fn quoted(text: &str, quote: char) -> Option<String> {
    let mut value = String::new();
    let mut is_escaped = false;
    for c in text.chars().skip(1) {
        if is_escaped {
            if c != quote {
                value.push('\\');
            }
            value.push(c);
            is_escaped = false;
        } else if c == quote {
            return Some(value);
        } else if c == '\\' {
            is_escaped = true;
        } else {
            value.push(c);
        }
    }
    None
}

/// Replaces the escapes of a value in double quotes.
fn escapes(text: &str) -> String {
    let mut value = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        value += &rest[..at];
        rest = &rest[at + 1..];
        let Some(escaped) = rest.chars().next() else {
            value.push('\\');
            break;
        };
        let replaced = match escaped {
            '$' => "$$",
            '\\' => "\\",
            '"' => "\"",
            'a' => "\u{7}",
            'b' => "\u{8}",
            'f' => "\u{c}",
            'n' => "\n",
            'r' => "\r",
            't' => "\t",
            'v' => "\u{b}",
            '0' => {
                let (c, behind) = octal(rest);
                value += &c;
                rest = behind;
                continue;
            }
            _ => {
                value.push('\\');
                continue;
            }
        };
        value += replaced;
        rest = &rest[escaped.len_utf8()..];
    }
    value + rest
}

/// The character of `0` and up to three octal digits at the start of `text`, and what follows. It
/// takes exactly three.
fn octal(text: &str) -> (String, &str) {
    let is_digit = |c: &char| c.is_ascii_digit();
    let length = 1 + text[1..].chars().take(3).take_while(is_digit).count();
    let (number, rest) = text.split_at(length);
    let byte = (length == 4).then(|| u8::from_str_radix(&number[1..], 8).ok());
    let value = byte.flatten().map(|byte| char::from(byte).to_string());
    // It drops the 0 before it looks at what follows.
    let kept = || format!("\\{}", &number[1..]);
    (value.unwrap_or_else(kept), rest)
}

/// `$$` stands for a `$`. None if a variable is to be replaced.
fn substitute(text: &str) -> Option<String> {
    let mut value = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        value += &rest[..=at];
        rest = &rest[at + 1..];
        match rest.chars().next() {
            Some('$') => rest = &rest[1..],
            Some(c) if c == '_' || c == '{' || c.is_ascii_alphabetic() => return None,
            _ => {}
        }
    }
    Some(value + rest)
}

/// White space that ends no line, as that library has it.
fn is_blank(c: char) -> bool {
    matches!(
        c,
        '\t' | '\u{b}' | '\u{c}' | '\r' | ' ' | '\u{85}' | '\u{a0}'
    )
}
