//! A document that was read, and the values in it.

use std::{collections::HashSet, fmt, ops::Range};

use crate::{
    node::{Content, Id, Node, Pair},
    token::Style,
    value::Value,
};

/// How many characters of a value are shown.
const SHOWN: usize = 200;

/// A document. Its values are numbered, because an alias shares them.
#[derive(Clone, Debug)]
pub struct Document {
    nodes: Vec<Node>,
    values: Vec<Option<Value>>,
    root: Id,
}

/// A value of a document.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'d> {
    document: &'d Document,
    id: Id,
    written: How,
}

/// How the way to a value leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    Directly,
    ByAlias,
    Indirectly,
}

/// Where a value is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    /// On its own, in these bytes of the text; without any if nothing is written.
    Here(Range<usize>),
    /// In another mapping, to which an alias or a merge leads.
    Elsewhere,
    /// It is not a scalar, an alias, in a block of its own, or has an anchor or a tag.
    NotAlone,
}

/// Why a path leads to no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathError {
    /// A key is not there.
    Missing,
    /// It can mean several values.
    Ambiguous,
}

impl Document {
    pub(crate) fn new(nodes: Vec<Node>, values: Vec<Option<Value>>, root: Id) -> Self {
        Self {
            nodes,
            values,
            root,
        }
    }

    /// The whole document.
    #[must_use]
    pub fn root(&self) -> Entry<'_> {
        self.entry(self.root, How::Directly)
    }

    fn entry(&self, id: Id, written: How) -> Entry<'_> {
        Entry {
            document: self,
            id,
            written,
        }
    }

    /// The value at a path: keys joined with dots, each as it is written or as its value is.
    pub fn get(&self, path: &str) -> Result<Entry<'_>, PathError> {
        let mut found = Vec::new();
        self.find(self.root(), path, &mut found);
        match found[..] {
            [] => Err(PathError::Missing),
            [entry] => Ok(entry),
            _ => Err(PathError::Ambiguous),
        }
    }

    fn find<'d>(&'d self, at: Entry<'d>, path: &str, found: &mut Vec<Entry<'d>>) {
        let (Value::Mapping(_), Content::Mapping(pairs)) = (at.value(), &self.nodes[at.id].content)
        else {
            return;
        };
        for pair in pairs {
            let step = match pair {
                Pair {
                    is_merged: true, ..
                } => How::Indirectly,
                Pair { value, .. } if value.is_alias => How::ByAlias,
                _ => How::Directly,
            };
            let how = if at.written == How::Directly {
                step
            } else {
                How::Indirectly
            };
            let entry = self.entry(pair.value.id, how);
            for name in self.names(pair.key) {
                match path.strip_prefix(name.as_str()) {
                    Some("") => found.push(entry),
                    Some(rest) => {
                        if let Some(rest) = rest.strip_prefix('.') {
                            self.find(entry, rest, found);
                        }
                    }
                    None => {}
                }
            }
        }
    }

    /// A key as it is written, and as its value is if that is another text.
    fn names(&self, key: Id) -> Vec<String> {
        let mut names = vec![self.entry(key, How::Directly).value().to_string()];
        if let Content::Scalar(text, _) = &self.nodes[key].content
            && *text != names[0]
        {
            names.push(text.clone());
        }
        names
    }
}

