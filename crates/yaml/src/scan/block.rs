//! Literal and folded scalars.

use crate::{
    error::{Kind, Refused, shown},
    reader::{Reader, is_break, is_break_or_end, is_space_or_end},
    token::{Style, TokenKind},
};

/// What becomes of the line breaks at the end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Chomping {
    Strip,
    Clip,
    Keep,
}

/// A scalar that begins with `|` or `>`, in a block that is indented by `indent`.
pub(crate) fn block_scalar(
    reader: &mut Reader,
    indent: Option<usize>,
) -> Result<TokenKind, Refused> {
    let folded = reader.peek(0) == '>';
    reader.forward(1);
    let (chomping, increment) = indicators(reader)?;
    if !reader.rest_of_line_is_empty() {
        let found = shown(reader.peek(0));
        let problem = format!("expected a comment or a line break, but found {found}");
        return Err(Refused::new(Kind::Scanner, reader.mark(), problem));
    }
    let least = indent.map_or(0, |indent| indent + 1).max(1);
    let (indent, mut breaks) = if let Some(increment) = increment {
        let indent = least + increment - 1;
        (indent, breaks_before(reader, indent))
    } else {
        let (deepest, breaks) = indentation(reader);
        (deepest.max(least), breaks)
    };
    let mut text = String::new();
    let mut line_break = None;
    while reader.mark().column == indent && reader.peek(0) != '\0' {
        text.push_str(&breaks);
        let begins_blank = is_space_or_tab(reader.peek(0));
        let length = reader.count(|c| !is_break(c));
        text.push_str(&reader.take(length));
        line_break = reader.line_break();
        breaks = breaks_before(reader, indent);
        if reader.mark().column != indent || reader.peek(0) == '\0' {
            break;
        }
        if folded && line_break == Some('\n') && !begins_blank && !is_space_or_tab(reader.peek(0)) {
            if breaks.is_empty() {
                text.push(' ');
            }
        } else {
            text.extend(line_break);
        }
    }
    if chomping != Chomping::Strip {
        text.extend(line_break);
    }
    if chomping == Chomping::Keep {
        text.push_str(&breaks);
    }
    Ok(TokenKind::Scalar(text, Style::Block))
}

fn is_space_or_tab(c: char) -> bool {
    matches!(c, ' ' | '\t')
}

fn indicators(reader: &mut Reader) -> Result<(Chomping, Option<usize>), Refused> {
    let mut chomping = None;
    let mut increment = None;
    // Each at most once, in any order.
    for _ in 0..2 {
        match reader.peek(0) {
            c @ ('+' | '-') if chomping.is_none() => {
                chomping = Some(if c == '+' {
                    Chomping::Keep
                } else {
                    Chomping::Strip
                });
            }
            c @ '0'..='9' if increment.is_none() => {
                increment = c.to_digit(10).and_then(|digit| usize::try_from(digit).ok());
                if increment == Some(0) {
                    let problem = "expected indentation indicator in the range 1-9, but found 0";
                    return Err(Refused::new(Kind::Scanner, reader.mark(), problem));
                }
            }
            _ => break,
        }
        reader.forward(1);
    }
    let next = reader.peek(0);
    if !is_space_or_end(next) {
        let found = shown(next);
        let problem = format!("expected chomping or indentation indicators, but found {found}");
        return Err(Refused::new(Kind::Scanner, reader.mark(), problem));
    }
    Ok((chomping.unwrap_or(Chomping::Clip), increment))
}

/// The deepest indentation of the lines up to the first with a text, and their breaks.
fn indentation(reader: &mut Reader) -> (usize, String) {
    let mut breaks = String::new();
    let mut deepest = 0;
    while !matches!(reader.peek(0), '\0') && is_space_or_end(reader.peek(0)) {
        if reader.peek(0) == ' ' {
            reader.forward(1);
            deepest = deepest.max(reader.mark().column);
        } else {
            breaks.extend(reader.line_break());
        }
    }
    (deepest, breaks)
}

/// The breaks of empty lines, up to one that is indented by `indent` or less.
fn breaks_before(reader: &mut Reader, indent: usize) -> String {
    let mut breaks = String::new();
    loop {
        while reader.mark().column < indent && reader.peek(0) == ' ' {
            reader.forward(1);
        }
        if reader.peek(0) == '\0' || !is_break_or_end(reader.peek(0)) {
            return breaks;
        }
        breaks.extend(reader.line_break());
    }
}
