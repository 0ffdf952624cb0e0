//! Splits a text into tokens. Indentation and the keys of mappings become tokens as well.

use std::collections::{BTreeMap, VecDeque};

use crate::{
    error::{Kind, Mark, Refused, shown},
    reader::{Reader, is_blank_or_end, is_break},
    scan,
    token::{Token, TokenKind},
};

/// How far behind a key on the same line its colon may be.
const LONGEST_KEY: usize = 1024;

/// What may turn out to be a key, once a colon follows.
#[derive(Debug)]
struct SimpleKey {
    token_number: usize,
    /// Whether a colon must follow.
    required: bool,
    mark: Mark,
}

/// The tokens of a text.
#[derive(Debug)]
pub(crate) struct Scanner {
    reader: Reader,
    done: bool,
    tokens: VecDeque<Token>,
    tokens_taken: usize,
    flow_level: usize,
    /// The column of the block; `None` outside of any.
    indent: Option<usize>,
    indents: Vec<Option<usize>>,
    allow_simple_key: bool,
    /// By the level of brackets.
    possible_simple_keys: BTreeMap<usize, SimpleKey>,
}

impl Scanner {
    pub(crate) fn new(reader: Reader) -> Self {
        Self {
            reader,
            done: false,
            tokens: VecDeque::new(),
            tokens_taken: 0,
            flow_level: 0,
            indent: None,
            indents: Vec::new(),
            allow_simple_key: true,
            possible_simple_keys: BTreeMap::new(),
        }
    }

    /// The next token, which stays the next.
    pub(crate) fn peek(&mut self) -> Result<&Token, Refused> {
        while self.needs_more()? {
            self.fetch()?;
        }
        let mark = self.reader.mark();
        let ended = || Refused::new(Kind::Parser, mark, "expected more, but found <stream end>");
        self.tokens.front().ok_or_else(ended)
    }

    /// Takes the next token.
    pub(crate) fn next(&mut self) -> Result<Token, Refused> {
        let token = self.peek()?.clone();
        self.tokens.pop_front();
        self.tokens_taken += 1;
        Ok(token)
    }

    fn needs_more(&mut self) -> Result<bool, Refused> {
        if self.done {
            return Ok(false);
        }
        if self.tokens.is_empty() {
            return Ok(true);
        }
        self.forget_stale_keys()?;
        let mut numbers = self
            .possible_simple_keys
            .values()
            .map(|key| key.token_number);
        Ok(numbers.any(|number| number == self.tokens_taken))
    }

    fn refused(&self, problem: impl Into<String>) -> Refused {
        Refused::new(Kind::Scanner, self.reader.mark(), problem)
    }

    fn push(&mut self, kind: TokenKind, start: Mark) {
        let end = self.reader.mark();
        self.tokens.push_back(Token { kind, start, end });
    }

    fn fetch(&mut self) -> Result<(), Refused> {
        self.skip_to_next_token();
        self.forget_stale_keys()?;
        let column = self.reader.mark().column;
        self.unwind_indent(Some(column));
        let (c, next) = (self.reader.peek(0), self.reader.peek(1));
        let stands_alone = self.flow_level > 0 || is_blank_or_end(next);
        match c {
            '\0' => self.fetch_stream_end(),
            '%' if column == 0 => {
                self.end_block()?;
                let start = self.reader.mark();
                let (kind, end) = scan::directive(&mut self.reader)?;
                self.tokens.push_back(Token { kind, start, end });
                Ok(())
            }
            '-' if column == 0 && self.reader.is_indicator('-') => {
                self.fetch_document_indicator(TokenKind::DocumentStart)
            }
            '.' if column == 0 && self.reader.is_indicator('.') => {
                self.fetch_document_indicator(TokenKind::DocumentEnd)
            }
            '[' => self.fetch_flow_start(TokenKind::FlowSequenceStart),
            '{' => self.fetch_flow_start(TokenKind::FlowMappingStart),
            ']' => self.fetch_flow_end(TokenKind::FlowSequenceEnd),
            '}' => self.fetch_flow_end(TokenKind::FlowMappingEnd),
            ',' => {
                self.allow_simple_key = true;
                self.remove_simple_key()?;
                self.fetch_indicator(TokenKind::FlowEntry);
                Ok(())
            }
            '-' if is_blank_or_end(next) => self.fetch_block_entry(),
            '?' if stands_alone => self.fetch_key(),
            ':' if stands_alone => self.fetch_value(),
            '*' | '&' => self.fetch_with(scan::anchor),
            '!' => self.fetch_with(scan::tag),
            '|' | '>' if self.flow_level == 0 => {
                self.allow_simple_key = true;
                self.remove_simple_key()?;
                let start = self.reader.mark();
                let kind = scan::block_scalar(&mut self.reader, self.indent)?;
                self.push(kind, start);
                Ok(())
            }
            '\'' | '"' => self.fetch_with(scan::quoted_scalar),
            _ if self.begins_plain(c, next) => self.fetch_plain(),
            _ => Err(self.refused(format!(
                "found character {} that cannot start any token",
                shown(c)
            ))),
        }
    }

