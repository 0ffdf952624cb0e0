//! Scalars in quotes.

use crate::{
    error::{Kind, Mark, Refused, shown},
    reader::{Reader, is_blank_or_end, is_break},
    token::{Style, TokenKind},
};

/// A scalar in single or double quotes.
pub(crate) fn quoted_scalar(reader: &mut Reader) -> Result<TokenKind, Refused> {
    let quote = reader.peek(0);
    let mut text = String::new();
    reader.forward(1);
    words(reader, quote, &mut text)?;
    while reader.peek(0) != quote {
        spaces(reader, &mut text)?;
        words(reader, quote, &mut text)?;
    }
    reader.forward(1);
    Ok(TokenKind::Scalar(text, Style::Quoted))
}

fn refused(mark: Mark, problem: impl Into<String>) -> Refused {
    Refused::new(Kind::Scanner, mark, problem)
}

/// Up to white space or the quote at the end.
fn words(reader: &mut Reader, quote: char, text: &mut String) -> Result<(), Refused> {
    let double = quote == '"';
    loop {
        let length = reader.count(|c| !matches!(c, '\'' | '"' | '\\') && !is_blank_or_end(c));
        text.push_str(&reader.take(length));
        match reader.peek(0) {
            '\'' if !double && reader.peek(1) == '\'' => {
                text.push('\'');
                reader.forward(2);
            }
            c @ ('\'' | '"') if c != quote => {
                text.push(c);
                reader.forward(1);
            }
            '\\' if !double => {
                text.push('\\');
                reader.forward(1);
            }
            '\\' => escape(reader, text)?,
            _ => return Ok(()),
        }
    }
}

fn escape(reader: &mut Reader, text: &mut String) -> Result<(), Refused> {
    reader.forward(1);
    let c = reader.peek(0);
    let digits = match c {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        c if is_break(c) => {
            reader.line_break();
            text.push_str(&breaks(reader)?);
            return Ok(());
        }
        c => {
            let replacement = replacement(c).ok_or_else(|| {
                let problem = format!("found unknown escape character {}", shown(c));
                refused(reader.mark(), problem)
            })?;
            text.push(replacement);
            reader.forward(1);
            return Ok(());
        }
    };
    reader.forward(1);
    let wrong = (0..digits)
        .map(|ahead| reader.peek(ahead))
        .find(|c| !c.is_ascii_hexdigit());
    if let Some(wrong) = wrong {
        let problem = format!(
            "expected escape sequence of {digits} hexadecimal numbers, but found {}",
            shown(wrong)
        );
        return Err(refused(reader.mark(), problem));
    }
    let mark = reader.mark();
    let code = reader.take(digits);
    let decoded = u32::from_str_radix(&code, 16).ok().and_then(char::from_u32);
    // Python also makes a text of half a surrogate pair, which no UTF-8 can hold.
    text.push(decoded.ok_or_else(|| {
        let problem = format!("the escape sequence {code} is not a character");
        Refused::new(Kind::Value, mark, problem)
    })?);
    Ok(())
}

fn replacement(c: char) -> Option<char> {
    Some(match c {
        '0' => '\0',
        'a' => '\x07',
        'b' => '\x08',
        't' | '\t' => '\t',
        'n' => '\n',
        'v' => '\x0b',
        'f' => '\x0c',
        'r' => '\r',
        'e' => '\x1b',
        ' ' | '"' | '\\' | '/' => c,
        'N' => '\u{85}',
        '_' => '\u{a0}',
        'L' => '\u{2028}',
        'P' => '\u{2029}',
        _ => return None,
    })
}

fn spaces(reader: &mut Reader, text: &mut String) -> Result<(), Refused> {
    let length = reader.count(|c| matches!(c, ' ' | '\t'));
    let blanks = reader.take(length);
    if reader.peek(0) == '\0' {
        return Err(refused(reader.mark(), "found unexpected end of stream"));
    }
    let Some(line_break) = reader.line_break() else {
        text.push_str(&blanks);
        return Ok(());
    };
    let breaks = breaks(reader)?;
    if line_break != '\n' {
        text.push(line_break);
    } else if breaks.is_empty() {
        text.push(' ');
    }
    text.push_str(&breaks);
    Ok(())
}

fn breaks(reader: &mut Reader) -> Result<String, Refused> {
    let mut breaks = String::new();
    loop {
        if reader.is_document_indicator() {
            return Err(refused(
                reader.mark(),
                "found unexpected document separator",
            ));
        }
        reader.skip(|c| matches!(c, ' ' | '\t'));
        match reader.line_break() {
            Some(line_break) => breaks.push(line_break),
            None => return Ok(breaks),
        }
    }
}
