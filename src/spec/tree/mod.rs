//! The nodes of a YAML file with the bytes that they were written in.
//!
//! Built only for files that have a mistake, or whose text suggests one or a
//! bomb. `libyaml-safer` reads the same grammar as `serde_yaml`: both are ports
//! of libyaml, so every text that has values has a tree. Values never come from
//! here on the way to the API: `yaml` reads those.

mod build;
mod padded_text;

use libyaml_safer::Error;

/// The nesting limit of a document. No simulation nests deeper than five levels.
pub const MAX_DEPTH: usize = 100;

/// The limit of what a file stands for once its aliases are followed, in bytes.
/// Without aliases no file that is small enough to be read comes near the limit.
pub const MAX_WEIGHT: u64 = 64 * 1024 * 1024;

/// A node's position in the tree.
pub type NodeId = usize;

/// One value, or one field name.
#[derive(Debug)]
pub struct Node {
    /// The first byte, behind an anchor.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// What it is.
    pub shape: Shape,
    /// The tag, such as `!secret`; `tag:yaml.org,2002:int` for `!!int`.
    pub tag: Option<Box<str>>,
    /// The anchor.
    pub anchor: Option<Anchor>,
    /// How many bytes the node stands for, aliases followed.
    weight: u64,
}

/// A name that aliases refer to.
#[derive(Debug)]
pub struct Anchor {
    /// The first byte of the `&`.
    pub start: usize,
    /// The name, without the `&`.
    pub name: Box<str>,
    /// Whether an alias refers to it.
    pub is_used: bool,
}

/// What a node is.
#[derive(Debug)]
pub enum Shape {
    /// A single value.
    Scalar {
        /// Its text, without quotes.
        text: Box<str>,
        /// How it was written.
        style: TextStyle,
    },
    /// A list.
    Sequence(Vec<NodeId>),
    /// Fields in the order of the file.
    Mapping(Vec<(NodeId, NodeId)>),
    /// Another style of a node that stands elsewhere.
    Alias(NodeId),
}

/// How a single value was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextStyle {
    /// Without quotes, so that it may be a number.
    Plain,
    /// In quotes.
    Quoted,
    /// As a block of lines, after `|` or `>`.
    Block,
}

/// Why no tree could be built; offsets are in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TreeError {
    /// It is not YAML.
    Syntax(SyntaxError),
    /// The alias refers to no anchor above it.
    UnknownAlias(usize),
    /// It nests deeper than [`MAX_DEPTH`].
    TooDeep(usize),
    /// An alias stands inside what it stands for.
    Recursive(usize),
    /// Its aliases blow it up beyond [`MAX_WEIGHT`].
    TooHeavy(usize),
    /// Its aliases are followed more often than the parser of values does.
    TooManyAliases(usize),
}

/// What the parser says about a text that is not YAML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SyntaxError {
    /// The parser's problem, a constant of its library.
    pub problem: &'static str,
    /// What the parser was reading, a constant of its library; may be empty.
    pub context: &'static str,
    /// The byte where the parser stopped.
    pub at: usize,
    /// The byte where the construct begins that the parser was reading.
    pub begin: Option<usize>,
}

/// All nodes of a file.
#[derive(Debug, Default)]
pub struct Tree {
    nodes: Vec<Node>,
    documents: Vec<NodeId>,
}

impl Tree {
    /// Reads a text; stops at the first mistake or at the first bound that the
    /// text crosses.
    pub fn build(text: &str) -> Result<Self, TreeError> {
        build::build(text)
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

    /// The nodes of a document, in the order of the file, the top node first.
    #[must_use]
    pub fn nodes(&self, document: usize) -> &[Node] {
        let Some(start) = self.document(document) else {
            return &[];
        };
        let end = self.document(document + 1).unwrap_or(self.nodes.len());
        &self.nodes[start..end]
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
        Some(heaviest.start)
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

impl Node {
    /// Whether the node carries a tag that YAML itself doesn't define.
    #[must_use]
    pub fn has_custom_tag(&self) -> bool {
        let tag = self.tag.as_deref();
        tag.is_some_and(|tag| !tag.starts_with("tag:yaml.org,2002:"))
    }
}

impl SyntaxError {
    fn new(error: &Error, original: impl Fn(u64) -> usize) -> Self {
        Self {
            problem: error.problem(),
            context: error.context().unwrap_or_default(),
            at: error.problem_mark().map_or(0, |mark| original(mark.index)),
            begin: error.context_mark().map(|mark| original(mark.index)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::SourceFile;
    use crate::spec::source_map::SourceMap;

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
        assert_eq!(&text[node.start..node.end], "b: 1\n  c: 2");
    }

    /// What stands at the places of all single values.
    fn values(text: &str) -> Vec<&str> {
        let source_map = SourceMap::new(&SourceFile::new("a.yaml", text));
        let nodes = source_map.tree().nodes.iter().enumerate();
        let scalars = nodes.filter(|(_, node)| matches!(node.shape, Shape::Scalar { .. }));
        scalars
            .filter_map(|(id, _)| source_map.place(id).span)
            .map(|span| &text[span.start.byte..span.end.byte])
            .collect()
    }

    #[test]
    fn every_value_has_its_place() {
        for (text, expected) in [
            ("é:\tx\na: 1\n", &["é", "x", "a", "1"][..]),
            ("a: {é:\tx}\n", &["a", "é", "x"]),
            ("é: [\n\"ü\"\n]\nb: 1\n", &["é", "\"ü\"", "b", "1"]),
            (
                "s: {\nn: 1,\nx: 2\n}\nb: 3\n",
                &["s", "n", "1", "x", "2", "b", "3"],
            ),
            ("a: [ # c\n# d\nx ]\nb: 1\n", &["a", "x", "b", "1"]),
            ("a: [1,\n#c\n2\n]\n", &["a", "1", "2"]),
            ("a: \"x\ny\nz\"\nb: 1\n", &["a", "\"x\ny\nz\"", "b", "1"]),
            ("a: 'x\n\ty'\nb: 1\n", &["a", "'x\n\ty'", "b", "1"]),
            ("a: \"1\"#c\nb: [2]#d\n", &["a", "\"1\"", "b", "2"]),
            ("a: x\u{feff}y\nb: 1\n", &["a", "x\u{feff}y", "b", "1"]),
            ("a: |\n  x", &["a", "|"]),
            ("? a\n: ü # c", &["a", "ü"]),
            (
                "a: [ü, !!str, !!str x, b!, c]",
                &["a", "ü", "!!str", "!!str x", "b!", "c"],
            ),
            ("&am: x\nb: 1\n", &["&am", "x", "b", "1"]),
            ("＃: 1\n", &["＃", "1"]),
        ] {
            assert_eq!(values(text), expected, "{text:?}");
        }
    }
}
