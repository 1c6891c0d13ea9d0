//! The nodes of a YAML file with the characters that they were written in.
//!
//! Built from parser events without recursion, and only for files that have a
//! mistake or look as if they could be a bomb. Values never come from here on
//! the way to the API: `yaml` reads those.

mod lenient;

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Span as Marks};

/// How deep a document may nest. No simulation nests deeper than five levels.
pub const MAX_DEPTH: usize = 100;

/// How much a file may stand for once its aliases are followed, in bytes. Without
/// aliases no file that is small enough to be read comes near it.
pub const MAX_WEIGHT: u64 = 64 * 1024 * 1024;

/// What a node weighs besides its text.
const NODE_WEIGHT: u64 = 32;

/// A node's position in the tree.
pub type NodeId = usize;

/// One value, or one field name.
#[derive(Debug)]
pub struct Node {
    /// The first character, counted from 0.
    pub start: u32,
    /// One past the last character.
    pub end: u32,
    /// What it is.
    pub shape: Shape,
    /// Whether it carries a tag of its own, such as `!secret`.
    pub has_tag: bool,
    /// How many bytes it stands for, aliases followed.
    weight: u64,
}

/// What a node is.
#[derive(Debug)]
pub enum Shape {
    /// A single value.
    Scalar {
        /// Its text, without quotes.
        text: Box<str>,
        /// How it was written.
        writing: Writing,
    },
    /// A list.
    Sequence(Vec<NodeId>),
    /// Fields in the order of the file.
    Mapping(Vec<(NodeId, NodeId)>),
    /// Another writing of a node that stands elsewhere.
    Alias(NodeId),
}

/// How a single value was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writing {
    /// Without quotes, so that it may be a number.
    Plain,
    /// In quotes.
    Quoted,
    /// As a block of lines, after `|` or `>`.
    Block,
}

/// Why no tree could be built; the offset is in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TreeError {
    /// It is not YAML from here on.
    Syntax(usize),
    /// It nests deeper than [`MAX_DEPTH`].
    TooDeep(usize),
    /// An alias stands inside what it stands for.
    Recursive(usize),
    /// Its aliases blow it up beyond [`MAX_WEIGHT`].
    TooHeavy(usize),
    /// Its aliases are followed more often than the parser of values does.
    TooManyAliases(usize),
}

/// All nodes of a file.
#[derive(Debug, Default)]
pub struct Tree {
    nodes: Vec<Node>,
    documents: Vec<NodeId>,
}

impl Tree {
    /// Reads a text; stops at the first bound that it crosses.
    pub fn build(text: &str) -> Result<Self, TreeError> {
        let mut builder = Builder::default();
        let mut parser = Parser::new_from_str(text);
        while let Some(event) = parser.next_event() {
            let (event, marks) = event.map_err(|error| {
                // The parser has a bound of its own on brackets, and reads ahead.
                if error.info().contains("recursion limit") {
                    TreeError::TooDeep(error.marker().index())
                } else {
                    TreeError::Syntax(error.marker().index())
                }
            })?;
            if event == Event::StreamEnd {
                break;
            }
            builder.take(event, marks)?;
        }
        Ok(builder.tree)
    }

    /// The top node of a document, counted from 0.
    #[must_use]
    pub fn document(&self, index: usize) -> Option<NodeId> {
        self.documents.get(index).copied()
    }

    /// The top nodes of all documents.
    #[must_use]
    pub fn documents(&self) -> &[NodeId] {
        &self.documents
    }