    fn begins_plain(&self, c: char, next: char) -> bool {
        if matches!(c, '-' | '?' | ':') {
            return !is_blank_or_end(next) && (c == '-' || self.flow_level == 0);
        }
        !is_blank_or_end(c) && !",[]{}#&*!|>'\"%@`".contains(c)
    }

    /// Spaces, line breaks and comments, but no tabs.
    fn skip_to_next_token(&mut self) {
        if self.reader.mark().index == 0 && self.reader.peek(0) == '\u{feff}' {
            self.reader.forward(1);
        }
        loop {
            self.reader.skip(|c| c == ' ');
            if self.reader.peek(0) == '#' {
                self.reader.skip(|c| !is_break(c));
            }
            if self.reader.line_break().is_none() {
                return;
            }
            if self.flow_level == 0 {
                self.allow_simple_key = true;
            }
        }
    }

    fn forget_stale_keys(&mut self) -> Result<(), Refused> {
        let now = self.reader.mark();
        let is_stale =
            |key: &SimpleKey| key.mark.line != now.line || now.index - key.mark.index > LONGEST_KEY;
        let mut keys = self.possible_simple_keys.values();
        if keys.any(|key| key.required && is_stale(key)) {
            return Err(self.refused("could not find expected ':'"));
        }
        self.possible_simple_keys.retain(|_, key| !is_stale(key));
        Ok(())
    }

    fn save_simple_key(&mut self) -> Result<(), Refused> {
        if !self.allow_simple_key {
            return Ok(());
        }
        self.remove_simple_key()?;
        let mark = self.reader.mark();
        let key = SimpleKey {
            token_number: self.tokens_taken + self.tokens.len(),
            required: self.flow_level == 0 && self.indent == Some(mark.column),
            mark,
        };
        self.possible_simple_keys.insert(self.flow_level, key);
        Ok(())
    }

    fn remove_simple_key(&mut self) -> Result<(), Refused> {
        match self.possible_simple_keys.remove(&self.flow_level) {
            Some(key) if key.required => Err(self.refused("could not find expected ':'")),
            _ => Ok(()),
        }
    }

    /// Ends the blocks that are indented more than `column`.
    fn unwind_indent(&mut self, column: Option<usize>) {
        while self.flow_level == 0 && self.indent > column {
            self.indent = self.indents.pop().flatten();
            self.push(TokenKind::BlockEnd, self.reader.mark());
        }
    }

    /// Whether a block begins at `column`.
    fn add_indent(&mut self, column: usize) -> bool {
        let begins = self.indent < Some(column);
        if begins {
            self.indents.push(self.indent);
            self.indent = Some(column);
        }
        begins
    }

    fn end_block(&mut self) -> Result<(), Refused> {
        self.unwind_indent(None);
        self.remove_simple_key()?;
        self.allow_simple_key = false;
        Ok(())
    }

