//! The nodes of a document.

use std::borrow::Cow;

use crate::{error::Mark, token::Style};

/// The number of a node.
pub(crate) type Id = usize;

/// A node, and how it is written.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) tag: Cow<'static, str>,
    pub(crate) content: Content,
    pub(crate) start: Mark,
    pub(crate) end: Mark,
    /// Whether it has an anchor or a tag.
    pub(crate) has_properties: bool,
}

/// What a node consists of.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    Scalar(String, Style),
    Sequence(Vec<Child>),
    Mapping(Vec<Pair>),
}

impl Content {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Scalar(..) => "scalar",
            Self::Sequence(_) => "sequence",
            Self::Mapping(_) => "mapping",
        }
    }
}

/// A node at a place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Child {
    pub(crate) id: Id,
    /// Whether an alias stands there, and the node elsewhere.
    pub(crate) is_alias: bool,
}

impl Child {
    /// A node that stands at its own place.
    pub(crate) fn own(id: Id) -> Self {
        Self {
            id,
            is_alias: false,
        }
    }
}

/// A key and its value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pair {
    pub(crate) key: Id,
    pub(crate) value: Child,
    /// Whether it comes from another mapping, which has an anchor.
    pub(crate) is_merged: bool,
}
