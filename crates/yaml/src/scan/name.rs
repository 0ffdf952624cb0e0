//! Anchors, aliases, tags and directives.

use crate::{
    error::{Kind, Mark, Refused, shown},
    reader::{Reader, is_blank_or_end, is_break, is_space_or_end},
    token::{Directive, TokenKind},
};

fn expected(what: &str, reader: &Reader, ahead: usize) -> Refused {
    let problem = format!("expected {what}, but found {}", shown(reader.peek(ahead)));
    Refused::new(Kind::Scanner, reader.mark(), problem)
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_')
}

const WORD: &str = "alphabetic or numeric character";

/// `&name` or `*name`.
pub(crate) fn anchor(reader: &mut Reader) -> Result<TokenKind, Refused> {
    let is_alias = reader.peek(0) == '*';
    reader.forward(1);
    let length = reader.count(is_word);
    if length == 0 {
        return Err(expected(WORD, reader, 0));
    }
    let name = reader.take(length);
    let next = reader.peek(0);
    if !is_blank_or_end(next) && !matches!(next, '?' | ':' | ',' | ']' | '}' | '%' | '@' | '`') {
        return Err(expected(WORD, reader, 0));
    }
    Ok(if is_alias {
        TokenKind::Alias(name)
    } else {
        TokenKind::Anchor(name)
    })
}

/// `!`, `!suffix`, `!handle!suffix` or `!<tag>`.
pub(crate) fn tag(reader: &mut Reader) -> Result<TokenKind, Refused> {
    let next = reader.peek(1);
    let (handle, suffix) = if next == '<' {
        reader.forward(2);
        let suffix = uri(reader)?;
        if reader.peek(0) != '>' {
            return Err(expected("'>'", reader, 0));
        }
        reader.forward(1);
        (None, suffix)
    } else if is_blank_or_end(next) {
        reader.forward(1);
        (None, "!".to_owned())
    } else {
        let mut length = 1;
        while !is_space_or_end(reader.peek(length)) && reader.peek(length) != '!' {
            length += 1;
        }
        let handle = if reader.peek(length) == '!' {
            tag_handle(reader)?
        } else {
            reader.take(1)
        };
        (Some(handle), uri(reader)?)
    };
    if !is_space_or_end(reader.peek(0)) {
        return Err(expected("' '", reader, 0));
    }
    Ok(TokenKind::Tag(handle, suffix))
}

/// `%YAML 1.1`, `%TAG !handle! prefix`, or another line that begins with `%`; and the line's mark.
pub(crate) fn directive(reader: &mut Reader) -> Result<(TokenKind, Mark), Refused> {
    reader.forward(1);
    let length = reader.count(is_word);
    if length == 0 {
        return Err(expected(WORD, reader, 0));
    }
    let name = reader.take(length);
    if !is_space_or_end(reader.peek(0)) {
        return Err(expected(WORD, reader, 0));
    }
    let directive = match name.as_str() {
        "YAML" => {
            reader.skip(|c| c == ' ');
            let major = number(reader)?;
            if reader.peek(0) != '.' {
                return Err(expected("a digit or '.'", reader, 0));
            }
            reader.forward(1);
            number(reader)?;
            if !is_space_or_end(reader.peek(0)) {
                return Err(expected("a digit or ' '", reader, 0));
            }
            Directive::Yaml(major)
        }
        "TAG" => {
            reader.skip(|c| c == ' ');
            let handle = tag_handle(reader)?;
            if reader.peek(0) != ' ' {
                return Err(expected("' '", reader, 0));
            }
            reader.skip(|c| c == ' ');
            let prefix = uri(reader)?;
            if !is_space_or_end(reader.peek(0)) {
                return Err(expected("' '", reader, 0));
            }
            Directive::Tag(handle, prefix)
        }
        _ => {
            reader.skip(|c| !is_break(c));
            Directive::Other
        }
    };
    let end = reader.mark();
    if !reader.rest_of_line_is_empty() {
        return Err(expected("a comment or a line break", reader, 0));
    }
    Ok((TokenKind::Directive(directive), end))
}

fn number(reader: &mut Reader) -> Result<String, Refused> {
    match reader.count(|c| c.is_ascii_digit()) {
        0 => Err(expected("a digit", reader, 0)),
        length => Ok(reader.take(length)),
    }
}

fn tag_handle(reader: &mut Reader) -> Result<String, Refused> {
    if reader.peek(0) != '!' {
        return Err(expected("'!'", reader, 0));
    }
    let mut length = 1;
    if reader.peek(1) != ' ' {
        while is_word(reader.peek(length)) {
            length += 1;
        }
        if reader.peek(length) != '!' {
            reader.forward(length);
            return Err(expected("'!'", reader, 0));
        }
        length += 1;
    }
    Ok(reader.take(length))
}

fn uri(reader: &mut Reader) -> Result<String, Refused> {
    let mut uri = String::new();
    loop {
        let length = reader.count(|c| is_word(c) || ";/?:@&=+$,_.!~*'()[]".contains(c));
        uri.push_str(&reader.take(length));
        if reader.peek(0) != '%' {
            break;
        }
        uri.push_str(&escapes(reader)?);
    }
    if uri.is_empty() {
        return Err(expected("URI", reader, 0));
    }
    Ok(uri)
}

fn escapes(reader: &mut Reader) -> Result<String, Refused> {
    let mark = reader.mark();
    let mut bytes = Vec::new();
    while reader.peek(0) == '%' {
        reader.forward(1);
        if let Some(wrong) = (0..2).find(|ahead| !reader.peek(*ahead).is_ascii_hexdigit()) {
            let what = "URI escape sequence of 2 hexadecimal numbers";
            return Err(expected(what, reader, wrong));
        }
        bytes.extend(u8::from_str_radix(&reader.take(2), 16));
    }
    String::from_utf8(bytes)
        .map_err(|_| Refused::new(Kind::Scanner, mark, "the URI escape sequence is not UTF-8"))
}
