//! The lines and the columns of a text, and the ends of its values.

use crate::spec::tree::{NodeId, Shape, TextStyle, Tree};

/// A text and its nodes.
#[derive(Clone, Copy)]
pub(super) struct Layout<'a> {
    pub text: &'a str,
    pub tree: &'a Tree,
}

impl<'a> Layout<'a> {
    /// Returns the line end that the text uses.
    pub fn newline(self) -> &'static str {
        match self.text.find('\n') {
            Some(at) if self.text[..at].ends_with('\r') => "\r\n",
            _ => "\n",
        }
    }

    /// Returns the first byte of the line with this byte.
    pub fn line_start(self, at: usize) -> usize {
        self.text[..at].rfind('\n').map_or(0, |line| line + 1)
    }

    /// Returns the end of the line with this byte, before the line end.
    pub fn line_end(self, at: usize) -> usize {
        let rest = &self.text[at..];
        let line = rest.find('\n').map_or(rest, |end| &rest[..end]);
        at + line.strip_suffix('\r').unwrap_or(line).len()
    }

    /// Returns the beginning of the next line after this byte.
    pub fn next_line(self, at: usize) -> usize {
        let rest = &self.text[at..];
        rest.find('\n').map_or(self.text.len(), |end| at + end + 1)
    }

    /// Returns the column of a byte, counted from 0, in characters.
    pub fn column(self, at: usize) -> usize {
        self.text[self.line_start(at)..at].chars().count()
    }

    /// Returns the text of the line before a byte.
    pub fn before(self, at: usize) -> &'a str {
        &self.text[self.line_start(at)..at]
    }

    /// Returns whether a collection is in brackets.
    pub fn is_flow(self, id: NodeId) -> bool {
        let node = self.tree.node(id);
        let is_collection = matches!(node.shape, Shape::Mapping(_) | Shape::Sequence(_));
        is_collection && self.text[node.start..].starts_with(['{', '['])
    }

    /// Returns the end of the content of a value: without the blank lines that follow a
    /// block scalar, unless they belong to its text.
    pub fn content_end(self, id: NodeId) -> usize {
        let node = self.tree.node(id);
        match &node.shape {
            Shape::Scalar {
                style: TextStyle::Block,
                ..
            } => self.block_end(id),
            Shape::Mapping(fields) if !self.is_flow(id) => fields
                .last()
                .map_or(node.end, |(_, value)| self.content_end(*value)),
            Shape::Sequence(items) if !self.is_flow(id) => items
                .last()
                .map_or(node.end, |item| self.content_end(*item)),
            _ => node.end,
        }
    }

    /// Returns the end of the last content line of a block scalar.
    fn block_end(self, id: NodeId) -> usize {
        let node = self.tree.node(id);
        let source = &self.text[node.start..node.end];
        let header = &source[..source.find(char::is_whitespace).unwrap_or(source.len())];
        if header.contains('+') {
            let kept = source.strip_suffix('\n').unwrap_or(source);
            let kept = kept.strip_suffix('\r').unwrap_or(kept);
            return node.start + kept.len();
        }
        self.line_end(node.start + source.trim_end().len())
    }

    /// Returns how far the dashes of lists are indented from their fields, as the first
    /// list of the text shows.
    pub fn dash_indent(self, document: usize) -> usize {
        const USUAL: usize = 2;
        let nodes = self.tree.nodes(document).iter();
        let mut fields = nodes.filter_map(|node| match &node.shape {
            Shape::Mapping(fields) => Some(fields),
            _ => None,
        });
        let list = fields.find_map(|fields| {
            let mut lists = fields.iter().filter(|(_, value)| {
                matches!(self.tree.node(*value).shape, Shape::Sequence(_)) && !self.is_flow(*value)
            });
            lists.next()
        });
        let Some((key, list)) = list else {
            return USUAL;
        };
        let (key, list) = (self.tree.node(*key).start, self.tree.node(*list).start);
        self.column(list).saturating_sub(self.column(key))
    }
}

/// Returns the indentation of a column.
pub(super) fn spaces(column: usize) -> String {
    " ".repeat(column)
}
