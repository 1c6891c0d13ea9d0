//! Builds the nodes from the events of the parser, without recursion.

use std::collections::HashMap;

use libyaml_safer::{Encoding, Event, EventData, MappingStyle, Parser, ScalarStyle, SequenceStyle};

use super::TextStyle;
use super::padded_text::PaddedText;
use super::{Anchor, MAX_DEPTH, MAX_WEIGHT, Node, NodeId, Shape, SyntaxError, Tree, TreeError};
use crate::spec::value_range;

/// The weight of a node without its text.
const NODE_WEIGHT: u64 = 32;

pub(super) fn build(text: &str) -> Result<Tree, TreeError> {
    let padded = PaddedText::new(text);
    let mut parser = Parser::new();
    // The encoding is fixed, because the parser would read `＃` as a broken byte order
    // mark.
    parser.set_encoding(Encoding::Utf8);
    parser.set_input(padded.text.as_bytes());
    let mut builder = Builder {
        text,
        padded: &padded,
        tree: Tree::default(),
        open: Vec::new(),
        anchors: HashMap::new(),
    };
    for event in parser {
        let event = event.map_err(|error| {
            TreeError::Syntax(SyntaxError::new(&error, |at| padded.original(at)))
        })?;
        builder.take(event)?;
    }
    Ok(builder.tree)
}

/// A collection whose end event has not arrived.
struct Open {
    node: NodeId,
    children: Vec<NodeId>,
    is_flow: bool,
}

struct Builder<'a> {
    text: &'a str,
    padded: &'a PaddedText,
    tree: Tree,
    open: Vec<Open>,
    anchors: HashMap<String, NodeId>,
}

impl Builder<'_> {
    fn take(&mut self, event: Event) -> Result<(), TreeError> {
        let start = self.padded.original(event.start_mark.index);
        let end = self.padded.original(event.end_mark.index).max(start);
        let mut add = |shape, anchor, tag| self.add(shape, start, end, anchor, tag);
        match event.data {
            EventData::DocumentStart { .. } => {
                self.anchors.clear();
                Ok(())
            }
            EventData::Scalar {
                anchor,
                tag,
                value,
                style,
                ..
            } => {
                let shape = Shape::Scalar {
                    text: value.into(),
                    style: match style {
                        ScalarStyle::Literal | ScalarStyle::Folded => TextStyle::Block,
                        ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => TextStyle::Quoted,
                        _ => TextStyle::Plain,
                    },
                };
                let id = add(shape, anchor, tag);
                self.close(id)
            }
            EventData::Alias { anchor } => self.alias(&anchor, start, end),
            EventData::SequenceStart {
                anchor, tag, style, ..
            } => {
                let id = add(Shape::Sequence(Vec::new()), anchor, tag);
                self.begin(id, style == SequenceStyle::Flow)
            }
            EventData::MappingStart {
                anchor, tag, style, ..
            } => {
                let id = add(Shape::Mapping(Vec::new()), anchor, tag);
                self.begin(id, style == MappingStyle::Flow)
            }
            EventData::SequenceEnd | EventData::MappingEnd => self.end(end),
            EventData::StreamStart { .. }
            | EventData::StreamEnd
            | EventData::DocumentEnd { .. } => Ok(()),
        }
    }

    fn add(
        &mut self,
        shape: Shape,
        start: usize,
        end: usize,
        anchor: Option<String>,
        tag: Option<String>,
    ) -> NodeId {
        let id = self.tree.nodes.len();
        let (text, is_nothing) = match &shape {
            Shape::Scalar { text, style } => (
                text.len() as u64,
                text.is_empty() && *style == TextStyle::Plain,
            ),
            _ => (0, false),
        };
        let is_behind_anchor = anchor.is_some() && !is_nothing;
        let content = if is_behind_anchor {
            value_range::skip_anchor(self.text, start)
        } else {
            start
        };
        if let Some(name) = &anchor {
            self.anchors.insert(name.clone(), id);
        }
        self.tree.nodes.push(Node {
            start: content,
            end: end.max(content),
            shape,
            tag: tag.map(String::into_boxed_str),
            anchor: anchor.map(|name| Anchor {
                start,
                name: name.into_boxed_str(),
                is_used: false,
            }),
            weight: NODE_WEIGHT + text,
        });
        id
    }

    fn alias(&mut self, name: &str, start: usize, end: usize) -> Result<(), TreeError> {
        let Some(target) = self.anchors.get(name).copied() else {
            return Err(TreeError::UnknownAlias(start));
        };
        if self.open.iter().any(|open| open.node == target) {
            return Err(TreeError::Recursive(start));
        }
        if let Some(anchor) = &mut self.tree.nodes[target].anchor {
            anchor.is_used = true;
        }
        let weight = self.tree.nodes[target].weight;
        let id = self.add(Shape::Alias(target), start, end, None, None);
        self.tree.nodes[id].weight = weight;
        self.close(id)
    }

    fn begin(&mut self, node: NodeId, is_flow: bool) -> Result<(), TreeError> {
        if self.open.len() >= MAX_DEPTH {
            return Err(TreeError::TooDeep(self.tree.nodes[node].start));
        }
        self.open.push(Open {
            node,
            children: Vec::new(),
            is_flow,
        });
        Ok(())
    }

    /// Ends the innermost collection. A flow collection ends at its bracket, a block
    /// collection at its last child.
    fn end(&mut self, end: usize) -> Result<(), TreeError> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        let last = open.children.last();
        let node_end = match last {
            _ if open.is_flow => Some(end),
            Some(last) => Some(self.tree.nodes[*last].end),
            None => None,
        };
        let node = &mut self.tree.nodes[open.node];
        node.end = node_end.unwrap_or(node.end).max(node.start);
        match &mut node.shape {
            Shape::Sequence(items) => *items = open.children,
            Shape::Mapping(fields) => {
                let pairs = open.children.chunks_exact(2);
                *fields = pairs.map(|pair| (pair[0], pair[1])).collect();
            }
            Shape::Scalar { .. } | Shape::Alias(_) => {}
        }
        self.close(open.node)
    }

    /// Adds a complete node to its parent.
    fn close(&mut self, id: NodeId) -> Result<(), TreeError> {
        let (start, weight) = (self.tree.nodes[id].start, self.tree.nodes[id].weight);
        let Some(parent) = self.open.last_mut() else {
            self.tree.documents.push(id);
            return Ok(());
        };
        parent.children.push(id);
        let total = &mut self.tree.nodes[parent.node].weight;
        *total = total.saturating_add(weight);
        if *total > MAX_WEIGHT {
            return Err(TreeError::TooHeavy(start));
        }
        Ok(())
    }
}