impl<'d> Entry<'d> {
    /// The value. The members of a collection are numbers for `at`.
    #[must_use]
    pub fn value(&self) -> &'d Value {
        let value = self.document.values.get(self.id).and_then(Option::as_ref);
        value.unwrap_or(&Value::Null)
    }

    /// The number of the value.
    #[must_use]
    pub fn number(&self) -> usize {
        self.id
    }

    /// The value with this number.
    #[must_use]
    pub fn at(&self, id: usize) -> Self {
        self.document.entry(id, How::Indirectly)
    }

    /// Where it is written.
    #[must_use]
    pub fn written(&self) -> Written {
        let node = &self.document.nodes[self.id];
        match (self.written, &node.content) {
            (How::Indirectly, _) => Written::Elsewhere,
            (How::Directly, Content::Scalar(_, Style::Plain | Style::Quoted))
                if !node.has_properties =>
            {
                Written::Here(node.start.byte..node.end.byte)
            }
            _ => Written::NotAlone,
        }
    }

    /// Whether both are the same to a reader: numbers by their size, mappings in any order.
    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        same(*self, *other, &mut HashSet::new())
    }

    fn show(&self, text: &mut String) {
        if text.len() > SHOWN {
            return;
        }
        let pairs = |pairs: &[(Id, Id)], text: &mut String| {
            for (number, (key, value)) in pairs.iter().enumerate() {
                text.push_str(if number > 0 { ", " } else { "" });
                self.at(*key).show(text);
                text.push_str(": ");
                self.at(*value).show(text);
            }
        };
        let items = |items: &[Id], text: &mut String| {
            for (number, item) in items.iter().enumerate() {
                text.push_str(if number > 0 { ", " } else { "" });
                self.at(*item).show(text);
            }
        };
        match self.value() {
            Value::Sequence(members) => {
                text.push('[');
                items(members, text);
                text.push(']');
            }
            Value::Set(members) => {
                text.push('{');
                items(members, text);
                text.push('}');
            }
            Value::Mapping(members) | Value::Pairs(members) => {
                text.push('{');
                pairs(members, text);
                text.push('}');
            }
            // Quoted where its bare text would read as another value.
            Value::Text(value) if crate::resolve::resolve(value) != crate::resolve::STR => {
                text.push('\'');
                text.push_str(value);
                text.push('\'');
            }
            scalar => text.push_str(&scalar.to_string()),
        }
    }
}

/// The value on one line, shortened if it is long.
impl fmt::Display for Entry<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        self.show(&mut text);
        if text.chars().count() > SHOWN {
            text = text.chars().take(SHOWN).chain(['…']).collect();
        }
        f.write_str(&text)
    }
}

/// `seen` holds the pairs of collections that were begun: what contains itself would never end.
fn same(a: Entry<'_>, b: Entry<'_>, seen: &mut HashSet<(Id, Id)>) -> bool {
    if a.value().is_collection() && !seen.insert((a.id, b.id)) {
        return true;
    }
    match (a.value(), b.value()) {
        (Value::Sequence(left), Value::Sequence(right)) => {
            let mut items = left.iter().zip(right);
            left.len() == right.len()
                && items.all(|(left, right)| same(a.at(*left), b.at(*right), seen))
        }
        (Value::Mapping(left), Value::Mapping(right)) => {
            left.len() == right.len()
                && left.iter().all(|(key, value)| {
                    let other = member(&b, right, &a.at(*key));
                    other.is_some_and(|other| same(a.at(*value), other, seen))
                })
        }
        (Value::Pairs(left), Value::Pairs(right)) => {
            let mut pairs = left.iter().zip(right);
            left.len() == right.len()
                && pairs.all(|(left, right)| {
                    same(a.at(left.0), b.at(right.0), seen)
                        && same(a.at(left.1), b.at(right.1), seen)
                })
        }
        (Value::Set(left), Value::Set(right)) => {
            let key = |entry: &Entry<'_>, id: &Id| entry.at(*id).value().key();
            let right: HashSet<_> = right.iter().map(|id| key(&b, id)).collect();
            left.len() == right.len() && left.iter().all(|id| right.contains(&key(&a, id)))
        }
        (Value::Bool(left), Value::Bool(right)) => left == right,
        (Value::Bool(_), _) | (_, Value::Bool(_)) => false,
        (Value::Float(left), Value::Float(right)) if left.is_nan() => right.is_nan(),
        (left, right) => left.key().is_some() && left.key() == right.key(),
    }
}

/// The value of a key in the pairs of another document.
fn member<'d>(of: &Entry<'d>, pairs: &[(Id, Id)], key: &Entry<'_>) -> Option<Entry<'d>> {
    let wanted = key.value().key();
    let mut pairs = pairs.iter();
    let found = pairs.find(|(key, _)| of.at(*key).value().key() == wanted);
    found.map(|(_, value)| of.at(*value))
}

#[cfg(test)]
mod tests;
