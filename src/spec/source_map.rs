//! Finds the place of a value by its path.
//!
//! Aliases and merge keys (`<<`) are followed, so the place is where the value is
//! written, not where the value is used.

use std::ops::Range;
use std::sync::Arc;

use super::path::{Path, Step};
use super::position::TextIndex;
use super::tree::{NodeId, Shape, TextStyle, Tree};
use super::value_range;
use super::yaml;
use crate::diagnostic::{Place, SourceFile, Span};

/// A file with the places of its values.
#[derive(Debug)]
pub struct SourceMap {
    file: Arc<SourceFile>,
    tree: Tree,
    index: TextIndex,
}

/// The end of a path in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PathMatch {
    /// The name of the last field; `None` if the last step is a list item.
    pub key: Option<NodeId>,
    /// The value.
    pub value: NodeId,
    /// The number of steps of the path that exist in the file.
    pub depth: usize,
}

impl SourceMap {
    /// Parses a file. A file with a syntax error has no places.
    #[must_use]
    pub fn new(file: &Arc<SourceFile>) -> Self {
        let text = file.text.as_deref().unwrap_or_default();
        Self {
            tree: Tree::build(text).unwrap_or_default(),
            index: TextIndex::new(text),
            file: Arc::clone(file),
        }
    }

    /// Returns the nodes of the file.
    #[must_use]
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// Follows a path as far as the file contains it; `None` if the document does not
    /// exist.
    #[must_use]
    pub fn find(&self, document: usize, path: &Path) -> Option<PathMatch> {
        let mut found = PathMatch {
            key: None,
            value: self.tree.document(document)?,
            depth: 0,
        };
        for step in &path.0 {
            let next = match step {
                Step::Field(name) => self
                    .field(found.value, name, 0)
                    .map(|(key, value)| (Some(key), value)),
                Step::Index(index) => self
                    .tree
                    .items(found.value)
                    .and_then(|items| items.get(*index))
                    .map(|item| (None, *item)),
            };
            let Some((key, value)) = next else { break };
            found = PathMatch {
                key,
                value,
                depth: found.depth + 1,
            };
        }
        Some(found)
    }

    /// Returns the place of one of several occurrences of a field in a mapping, counted
    /// from 1 in the order of the file.
    #[must_use]
    pub fn occurrence(
        &self,
        document: usize,
        mapping: &Path,
        field: &str,
        count: usize,
    ) -> Option<Place> {
        let mapping = self.find(document, mapping)?.value;
        let fields = self.tree.fields(mapping)?.iter();
        let mut occurrences = fields.filter(|(key, _)| self.is_named(*key, field));
        let (key, _) = occurrences.nth(count.checked_sub(1)?)?;
        Some(self.place(*key))
    }

    /// Returns the place of the first field name that is a list or a mapping; the place
    /// of the whole mapping for a template's `{{ … }}`.
    #[must_use]
    pub fn bad_name(&self, mapping: NodeId) -> Option<Place> {
        let fields = self.tree.fields(mapping)?;
        let bad = fields
            .iter()
            .find(|(key, _)| self.tree.text(*key).is_none());
        let bad = bad.map(|(key, _)| *key)?;
        let is_template = self.text()[self.bytes(mapping)].starts_with("{{");
        Some(self.place(if is_template { mapping } else { bad }))
    }

    /// Returns the place of a node.
    #[must_use]
    pub fn place(&self, node: NodeId) -> Place {
        Place::span(&self.file, self.span(node))
    }

    /// Returns the place of the anchor of a node, or of the node if it has no anchor.
    #[must_use]
    pub fn anchor_place(&self, node: NodeId) -> Place {
        let Some(anchor) = &self.tree.node(node).anchor else {
            return self.place(node);
        };
        let end = anchor.start + "&".len() + anchor.name.len();
        Place::span(&self.file, self.index.span(self.text(), anchor.start, end))
    }

