//! The nodes of a YAML file with their byte ranges.
//!
//! A tree is built only for a file with a mistake, or with a text that may have a
//! mistake or too many aliases. `libyaml-safer` and `serde_yaml` are both ports of
//! libyaml, so every text that `serde_yaml` reads has a tree. The values that are sent
//! come from `yaml`, not from the tree.

mod build;
mod padded_text;

use libyaml_safer::Error;

/// The maximum nesting depth. A simulation is at most five levels deep.
pub const MAX_DEPTH: usize = 100;

/// The maximum size of a file in bytes after the expansion of aliases. A file without
/// aliases is always much smaller.
pub const MAX_WEIGHT: u64 = 64 * 1024 * 1024;

/// The index of a node in the tree.
pub type NodeId = usize;

/// A value or a field name.
#[derive(Debug)]
pub struct Node {
    /// The first byte after the anchor.
    pub start: usize,
    /// The end of the byte range, exclusive.
    pub end: usize,
    /// The content.
    pub shape: Shape,
    /// The tag, such as `!secret`; `tag:yaml.org,2002:int` for `!!int`.
    pub tag: Option<Box<str>>,
    /// The anchor.
    pub anchor: Option<Anchor>,
    /// The size of the node in bytes after the expansion of aliases.
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

/// The content of a node.
#[derive(Debug)]
pub enum Shape {
    /// A single value.
    Scalar {
        /// The text without quotes.
        text: Box<str>,
        /// The style.
        style: TextStyle,
    },
    /// A list.
    Sequence(Vec<NodeId>),
    /// Fields in the order of the file.
    Mapping(Vec<(NodeId, NodeId)>),
    /// An alias of another node.
    Alias(NodeId),
}

/// The style of a scalar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextStyle {
    /// Without quotes: the text may be a number.
    Plain,
    /// In quotes.
    Quoted,
    /// A block scalar, after `|` or `>`.
    Block,
}

/// Why a tree can't be built. Offsets are in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TreeError {
    /// A syntax error.
    Syntax(SyntaxError),
    /// The alias refers to no anchor above it.
    UnknownAlias(usize),
    /// The nesting is deeper than [`MAX_DEPTH`].
    TooDeep(usize),
    /// An alias is inside the node that it refers to.
    Recursive(usize),
    /// The expanded aliases exceed [`MAX_WEIGHT`].
    TooHeavy(usize),
    /// Aliases are used more often than the parser of values allows.
    TooManyAliases(usize),
}

/// A syntax error as the parser reports it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SyntaxError {
    /// The message, a constant of the library.
    pub problem: &'static str,
    /// The construct that the parser was reading, a constant of the library; may be empty.
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
    /// Parses a text. Stops at the first error or exceeded limit.
    pub fn build(text: &str) -> Result<Self, TreeError> {
        build::build(text)
    }

    /// Returns the top node of a document, counted from 0.
    #[must_use]
    pub fn document(&self, index: usize) -> Option<NodeId> {
        self.documents.get(index).copied()
    }

    /// Returns the top nodes of all documents.
    #[must_use]
    pub fn documents(&self) -> &[NodeId] {
        &self.documents
    }

    /// Returns the nodes of a document.
    #[must_use]
    pub fn nodes(&self, document: usize) -> &[Node] {
        let Some(start) = self.document(document) else {
            return &[];
        };
        let end = self.document(document + 1).unwrap_or(self.nodes.len());
        &self.nodes[start..end]
    }

    /// Returns a node.
    #[must_use]
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id]
    }

    /// Returns the target of an alias, or the node itself.
    #[must_use]
    pub fn target(&self, id: NodeId) -> NodeId {
        match self.nodes[id].shape {
            Shape::Alias(target) => target,
            _ => id,
        }
    }

    /// Returns the offset of the alias with the largest expansion.
    #[must_use]
    pub fn heaviest_alias(&self) -> Option<usize> {
        let is_alias = |node: &&Node| matches!(node.shape, Shape::Alias(_));
        let aliases = self.nodes.iter().filter(is_alias);
        let heaviest = aliases.max_by_key(|node| node.weight)?;
        Some(heaviest.start)
    }

    /// Returns the text of a node; `None` if the node is not a scalar.
    #[must_use]
    pub fn text(&self, id: NodeId) -> Option<&str> {
        match &self.nodes[self.target(id)].shape {
            Shape::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// Returns the fields of a node; `None` if the node is not a mapping.
    #[must_use]
    pub fn fields(&self, id: NodeId) -> Option<&[(NodeId, NodeId)]> {
        match &self.nodes[self.target(id)].shape {
            Shape::Mapping(fields) => Some(fields),
            _ => None,
        }
    }

    /// Returns the items of a node; `None` if the node is not a list.
    #[must_use]
    pub fn items(&self, id: NodeId) -> Option<&[NodeId]> {
        match &self.nodes[self.target(id)].shape {
            Shape::Sequence(items) => Some(items),
            _ => None,
        }
    }
}

impl Node {
    /// Returns whether the node has a tag that YAML does not define.
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
    fn deep_nesting_and_alias_bombs_are_refused() {
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

    /// Returns the texts at the places of all scalars.
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