    /// A node.
    #[must_use]
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id]
    }

    /// What a node stands for: itself, or the target of an alias.
    #[must_use]
    pub fn target(&self, id: NodeId) -> NodeId {
        match self.nodes[id].shape {
            Shape::Alias(target) => target,
            _ => id,
        }
    }

    /// The alias that stands for the most; where it begins.
    #[must_use]
    pub fn heaviest_alias(&self) -> Option<usize> {
        let is_alias = |node: &&Node| matches!(node.shape, Shape::Alias(_));
        let aliases = self.nodes.iter().filter(is_alias);
        let heaviest = aliases.max_by_key(|node| node.weight)?;
        Some(heaviest.start as usize)
    }

    /// The text of a node, if it is a single value.
    #[must_use]
    pub fn text(&self, id: NodeId) -> Option<&str> {
        match &self.nodes[self.target(id)].shape {
            Shape::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The fields of a node, if it is a mapping.
    #[must_use]
    pub fn fields(&self, id: NodeId) -> Option<&[(NodeId, NodeId)]> {
        match &self.nodes[self.target(id)].shape {
            Shape::Mapping(fields) => Some(fields),
            _ => None,
        }
    }

    /// The items of a node, if it is a list.
    #[must_use]
    pub fn items(&self, id: NodeId) -> Option<&[NodeId]> {
        match &self.nodes[self.target(id)].shape {
            Shape::Sequence(items) => Some(items),
            _ => None,
        }
    }
}

/// A collection whose end has not been seen.
#[derive(Debug)]
struct Open {
    node: NodeId,
    children: Vec<NodeId>,
    is_flow: bool,
}

#[derive(Debug, Default)]
struct Builder {
    tree: Tree,
    open: Vec<Open>,
    anchors: HashMap<usize, NodeId>,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, marks: Marks) -> Result<(), TreeError> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let shape = Shape::Scalar {
                    text: text.into(),
                    writing: match style {
                        ScalarStyle::Plain => Writing::Plain,
                        ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Writing::Quoted,
                        ScalarStyle::Literal | ScalarStyle::Folded => Writing::Block,
                    },
                };
                let id = self.add(
                    shape,
                    marks,
                    anchor,
                    tag.is_some_and(|tag| !tag.is_yaml_core_schema()),
                );
                self.close(id)
            }
            Event::Alias(anchor) => {
                let Some(target) = self.anchors.get(&anchor).copied() else {
                    return Err(TreeError::Syntax(marks.start.index()));
                };
                if self.open.iter().any(|open| open.node == target) {
                    return Err(TreeError::Recursive(marks.start.index()));
                }
                let target = self.tree.target(target);
                let id = self.add(Shape::Alias(target), marks, 0, false);
                self.tree.nodes[id].weight = self.tree.nodes[target].weight;
                self.close(id)
            }
            Event::SequenceStart(anchor, tag) => self.begin(
                Shape::Sequence(Vec::new()),
                marks,
                anchor,
                tag.is_some_and(|tag| !tag.is_yaml_core_schema()),
            ),
            Event::MappingStart(anchor, tag) => self.begin(
                Shape::Mapping(Vec::new()),
                marks,
                anchor,
                tag.is_some_and(|tag| !tag.is_yaml_core_schema()),
            ),
            Event::SequenceEnd | Event::MappingEnd => self.end(marks),
            _ => Ok(()),
        }
    }

    fn add(&mut self, shape: Shape, marks: Marks, anchor: usize, has_tag: bool) -> NodeId {
        let id = self.tree.nodes.len();
        let text = match &shape {
            Shape::Scalar { text, .. } => text.len() as u64,
            _ => 0,
        };
        self.tree.nodes.push(Node {
            start: offset(marks.start.index()),
            end: offset(marks.end.index()),
            shape,
            has_tag,
            weight: NODE_WEIGHT + text,
        });
        if anchor > 0 {
            self.anchors.insert(anchor, id);
        }
        id
    }

    fn begin(
        &mut self,
        shape: Shape,
        marks: Marks,
        anchor: usize,
        has_tag: bool,
    ) -> Result<(), TreeError> {
        if self.open.len() >= MAX_DEPTH {
            return Err(TreeError::TooDeep(marks.start.index()));
        }
        let node = self.add(shape, marks, anchor, has_tag);
        self.open.push(Open {
            node,
            children: Vec::new(),
            is_flow: marks.end.index() > marks.start.index(),
        });
        Ok(())
    }

    /// Ends the innermost collection. One in brackets ends at its bracket, one
    /// in lines at its last child.
    fn end(&mut self, marks: Marks) -> Result<(), TreeError> {
        let Some(open) = self.open.pop() else {
            return Err(TreeError::Syntax(marks.start.index()));
        };
        let end = if open.is_flow {
            Some(offset(marks.end.index()))
        } else {
            open.children.last().map(|last| self.tree.nodes[*last].end)
        };
        let node = &mut self.tree.nodes[open.node];
        node.end = end.unwrap_or(node.end);
        match &mut node.shape {
            Shape::Sequence(items) => *items = open.children,
            Shape::Mapping(fields) => {
                *fields = open
                    .children
                    .chunks_exact(2)
                    .map(|pair| (pair[0], pair[1]))
                    .collect();
            }
            Shape::Scalar { .. } | Shape::Alias(_) => {}
        }
        self.close(open.node)
    }

    /// Hands a finished node to the collection around it.
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
            return Err(TreeError::TooHeavy(start as usize));
        }
        Ok(())
    }
}

/// Files are bounded far below what a `u32` counts.
fn offset(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_bombs_before_they_go_off() {
        let mut bomb = "a0: &a0 [x, x]\n".to_owned();
        for level in 1..40 {
            let before = level - 1;
            bomb += &format!("a{level}: &a{level} [*a{before}, *a{before}]\n");
        }
        assert!(matches!(Tree::build(&bomb), Err(TreeError::TooHeavy(_))));
        assert!(matches!(
            Tree::build(&"[".repeat(5_000)),
            Err(TreeError::TooDeep(_))
        ));
        assert_eq!(
            Tree::build("a: &x [*x]\n").err(),
            Some(TreeError::Recursive(7))
        );
    }

    #[test]
    fn a_block_ends_at_its_last_child() {
        let text = "a:\n  b: 1\n  c: 2   # comment\n\nd: 3\n";
        let tree = Tree::build(text).unwrap_or_default();
        let top = tree.fields(0).unwrap_or_default();
        let node = tree.node(top[0].1);
        assert_eq!(
            &text[node.start as usize..node.end as usize],
            "b: 1\n  c: 2"
        );
    }
}
