//! Makes values of nodes.

use std::{borrow::Cow, collections::HashMap, mem};

use crate::{
    error::{Kind, Refused},
    node::{Child, Content, Id, Node, Pair},
    resolve::{BINARY, MAP, MERGE, OMAP, PAIRS, SEQ, SET, STR, VALUE},
    scalar,
    value::Value,
};

/// How many merges may depend on one another. Python's recursion ends `PyYAML` at fewer.
const DEEPEST_MERGE: usize = 900;

struct Constructor {
    nodes: Vec<Node>,
    values: Vec<Option<Value>>,
    /// The collections whose members are not there yet.
    unfinished: Vec<Id>,
}

/// The values of the root and all below it, by the numbers of their nodes. The pairs of the
/// mappings' nodes become those that count.
pub(crate) fn construct(
    nodes: Vec<Node>,
    root: Id,
) -> Result<(Vec<Node>, Vec<Option<Value>>), Refused> {
    let mut constructor = Constructor {
        values: vec![None; nodes.len()],
        nodes,
        unfinished: Vec::new(),
    };
    constructor.object(root)?;
    while !constructor.unfinished.is_empty() {
        for id in mem::take(&mut constructor.unfinished) {
            constructor.finish(id)?;
        }
    }
    Ok((constructor.nodes, constructor.values))
}

impl Constructor {
    fn refused(&self, id: Id, problem: impl Into<String>) -> Refused {
        Refused::new(Kind::Constructor, self.nodes[id].start, problem)
    }

    /// Makes the value of a node. The members of a collection follow later.
    fn object(&mut self, id: Id) -> Result<(), Refused> {
        if self.values[id].is_some() {
            return Ok(());
        }
        let tag = self.nodes[id].tag.clone();
        let value = match &*tag {
            SEQ => Value::Sequence(Vec::new()),
            MAP => Value::Mapping(Vec::new()),
            SET => Value::Set(Vec::new()),
            OMAP | PAIRS => Value::Pairs(Vec::new()),
            tag => {
                let Some(name) = scalar::name(tag) else {
                    let problem = format!("could not determine a constructor for the tag {tag:?}");
                    return Err(self.refused(id, problem));
                };
                let text = self.text(id)?;
                scalar::value(tag, text).ok_or_else(|| {
                    let problem = format!("{text:?} is no {name}");
                    let kind = if tag == BINARY {
                        Kind::Constructor
                    } else {
                        Kind::Value
                    };
                    Refused::new(kind, self.nodes[id].start, problem)
                })?
            }
        };
        if value.is_collection() {
            self.unfinished.push(id);
        }
        self.values[id] = Some(value);
        Ok(())
    }

    /// The text of a scalar. A mapping may have one under the key `=`.
    fn text(&self, id: Id) -> Result<&str, Refused> {
        let content = &self.nodes[id].content;
        match content {
            Content::Scalar(text, _) => return Ok(text),
            Content::Mapping(pairs) => {
                let is_value = |pair: &&Pair| self.nodes[pair.key].tag == VALUE;
                if let Some(pair) = pairs.iter().find(is_value)
                    && let Content::Scalar(text, _) = &self.nodes[pair.value.id].content
                {
                    return Ok(text);
                }
            }
            Content::Sequence(_) => {}
        }
        let problem = format!("expected a scalar node, but found {}", content.name());
        Err(self.refused(id, problem))
    }

    fn finish(&mut self, id: Id) -> Result<(), Refused> {
        let value = match self.values[id] {
            Some(Value::Sequence(_)) => {
                let items: Vec<Id> = self.children(id)?.iter().map(|child| child.id).collect();
                for item in &items {
                    self.object(*item)?;
                }
                Value::Sequence(items)
            }
            Some(Value::Mapping(_)) => {
                let pairs = self.mapping(id)?;
                Value::Mapping(pairs.iter().map(|pair| (pair.key, pair.value.id)).collect())
            }
            Some(Value::Set(_)) => {
                Value::Set(self.mapping(id)?.iter().map(|pair| pair.key).collect())
            }
            _ => Value::Pairs(self.pairs_in_order(id)?),
        };
        self.values[id] = Some(value);
        Ok(())
    }

    fn children(&self, id: Id) -> Result<Vec<Child>, Refused> {
        match &self.nodes[id].content {
            Content::Sequence(children) => Ok(children.clone()),
            other => {
                let problem = format!("expected a sequence node, but found {}", other.name());
                Err(self.refused(id, problem))
            }
        }
    }

    fn pairs(&self, id: Id) -> Option<&Vec<Pair>> {
        match &self.nodes[id].content {
            Content::Mapping(pairs) => Some(pairs),
            Content::Scalar(..) | Content::Sequence(_) => None,
        }
    }

