//! The lines and the columns of a text, and the ends of its values.

use std::ops::Range;

use super::line_ends::newline;
use crate::spec::tree::{Node, NodeId, Shape, TextStyle, Tree};

/// A text and its nodes.
#[derive(Clone, Copy)]
pub(super) struct Layout<'a> {
    pub text: &'a str,
    pub tree: &'a Tree,
}

impl<'a> Layout<'a> {
    /// Returns the line end that the text uses.
    pub fn newline(self) -> &'static str {
        newline(self.text)
    }

    /// Returns the line end of the line with this byte, or else that of the text.
    pub fn newline_at(self, at: usize) -> &'static str {
        match &self.text[self.line_end(at)..] {
            "" => self.newline(),
            rest => newline(rest),
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
        is_flow(self.text, self.tree.node(id))
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
        let end = block_lines(self.text, self.tree.node(id)).end;
        let text = &self.text[..end];
        let text = text.strip_suffix('\n').unwrap_or(text);
        text.strip_suffix('\r').unwrap_or(text).len()
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

/// Returns whether a map or a list is in brackets.
pub(in crate::spec) fn is_flow(text: &str, node: &Node) -> bool {
    let mut rest = text.get(node.start..node.end).unwrap_or_default();
    if rest.starts_with('!') {
        let tag = rest.find(char::is_whitespace).unwrap_or(rest.len());
        rest = rest[tag..].trim_start();
    }
    let is_collection = matches!(node.shape, Shape::Mapping(_) | Shape::Sequence(_));
    is_collection && rest.starts_with(['[', '{'])
}

/// Returns the first byte of a node, its anchor included.
pub(in crate::spec) fn begin_of(node: &Node) -> usize {
    let anchor = node.anchor.as_ref().map(|anchor| anchor.start);
    anchor.map_or(node.start, |anchor| anchor.min(node.start))
}

/// Returns the byte of the dash before a list item that begins at a byte; `None` in brackets.
/// Comments may stand between the dash and the item.
pub(in crate::spec) fn dash_before(text: &str, item: usize) -> Option<usize> {
    let mut before = text[..item].trim_end();
    loop {
        if let Some(around) = before.strip_suffix('-') {
            let is_dash = around.is_empty() || around.ends_with([' ', '\n']);
            return is_dash.then_some(around.len());
        }
        let line = before.rfind('\n').map_or(0, |line| line + 1);
        let comment = before[line..].find('#')? + line;
        let is_comment = comment == line || before[..comment].ends_with([' ', '\t']);
        before = before[..comment].trim_end();
        if !is_comment {
            return None;
        }
    }
}

/// Returns the lines of a block scalar after its header. Blank lines at the end count only if
/// the scalar keeps them.
pub(in crate::spec) fn block_lines(text: &str, node: &Node) -> Range<usize> {
    let header = text[node.start..].find('\n');
    let start = header.map_or(text.len(), |end| node.start + end + 1);
    let end = node.end.max(start);
    if block_indicators(text, node).contains('+') {
        return start..end;
    }
    let lines = text[start..end].split_inclusive('\n');
    let indent = lines.clone().filter(|line| is_filled(line)).map(lead).min();
    // Spaces beyond the indentation are content.
    let is_blank = |line: &&str| !is_filled(line) && indent.is_none_or(|it| lead(line) <= it);
    let blank = lines.rev().take_while(is_blank);
    start..end - blank.map(str::len).sum::<usize>()
}

/// Returns the indicators of a block scalar behind its `|` or `>`: for its indentation, and for
/// the line ends at its end.
pub(in crate::spec) fn block_indicators<'a>(text: &'a str, node: &Node) -> &'a str {
    let header = text[node.start..].lines().next().unwrap_or_default();
    let header = header.split('#').next().unwrap_or_default();
    header.rsplit(['|', '>']).next().unwrap_or_default()
}

/// Returns whether a line has other characters than spaces.
fn is_filled(line: &str) -> bool {
    !line.trim_matches([' ', '\r', '\n']).is_empty()
}

/// Returns the number of spaces at the beginning of a line.
pub(super) fn lead(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// Returns the indentation of a column.
pub(super) fn spaces(column: usize) -> String {
    " ".repeat(column)
}
