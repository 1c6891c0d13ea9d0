//! Replaces values as a whole.

use std::ops::Range;

use serde_json::Value;

use super::block_scalar::{BlockScalar, header_comment, literal};
use super::inline::{flow, one_line, single_quoted};
use super::line_ends::with_line_ends_of;
use super::locate::Located;
use super::render::Renderer;
use super::value::value_at_mut;
use super::{Editor, Refused, Splice};
use crate::spec::path::Path;
use crate::spec::tree::{Shape, TextStyle};
use crate::spec::yaml::{self, double_quoted};

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    Plain,
    SingleQuoted,
    DoubleQuoted,
    Block,
    Collection,
}

impl Editor<'_> {
    /// Replaces a value. A new text keeps the style of the old text, if the style can hold
    /// the new text.
    pub(super) fn replace(
        &mut self,
        document: usize,
        path: &Path,
        found: &Located,
        new: &Value,
    ) -> Result<(), Refused> {
        let candidates = match self.style(found) {
            Style::Collection => self.in_place_of_collection(document, path, found, new),
            style => self.in_place_of_scalar(document, path, found, style, new),
        };
        self.accept(document, path, candidates, |top| {
            if let Some(value) = value_at_mut(top, path) {
                *value = new.clone();
            }
        })
    }

    fn style(&self, found: &Located) -> Style {
        let node = self.tree.node(found.value);
        let Shape::Scalar { style, .. } = &node.shape else {
            return Style::Collection;
        };
        match style {
            TextStyle::Plain => Style::Plain,
            TextStyle::Block => Style::Block,
            TextStyle::Quoted if self.text[node.start..].starts_with('"') => Style::DoubleQuoted,
            TextStyle::Quoted => Style::SingleQuoted,
        }
    }

    fn in_place_of_scalar(
        &self,
        document: usize,
        path: &Path,
        found: &Located,
        style: Style,
        new: &Value,
    ) -> Vec<Splice> {
        let range = self.scalar_range(found);
        let gap = self.gap(&range);
        let comment = match style {
            Style::Block => header_comment(&self.text[range.clone()]),
            _ => "",
        };
        let splice = |text: String| Splice::new(range.clone(), format!("{gap}{text}{comment}"));
        let mut candidates = Vec::new();
        let Value::String(text) = new else {
            if is_filled(new)
                && !found.in_flow
                && let Some(column) = found.column
            {
                candidates.extend(self.lines_in_place(document, path, found, new, column));
            }
            candidates.push(splice(flow(new)));
            return candidates;
        };
        let old = match &self.tree.node(found.value).shape {
            Shape::Scalar { text, .. } => text,
            _ => "",
        };
        if style == Style::Block {
            candidates.extend(self.in_place_of_block(found, &range, old, text));
        }
        let stays_quoted = style == Style::DoubleQuoted && is_long(old);
        if !found.in_flow && !stays_quoted {
            candidates.extend(self.literal_in_place(found, &range, text));
        }
        let quoted = quoted_forms(style, text, new).into_iter();
        candidates.extend(quoted.map(splice));
        candidates
    }

    fn in_place_of_block(
        &self,
        found: &Located,
        range: &Range<usize>,
        old: &str,
        new: &str,
    ) -> Vec<Splice> {
        let (column, inner) = columns(found);
        let blocks =
            BlockScalar::read(&self.text[range.clone()], old, column, inner).rewritten(new);
        // The last line has a line end, too.
        let is_ended = self.text[range.end..].starts_with(['\r', '\n']);
        let (whole, end) = if is_ended {
            (range.start..self.layout().next_line(range.end), "\n")
        } else {
            (range.clone(), "")
        };
        let source = &self.text[whole.clone()];
        let newline = self.layout().newline_at(range.start);
        let blocks = blocks.iter();
        blocks
            .map(|block| with_line_ends_of(source, &format!("{block}{end}"), newline))
            .map(|block| Splice::new(whole.clone(), block))
            .collect()
    }

    /// Returns the bytes of a scalar. Without a value, the range is empty and follows the
    /// colon or the dash.
    fn scalar_range(&self, found: &Located) -> Range<usize> {
        let start = self.tree.node(found.value).start;
        start..self.layout().content_end(found.value)
    }

    /// Returns the space before a value in an empty range.
    fn gap(&self, range: &Range<usize>) -> &'static str {
        let before = self.layout().before(range.start);
        if range.is_empty() && !before.ends_with([' ', '\t']) {
            " "
        } else {
            ""
        }
    }

    /// Returns the change that writes a text of several lines as a literal block. A comment
    /// behind the value stays behind the header of the block.
    fn literal_in_place(
        &self,
        found: &Located,
        range: &Range<usize>,
        text: &str,
    ) -> Option<Splice> {
        let layout = self.layout();
        let (column, inner) = columns(found);
        let block = literal(text, column, inner, layout.newline())?;
        let (header, lines) = block.split_once('\n')?;
        let end = layout.line_end(range.end);
        let rest = &self.text[range.end..end];
        let (gap, header) = (self.gap(range), header.trim_end_matches('\r'));
        let text = format!("{gap}{header}{rest}{}{lines}", layout.newline());
        Some(Splice::new(range.start..end, text))
    }

    /// Replaces a map or a list. The new value begins in the line of its field.
    fn in_place_of_collection(
        &self,
        document: usize,
        path: &Path,
        found: &Located,
        new: &Value,
    ) -> Vec<Splice> {
        let layout = self.layout();
        let node = self.tree.node(found.value);
        let range = node.start..layout.content_end(found.value);
        let is_lines = !layout.is_flow(found.value);
        let mut candidates = Vec::new();
        if let Some(colon) = self.colon_end(found).filter(|_| is_lines) {
            let between = &self.text[colon..range.start];
            if between.contains('#') {
                // The comments stay behind the new value, which has one line.
                let text = format!(" {}{}", flow(new), between.trim_end());
                candidates.push(Splice::new(colon..range.end, text));
            } else {
                let column = found.column.unwrap_or_default();
                let renderer = Renderer::of(self, document);
                let text = if new.is_object() || new.is_array() {
                    renderer.after_colon(path, new, column)
                } else {
                    format!(" {}", one_line(new))
                };
                candidates.push(Splice::new(colon..range.end, text));
            }
        }
        candidates.push(Splice::new(range, flow(new)));
        candidates
    }

    /// Returns the change that writes a map or a list in lines in place of a scalar.
    fn lines_in_place(
        &self,
        document: usize,
        path: &Path,
        found: &Located,
        new: &Value,
        column: usize,
    ) -> Option<Splice> {
        let layout = self.layout();
        let colon = self.colon_end(found)?;
        let end = layout.content_end(found.value);
        let renderer = Renderer::of(self, document);
        // A comment behind the value stays behind the name of the field.
        let rest = self.text[end.max(colon)..layout.line_end(end.max(colon))].to_owned();
        let text = format!("{rest}{}", renderer.after_colon(path, new, column));
        Some(Splice::new(colon..layout.line_end(end.max(colon)), text))
    }
}

/// Returns the column of the collection that contains a value, and the column of the lines
/// of a new block scalar.
fn columns(found: &Located) -> (usize, usize) {
    match found.column {
        Some(column) => (column, column + 2),
        None => (0, 2),
    }
}

/// Returns whether a text has several lines.
fn is_long(text: &str) -> bool {
    text.trim_end_matches('\n').contains('\n')
}

/// Returns a text in one line, first in the style of the text before.
fn quoted_forms(style: Style, text: &str, new: &Value) -> Vec<String> {
    let mut forms = Vec::new();
    forms.extend(match style {
        Style::SingleQuoted => single_quoted(text),
        Style::Plain if !is_long(text) => Some(yaml::scalar(new)),
        _ => None,
    });
    if style != Style::DoubleQuoted && !is_long(text) {
        forms.extend(single_quoted(text));
    }
    forms.push(double_quoted(text));
    forms
}

fn is_filled(value: &Value) -> bool {
    match value {
        Value::Object(fields) => !fields.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => false,
    }
}