    /// The pairs of a mapping that count.
    fn mapping(&mut self, id: Id) -> Result<Vec<Pair>, Refused> {
        if self.pairs(id).is_none() {
            let name = self.nodes[id].content.name();
            return Err(self.refused(id, format!("expected a mapping node, but found {name}")));
        }
        self.flatten(id, 0)?;
        let mut pairs: Vec<Pair> = Vec::new();
        let mut places = HashMap::new();
        for pair in self.pairs(id).cloned().unwrap_or_default() {
            self.object(pair.key)?;
            let key = self.values[pair.key].as_ref();
            if key.is_some_and(Value::is_collection) {
                return Err(self.refused(pair.key, "found unhashable key"));
            }
            let key = key.and_then(Value::key);
            self.object(pair.value.id)?;
            match key.map(|key| *places.entry(key).or_insert(pairs.len())) {
                // The first key stays, with the last value.
                Some(place) if place < pairs.len() => {
                    let key = pairs[place].key;
                    pairs[place] = Pair { key, ..pair };
                }
                _ => pairs.push(pair),
            }
        }
        self.nodes[id].content = Content::Mapping(pairs.clone());
        Ok(pairs)
    }

    /// Puts the pairs of the mappings under `<<` before those of the mapping itself.
    fn flatten(&mut self, id: Id, depth: usize) -> Result<(), Refused> {
        if depth > DEEPEST_MERGE {
            let problem = "maximum recursion depth exceeded";
            return Err(Refused::new(Kind::Depth, self.nodes[id].start, problem));
        }
        let mut merged = Vec::new();
        let mut index = 0;
        while let Some(pair) = self.pairs(id).and_then(|pairs| pairs.get(index)).copied() {
            if self.nodes[pair.key].tag == VALUE {
                self.nodes[pair.key].tag = Cow::Borrowed(STR);
            }
            if self.nodes[pair.key].tag != MERGE {
                index += 1;
                continue;
            }
            if let Content::Mapping(pairs) = &mut self.nodes[id].content {
                pairs.remove(index);
            }
            let value = pair.value;
            match &self.nodes[value.id].content {
                Content::Mapping(_) => merged.extend(self.pairs_to_merge(value, depth)?),
                Content::Sequence(children) => {
                    let mut all = Vec::new();
                    for child in children.clone() {
                        if let Some(name) = self.other_than_mapping(child.id) {
                            let problem =
                                format!("expected a mapping for merging, but found {name}");
                            return Err(self.refused(child.id, problem));
                        }
                        let mut pairs = self.pairs_to_merge(child, depth)?;
                        for pair in &mut pairs {
                            pair.is_merged |= value.is_alias;
                        }
                        all.push(pairs);
                    }
                    merged.extend(all.into_iter().rev().flatten());
                }
                Content::Scalar(..) => {
                    let problem =
                        "expected a mapping or list of mappings for merging, but found scalar";
                    return Err(self.refused(value.id, problem));
                }
            }
        }
        if merged.is_empty() {
            return Ok(());
        }
        if let Content::Mapping(pairs) = &mut self.nodes[id].content {
            merged.append(pairs);
            *pairs = last_of_each_key(merged);
        }
        Ok(())
    }

    fn other_than_mapping(&self, id: Id) -> Option<&'static str> {
        let content = &self.nodes[id].content;
        (!matches!(content, Content::Mapping(_))).then(|| content.name())
    }

    fn pairs_to_merge(&mut self, from: Child, depth: usize) -> Result<Vec<Pair>, Refused> {
        self.flatten(from.id, depth + 1)?;
        let mut pairs = self.pairs(from.id).cloned().unwrap_or_default();
        for pair in &mut pairs {
            pair.is_merged |= from.is_alias;
        }
        Ok(pairs)
    }

    fn pairs_in_order(&mut self, id: Id) -> Result<Vec<(Id, Id)>, Refused> {
        let mut all = Vec::new();
        for child in self.children(id)? {
            if let Some(name) = self.other_than_mapping(child.id) {
                let problem = format!("expected a mapping of length 1, but found {name}");
                return Err(self.refused(child.id, problem));
            }
            let pairs = self.pairs(child.id).cloned().unwrap_or_default();
            let [pair] = pairs[..] else {
                let problem = format!(
                    "expected a single mapping item, but found {} items",
                    pairs.len()
                );
                return Err(self.refused(child.id, problem));
            };
            self.object(pair.key)?;
            self.object(pair.value.id)?;
            all.push((pair.key, pair.value.id));
        }
        Ok(all)
    }
}

/// Without it, mappings that merge one another twice would double in size with each.
fn last_of_each_key(pairs: Vec<Pair>) -> Vec<Pair> {
    let mut places = HashMap::new();
    let mut kept: Vec<Pair> = Vec::new();
    for pair in pairs {
        let place = *places.entry(pair.key).or_insert(kept.len());
        match kept.get_mut(place) {
            Some(kept) => *kept = pair,
            None => kept.push(pair),
        }
    }
    kept
}
