//! Makes nodes of tokens.

mod collections;

use std::{borrow::Cow, collections::HashMap};

use crate::{
    error::{Kind, Mark, Refused},
    node::{Child, Content, Id, Node},
    resolve::{MAP, SEQ, STR, resolve},
    scanner::Scanner,
    token::{Directive, Style, Token, TokenKind},
};

/// An anchor and a tag before a node.
#[derive(Default)]
struct Properties {
    anchor: Option<String>,
    tag: Option<String>,
    start: Option<Mark>,
}

struct Composer {
    scanner: Scanner,
    tag_handles: HashMap<String, String>,
    anchors: HashMap<String, Id>,
    nodes: Vec<Node>,
    depth: usize,
}

/// The nodes of the only document, and which of them is its root.
pub(crate) fn compose(scanner: Scanner) -> Result<(Vec<Node>, Id), Refused> {
    let mut composer = Composer {
        scanner,
        tag_handles: HashMap::new(),
        anchors: HashMap::new(),
        nodes: Vec::new(),
        depth: 0,
    };
    let root = composer.document()?;
    Ok((composer.nodes, root))
}

impl Composer {
    fn next_is(&mut self, kinds: &[TokenKind]) -> Result<bool, Refused> {
        Ok(kinds.contains(&self.scanner.peek()?.kind))
    }

    fn next_is_directive(&mut self) -> Result<bool, Refused> {
        Ok(matches!(self.scanner.peek()?.kind, TokenKind::Directive(_)))
    }

    fn document(&mut self) -> Result<Id, Refused> {
        let (is_directive, mark) = (self.next_is_directive()?, self.scanner.peek()?.start);
        let root = if self.next_is(&[TokenKind::StreamEnd])? {
            return Ok(self.empty(mark).id);
        } else if is_directive || self.next_is(&[TokenKind::DocumentStart])? {
            self.begin_document()?;
            let ends = [
                TokenKind::DocumentStart,
                TokenKind::DocumentEnd,
                TokenKind::StreamEnd,
            ];
            let mark = self.scanner.peek()?.start;
            if self.next_is_directive()? || self.next_is(&ends)? {
                self.empty(mark)
            } else {
                self.node(true, false)?
            }
        } else {
            self.add_default_handles();
            self.node(true, false)?
        };
        while self.next_is(&[TokenKind::DocumentEnd])? {
            self.scanner.next()?;
        }
        let next = self.scanner.peek()?.clone();
        if next.kind == TokenKind::StreamEnd {
            return Ok(root.id);
        }
        self.begin_document()?;
        let problem = "expected a single document in the stream, but found another document";
        Err(Refused::new(Kind::Composer, next.start, problem))
    }

    /// Takes the directives and the `---` of a document.
    fn begin_document(&mut self) -> Result<(), Refused> {
        self.tag_handles.clear();
        let mut has_version = false;
        while self.next_is_directive()? {
            let token = self.scanner.next()?;
            let refused = |problem: &str| Err(Refused::new(Kind::Parser, token.start, problem));
            match token.kind {
                TokenKind::Directive(Directive::Yaml(_)) if has_version => {
                    return refused("found duplicate YAML directive");
                }
                TokenKind::Directive(Directive::Yaml(major)) => {
                    if major.trim_start_matches('0') != "1" {
                        return refused(
                            "found incompatible YAML document (version 1.* is required)",
                        );
                    }
                    has_version = true;
                }
                TokenKind::Directive(Directive::Tag(handle, prefix)) => {
                    if self.tag_handles.contains_key(&handle) {
                        return refused(&format!("duplicate tag handle {handle:?}"));
                    }
                    self.tag_handles.insert(handle, prefix);
                }
                _ => {}
            }
        }
        self.add_default_handles();
        let token = self.scanner.peek()?;
        if token.kind != TokenKind::DocumentStart {
            return Err(expected("'<document start>'", token));
        }
        self.scanner.next()?;
        Ok(())
    }

    fn add_default_handles(&mut self) {
        for (handle, prefix) in [("!", "!"), ("!!", "tag:yaml.org,2002:")] {
            let entry = self.tag_handles.entry(handle.into());
            entry.or_insert_with(|| prefix.into());
        }
    }