    /// Returns the place of a text inside a node, or of the node if the text is not
    /// found.
    #[must_use]
    pub fn place_of_text(&self, node: NodeId, wanted: &str) -> Place {
        let bytes = self.bytes(node);
        let text = self.text();
        let slice = text.get(bytes.clone()).unwrap_or_default();
        // A reference after a `$` is escaped.
        let is_escaped = |at: usize| wanted.starts_with("${") && slice[..at].ends_with('$');
        let mut found = slice.match_indices(wanted).map(|(at, _)| at);
        match found.find(|at| !is_escaped(*at)) {
            Some(at) => {
                let start = bytes.start + at;
                Place::span(
                    &self.file,
                    self.index.span(text, start, start + wanted.len()),
                )
            }
            None => self.place(node),
        }
    }

    /// Returns the place of a document's first field, or of its first character.
    #[must_use]
    pub fn first_place(&self, document: usize) -> Place {
        let Some(top) = self.tree.document(document) else {
            return Place::file(&self.file);
        };
        match self.tree.fields(top).and_then(<[_]>::first) {
            Some((key, _)) => self.place(*key),
            None => self.place(top),
        }
    }

    fn field(&self, mapping: NodeId, name: &str, depth: usize) -> Option<(NodeId, NodeId)> {
        let fields = self.tree.fields(mapping)?;
        let direct = fields.iter().find(|(key, _)| self.is_named(*key, name));
        if let Some(pair) = direct {
            return Some(*pair);
        }
        // The depth of nested merges is limited.
        if depth > 8 {
            return None;
        }
        let merged = fields
            .iter()
            .filter(|(key, _)| self.tree.text(*key) == Some("<<"));
        merged
            .flat_map(|(_, value)| match self.tree.items(*value) {
                Some(items) => items.to_vec(),
                None => vec![*value],
            })
            .find_map(|source| self.field(source, name, depth + 1))
    }

    /// Returns whether a key is the name of this field.
    fn is_named(&self, key: NodeId, name: &str) -> bool {
        self.tree.text(key) == Some(name) || yaml::name_of(&self.tree, key).as_deref() == Some(name)
    }

    fn span(&self, node: NodeId) -> Span {
        let text = self.text();
        let Range { start, end } = self.bytes(node);
        let slice = text.get(start..end).unwrap_or_default();
        let length = match &self.tree.node(node).shape {
            // Only the first line of a block is marked, so that the snippet stays
            // short.
            Shape::Mapping(_) | Shape::Sequence(_) => {
                slice.lines().next().unwrap_or_default().len()
            }
            Shape::Scalar {
                style: TextStyle::Block,
                ..
            } => slice.find(char::is_whitespace).unwrap_or(slice.len()),
            Shape::Scalar { .. } | Shape::Alias(_) => slice.len(),
        };
        self.index.span(text, start, start + length)
    }

    /// Returns the byte range of a value without its anchor.
    fn bytes(&self, id: NodeId) -> Range<usize> {
        let node = self.tree.node(id);
        if node.start == node.end {
            return value_range::empty_value_range(self.text(), node.start);
        }
        node.start..node.end
    }

    fn text(&self) -> &str {
        self.file.text.as_deref().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, document: usize, path: &Path) -> String {
        let source_map = SourceMap::new(&SourceFile::new("a.yaml", text));
        let Some(found) = source_map.find(document, path) else {
            return "nowhere".to_owned();
        };
        let place = source_map.place(found.value);
        let span = place.span.map(|span| &text[span.start.byte..span.end.byte]);
        format!(
            "{} {:?} depth {}",
            place,
            span.unwrap_or_default(),
            found.depth
        )
    }

    #[test]
    fn finds_values_in_every_document() {
        let text = "é: 1\n---\na:\n  - ü\n  - b: 'x y'  # z\n";
        let path = Path::from(["a"]).index(1).field("b");
        assert_eq!(at(text, 1, &path), "a.yaml:5:8 \"'x y'\" depth 3");
        assert_eq!(at(text, 7, &path), "nowhere");
    }

    #[test]
    fn follows_merge_keys_to_the_written_value() {
        let text = "base: &base\n  n: 1\nuse:\n  <<: *base\n  m: 2\n";
        assert_eq!(
            at(text, 0, &Path::from(["use", "n"])),
            "a.yaml:2:6 \"1\" depth 2"
        );
    }

    #[test]
    fn stops_at_the_last_existing_step_of_a_path() {
        assert_eq!(
            at("a: {b: 1}\n", 0, &Path::from(["a", "c"])),
            "a.yaml:1:4 \"{b: 1}\" depth 1"
        );
    }
}
