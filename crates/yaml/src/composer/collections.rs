//! The members of sequences and mappings, in blocks and in brackets.

use std::borrow::Cow;

use super::{Composer, expected};
use crate::{
    error::{Kind, Refused},
    node::{Child, Content, Id, Node, Pair},
    resolve::MAP,
    token::{Token, TokenKind},
};

/// How many collections may be nested. Python's recursion ends `PyYAML` at about as many.
const DEEPEST: usize = 490;

impl Composer {
    /// The members of the collection that begins with `start`.
    pub(super) fn collection(&mut self, id: Id, start: &Token) -> Result<(), Refused> {
        self.depth += 1;
        if self.depth > DEEPEST {
            let problem = "maximum recursion depth exceeded";
            return Err(Refused::new(Kind::Depth, start.start, problem));
        }
        match start.kind {
            TokenKind::BlockEntry => self.indentless_sequence(id)?,
            TokenKind::BlockSequenceStart => self.block_sequence(id)?,
            TokenKind::BlockMappingStart => self.block_mapping(id)?,
            TokenKind::FlowSequenceStart => self.flow_sequence(id)?,
            _ => self.flow_mapping(id)?,
        }
        self.depth -= 1;
        Ok(())
    }

    fn add_item(&mut self, id: Id, child: Child) {
        if let Content::Sequence(children) = &mut self.nodes[id].content {
            children.push(child);
        }
    }

    fn add_pair(&mut self, id: Id, key: Child, value: Child) {
        if let Content::Mapping(pairs) = &mut self.nodes[id].content {
            pairs.push(Pair {
                key: key.id,
                value,
                is_merged: false,
            });
        }
    }

    /// The node behind an indicator, unless one of `ends` follows.
    fn node_or_empty(
        &mut self,
        block: bool,
        indentless: bool,
        ends: &[TokenKind],
    ) -> Result<Child, Refused> {
        let indicator = self.scanner.next()?;
        if self.next_is(ends)? {
            return Ok(self.empty(indicator.end));
        }
        self.node(block, indentless)
    }

    /// The value of a key: behind a colon, or empty.
    fn value(&mut self, block: bool, ends: &[TokenKind]) -> Result<Child, Refused> {
        if self.next_is(&[TokenKind::Value])? {
            return self.node_or_empty(block, block, ends);
        }
        let mark = self.scanner.peek()?.start;
        Ok(self.empty(mark))
    }

    fn block_sequence(&mut self, id: Id) -> Result<(), Refused> {
        self.scanner.next()?;
        self.block_items(id, &[TokenKind::BlockEntry, TokenKind::BlockEnd])?;
        self.end(&[TokenKind::BlockEnd], "<block end>")
    }

    fn indentless_sequence(&mut self, id: Id) -> Result<(), Refused> {
        let ends = [
            TokenKind::BlockEntry,
            TokenKind::Key,
            TokenKind::Value,
            TokenKind::BlockEnd,
        ];
        self.block_items(id, &ends)
    }

    /// Items behind dashes, which are empty before any of `ends`.
    fn block_items(&mut self, id: Id, ends: &[TokenKind]) -> Result<(), Refused> {
        while self.next_is(&[TokenKind::BlockEntry])? {
            let item = self.node_or_empty(true, false, ends)?;
            self.add_item(id, item);
        }
        Ok(())
    }

    fn block_mapping(&mut self, id: Id) -> Result<(), Refused> {
        let ends = [TokenKind::Key, TokenKind::Value, TokenKind::BlockEnd];
        self.scanner.next()?;
        while self.next_is(&[TokenKind::Key])? {
            let key = self.node_or_empty(true, true, &ends)?;
            let value = self.value(true, &ends)?;
            self.add_pair(id, key, value);
        }
        self.end(&[TokenKind::BlockEnd], "<block end>")
    }

    fn flow_sequence(&mut self, id: Id) -> Result<(), Refused> {
        let ends = [TokenKind::FlowEntry, TokenKind::FlowSequenceEnd];
        self.scanner.next()?;
        let mut first = true;
        while !self.next_is(&ends[1..])? {
            if !std::mem::take(&mut first) {
                self.end(&ends[..1], "',' or ']'")?;
            }
            if self.next_is(&[TokenKind::Key])? {
                let start = self.scanner.peek()?.start;
                let pair = self.add(Node {
                    tag: Cow::Borrowed(MAP),
                    content: Content::Mapping(Vec::new()),
                    start,
                    end: start,
                    has_properties: false,
                });
                self.flow_pair(pair, &ends)?;
                self.add_item(id, Child::own(pair));
            } else if !self.next_is(&ends[1..])? {
                let item = self.node(false, false)?;
                self.add_item(id, item);
            }
        }
        self.end(&ends[1..], "']'")
    }

    fn flow_mapping(&mut self, id: Id) -> Result<(), Refused> {
        let ends = [TokenKind::FlowEntry, TokenKind::FlowMappingEnd];
        self.scanner.next()?;
        let mut first = true;
        while !self.next_is(&ends[1..])? {
            if !std::mem::take(&mut first) {
                self.end(&ends[..1], "',' or '}'")?;
            }
            if self.next_is(&[TokenKind::Key])? {
                self.flow_pair(id, &ends)?;
            } else if !self.next_is(&ends[1..])? {
                let key = self.node(false, false)?;
                let mark = self.scanner.peek()?.start;
                let value = self.empty(mark);
                self.add_pair(id, key, value);
            }
        }
        self.end(&ends[1..], "'}'")
    }

    /// A key with its indicator, and its value, in brackets where `ends` end a value.
    fn flow_pair(&mut self, id: Id, ends: &[TokenKind]) -> Result<(), Refused> {
        let ends_of_key = [&[TokenKind::Value][..], ends].concat();
        let key = self.node_or_empty(false, false, &ends_of_key)?;
        let value = self.value(false, ends)?;
        self.add_pair(id, key, value);
        Ok(())
    }

    /// Takes a token that must be one of these.
    fn end(&mut self, kinds: &[TokenKind], name: &str) -> Result<(), Refused> {
        if !self.next_is(kinds)? {
            return Err(expected(name, self.scanner.peek()?));
        }
        self.scanner.next()?;
        Ok(())
    }
}