    fn add(&mut self, node: Node) -> Id {
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    /// The node where nothing is written.
    fn empty(&mut self, mark: Mark) -> Child {
        Child::own(self.add(Node {
            tag: Cow::Borrowed(resolve("")),
            content: Content::Scalar(String::new(), Style::Plain),
            start: mark,
            end: mark,
            has_properties: false,
        }))
    }

    /// A node, in a block or in brackets. The sequence that is the value of a key may be indented as
    /// the key is.
    fn node(&mut self, block: bool, indentless: bool) -> Result<Child, Refused> {
        if let TokenKind::Alias(name) = &self.scanner.peek()?.kind {
            let id = self.anchors.get(name).copied();
            let name = name.clone();
            let token = self.scanner.next()?;
            let undefined = || {
                Refused::new(
                    Kind::Composer,
                    token.start,
                    format!("found undefined alias {name:?}"),
                )
            };
            let id = id.ok_or_else(undefined)?;
            return Ok(Child { id, is_alias: true });
        }
        let Properties { anchor, tag, start } = self.properties()?;
        let token = self.scanner.peek()?.clone();
        let start = start.unwrap_or(token.start);
        let has_properties = anchor.is_some() || tag.is_some();
        let of_kind = |kind| {
            tag.clone()
                .filter(|tag| tag != "!")
                .map_or(Cow::Borrowed(kind), Cow::Owned)
        };
        let (tag, content) = match &token.kind {
            TokenKind::BlockEntry if indentless => (of_kind(SEQ), Content::Sequence(Vec::new())),
            TokenKind::Scalar(text, style) => {
                let is_plain = match &tag {
                    None => *style == Style::Plain,
                    Some(tag) => tag == "!",
                };
                let resolved = if is_plain { resolve(text) } else { STR };
                (of_kind(resolved), Content::Scalar(text.clone(), *style))
            }
            TokenKind::FlowSequenceStart => (of_kind(SEQ), Content::Sequence(Vec::new())),
            TokenKind::FlowMappingStart => (of_kind(MAP), Content::Mapping(Vec::new())),
            TokenKind::BlockSequenceStart if block => (of_kind(SEQ), Content::Sequence(Vec::new())),
            TokenKind::BlockMappingStart if block => (of_kind(MAP), Content::Mapping(Vec::new())),
            _ if has_properties => (
                of_kind(resolve("")),
                Content::Scalar(String::new(), Style::Plain),
            ),
            _ => return Err(expected("the node content", &token)),
        };
        let is_there = matches!(token.kind, TokenKind::Scalar(..));
        let is_scalar = matches!(content, Content::Scalar(..));
        if is_there {
            self.scanner.next()?;
        }
        let id = self.add(Node {
            tag,
            content,
            start,
            end: if is_there { token.end } else { start },
            has_properties,
        });
        if let Some(anchor) = anchor {
            if self.anchors.contains_key(&anchor) {
                let problem = format!("found duplicate anchor {anchor:?}");
                return Err(Refused::new(Kind::Composer, start, problem));
            }
            self.anchors.insert(anchor, id);
        }
        if !is_scalar {
            self.collection(id, &token)?;
        }
        Ok(Child::own(id))
    }

    /// An anchor and a tag, in any order.
    fn properties(&mut self) -> Result<Properties, Refused> {
        let mut properties = Properties::default();
        let mut tag = None;
        loop {
            match &self.scanner.peek()?.kind {
                TokenKind::Anchor(_) if properties.anchor.is_none() => {}
                TokenKind::Tag(..) if tag.is_none() => {}
                _ => break,
            }
            let token = self.scanner.next()?;
            properties.start.get_or_insert(token.start);
            match token.kind {
                TokenKind::Anchor(name) => properties.anchor = Some(name),
                TokenKind::Tag(handle, suffix) => tag = Some((handle, suffix, token.start)),
                _ => {}
            }
        }
        let Some((handle, suffix, mark)) = tag else {
            return Ok(properties);
        };
        let prefix = match handle {
            None => "",
            Some(handle) => self.tag_handles.get(&handle).ok_or_else(|| {
                Refused::new(
                    Kind::Parser,
                    mark,
                    format!("found undefined tag handle {handle:?}"),
                )
            })?,
        };
        properties.tag = Some(format!("{prefix}{suffix}"));
        Ok(properties)
    }
}

fn expected(what: &str, found: &Token) -> Refused {
    let problem = format!("expected {what}, but found {:?}", found.kind.name());
    Refused::new(Kind::Parser, found.start, problem)
}