    fn fetch_stream_end(&mut self) -> Result<(), Refused> {
        self.end_block()?;
        self.possible_simple_keys.clear();
        self.push(TokenKind::StreamEnd, self.reader.mark());
        self.done = true;
        Ok(())
    }

    fn fetch_document_indicator(&mut self, kind: TokenKind) -> Result<(), Refused> {
        self.end_block()?;
        let start = self.reader.mark();
        self.reader.forward(3);
        self.push(kind, start);
        Ok(())
    }

    fn fetch_indicator(&mut self, kind: TokenKind) {
        let start = self.reader.mark();
        self.reader.forward(1);
        self.push(kind, start);
    }

    fn fetch_flow_start(&mut self, kind: TokenKind) -> Result<(), Refused> {
        self.save_simple_key()?;
        self.flow_level += 1;
        self.allow_simple_key = true;
        self.fetch_indicator(kind);
        Ok(())
    }

    fn fetch_flow_end(&mut self, kind: TokenKind) -> Result<(), Refused> {
        self.remove_simple_key()?;
        // A bracket that nothing opens is a token at the wrong place, which the composer refuses.
        self.flow_level = self.flow_level.saturating_sub(1);
        self.allow_simple_key = false;
        self.fetch_indicator(kind);
        Ok(())
    }

    /// Begins a block if `-`, `?` or `:` is its first token.
    fn begin_block(&mut self, start: TokenKind, what: &str) -> Result<(), Refused> {
        if self.flow_level > 0 {
            return Ok(());
        }
        if !self.allow_simple_key {
            return Err(self.refused(format!("{what} are not allowed here")));
        }
        let mark = self.reader.mark();
        if self.add_indent(mark.column) {
            self.push(start, mark);
        }
        Ok(())
    }

    fn fetch_block_entry(&mut self) -> Result<(), Refused> {
        self.begin_block(TokenKind::BlockSequenceStart, "sequence entries")?;
        self.allow_simple_key = true;
        self.remove_simple_key()?;
        self.fetch_indicator(TokenKind::BlockEntry);
        Ok(())
    }

    fn fetch_key(&mut self) -> Result<(), Refused> {
        self.begin_block(TokenKind::BlockMappingStart, "mapping keys")?;
        self.allow_simple_key = self.flow_level == 0;
        self.remove_simple_key()?;
        self.fetch_indicator(TokenKind::Key);
        Ok(())
    }

    fn fetch_value(&mut self) -> Result<(), Refused> {
        if let Some(key) = self.possible_simple_keys.remove(&self.flow_level) {
            let at = key.token_number - self.tokens_taken;
            let token = |kind| Token {
                kind,
                start: key.mark,
                end: key.mark,
            };
            self.tokens.insert(at, token(TokenKind::Key));
            if self.flow_level == 0 && self.add_indent(key.mark.column) {
                self.tokens.insert(at, token(TokenKind::BlockMappingStart));
            }
            self.allow_simple_key = false;
        } else {
            self.begin_block(TokenKind::BlockMappingStart, "mapping values")?;
            self.allow_simple_key = self.flow_level == 0;
            self.remove_simple_key()?;
        }
        self.fetch_indicator(TokenKind::Value);
        Ok(())
    }

    fn fetch_with(
        &mut self,
        scan: fn(&mut Reader) -> Result<TokenKind, Refused>,
    ) -> Result<(), Refused> {
        self.save_simple_key()?;
        self.allow_simple_key = false;
        let start = self.reader.mark();
        let kind = scan(&mut self.reader)?;
        self.push(kind, start);
        Ok(())
    }

    fn fetch_plain(&mut self) -> Result<(), Refused> {
        self.save_simple_key()?;
        let start = self.reader.mark();
        let indent = self.indent.map_or(0, |indent| indent + 1);
        let plain = scan::plain_scalar(&mut self.reader, indent, self.flow_level > 0);
        self.allow_simple_key = plain.takes_break;
        self.tokens.push_back(Token {
            kind: plain.kind,
            start,
            end: plain.end,
        });
        Ok(())
    }
}
