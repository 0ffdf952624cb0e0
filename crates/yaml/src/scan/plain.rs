//! Scalars without quotes.

use crate::{
    error::Mark,
    reader::{Reader, is_blank_or_end, is_space_or_end},
    token::{Style, TokenKind},
};

/// A scalar, its end, and whether it takes up a line break, behind which a key may begin.
pub(crate) struct Plain {
    pub(crate) kind: TokenKind,
    pub(crate) end: Mark,
    pub(crate) takes_break: bool,
}

/// A plain scalar whose further lines must be indented by `indent` at least, unless it is in brackets.
pub(crate) fn plain_scalar(reader: &mut Reader, indent: usize, in_flow: bool) -> Plain {
    let mut text = String::new();
    let mut end = reader.mark();
    let mut spaces = String::new();
    let mut takes_break = false;
    while reader.peek(0) != '#' {
        let mut length = 0;
        while !ends(reader.peek(length), reader.peek(length + 1), in_flow) {
            length += 1;
        }
        if length == 0 {
            break;
        }
        text.push_str(&spaces);
        text.push_str(&reader.take(length));
        end = reader.mark();
        takes_break = false;
        spaces = white_space(reader, &mut takes_break);
        if spaces.is_empty() || (!in_flow && reader.mark().column < indent) {
            break;
        }
    }
    Plain {
        kind: TokenKind::Scalar(text, Style::Plain),
        end,
        takes_break,
    }
}

fn ends(c: char, next: char, in_flow: bool) -> bool {
    let is_flow_indicator = |c: char| in_flow && matches!(c, ',' | '[' | ']' | '{' | '}');
    is_blank_or_end(c)
        || (c == ':' && (is_blank_or_end(next) || is_flow_indicator(next)))
        || is_flow_indicator(c)
        || (in_flow && c == '?')
}

/// The white space between two words, folded. Empty if the scalar ends before it.
fn white_space(reader: &mut Reader, takes_break: &mut bool) -> String {
    let length = reader.count(|c| c == ' ');
    let blanks = reader.take(length);
    let Some(line_break) = reader.line_break() else {
        return blanks;
    };
    *takes_break = true;
    if reader.is_document_indicator() {
        return String::new();
    }
    let mut breaks = String::new();
    while reader.peek(0) != '\0' && is_space_or_end(reader.peek(0)) {
        if reader.peek(0) == ' ' {
            reader.forward(1);
        } else {
            breaks.extend(reader.line_break());
            if reader.is_document_indicator() {
                return String::new();
            }
        }
    }
    if line_break != '\n' {
        breaks.insert(0, line_break);
    } else if breaks.is_empty() {
        breaks.push(' ');
    }
    breaks
}
