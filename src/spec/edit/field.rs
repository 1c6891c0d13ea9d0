//! Inserts and removes fields of mappings.

use serde_json::Value;

use super::inline::flow;
use super::layout::spaces;
use super::locate::Located;
use super::render::Renderer;
use super::value::value_at_mut;
use super::{Editor, Reason, Refused, Splice};
use crate::spec::path::Path;
use crate::spec::tree::{NodeId, Shape};
use crate::spec::yaml;

impl Editor<'_> {
    /// Adds a field to the mapping at a path, behind the fields that come before it in the
    /// table of fields. The mapping has fields.
    pub(super) fn insert_field(
        &mut self,
        document: usize,
        mapping: &Path,
        name: &str,
        value: &Value,
    ) -> Result<(), Refused> {
        let found = self.locate(document, mapping)?;
        let Some(first) = self.fields(found.value).first().copied() else {
            return Err(self.refused(document, mapping, Reason::Layout));
        };
        let before = self.field_before(document, mapping, found.value, name);
        let candidates = if self.layout().is_flow(found.value) {
            self.flow_field(first, before, name, value)
        } else {
            self.block_field(document, mapping, first, before, name, value)
        };
        self.accept(document, mapping, candidates, |top| {
            if let Some(Value::Object(fields)) = value_at_mut(top, mapping) {
                fields.insert(name.to_owned(), value.clone());
            }
        })
    }

    fn fields(&self, mapping: NodeId) -> &[(NodeId, NodeId)] {
        match &self.tree.node(mapping).shape {
            Shape::Mapping(fields) => fields,
            _ => &[],
        }
    }

    /// Returns the last field of the table that comes before a new field.
    fn field_before(
        &self,
        document: usize,
        path: &Path,
        mapping: NodeId,
        name: &str,
    ) -> Option<(NodeId, NodeId)> {
        let fields = self.fields(mapping);
        let Some(rank) = (self.order)(document, path, name) else {
            return fields.last().copied();
        };
        let ranked = fields.iter().filter_map(|field| {
            let name = yaml::name_of(&self.tree, field.0)?;
            let other = (self.order)(document, path, &name);
            // Fields that the table does not list, such as the key, stay at the top.
            (other.is_none_or(|other| other < rank)).then_some((other, field))
        });
        ranked
            .max_by_key(|(rank, _)| *rank)
            .map(|(_, field)| *field)
    }

    fn block_field(
        &self,
        document: usize,
        mapping: &Path,
        first: (NodeId, NodeId),
        before: Option<(NodeId, NodeId)>,
        name: &str,
        value: &Value,
    ) -> Vec<Splice> {
        let layout = self.layout();
        let start = self.tree.node(first.0).start;
        let column = layout.column(start);
        let renderers = Renderer::both(self, document);
        let path = mapping.field(name);
        let news = renderers.map(|renderer| renderer.field(&path, name, value, column));
        let indent = spaces(column);
        let mut candidates = Vec::new();
        if let Some((_, value)) = before {
            let at = layout.line_end(layout.content_end(value));
            let newline = layout.newline_at(at);
            let below = |new| Splice::new(at..at, format!("{newline}{indent}{new}"));
            candidates.extend(news.iter().map(below));
        }
        let newline = layout.newline_at(start);
        let above = |new| Splice::new(start..start, format!("{new}{newline}{indent}"));
        candidates.extend(news.iter().map(above));
        candidates
    }

    fn flow_field(
        &self,
        first: (NodeId, NodeId),
        before: Option<(NodeId, NodeId)>,
        name: &str,
        value: &Value,
    ) -> Vec<Splice> {
        let start = self.tree.node(first.0).start;
        let quote = if self.text[start..].starts_with('"') {
            Value::from(name).to_string()
        } else {
            yaml::scalar(&name.into())
        };
        let new = format!("{quote}: {}", flow(value));
        match before {
            Some((_, value)) => {
                let at = self.tree.node(value).end;
                vec![Splice::new(at..at, format!(", {new}"))]
            }
            None => vec![Splice::new(start..start, format!("{new}, "))],
        }
    }

    /// Removes a field of a mapping that has other fields.
    pub(super) fn remove_field(
        &mut self,
        document: usize,
        mapping: &Path,
        name: &str,
    ) -> Result<(), Refused> {
        let found = self.locate(document, mapping)?;
        let fields = self.fields(found.value);
        let Some(at) = fields.iter().position(|(key, _)| self.is_named(*key, name)) else {
            return Ok(());
        };
        let (key, value) = fields[at];
        let next = fields.get(at + 1).map(|(key, _)| *key);
        let previous = at.checked_sub(1).map(|at| fields[at].1);
        let candidates = if self.layout().is_flow(found.value) {
            self.without_flow_part(key, value, previous, next)
        } else {
            self.without_block_field(key, value, next)
        };
        self.accept(document, &mapping.field(name), candidates, |top| {
            if let Some(Value::Object(fields)) = value_at_mut(top, mapping) {
                fields.remove(name);
            }
        })
    }

    fn without_block_field(&self, key: NodeId, value: NodeId, next: Option<NodeId>) -> Vec<Splice> {
        let layout = self.layout();
        let start = self.tree.node(key).start;
        let end = layout.content_end(value);
        if layout.before(start).trim_matches(' ').is_empty() {
            return vec![self.without_lines(start, end)];
        }
        // The first field of a list item: the next field takes its place, unless a comment
        // stands between them.
        let Some(next) = next.map(|next| self.tree.node(next).start) else {
            return Vec::new();
        };
        let between = &self.text[end.min(next)..next];
        if between.contains('#') {
            let start = layout.line_start(start) + layout.before(start).trim_end().len();
            return vec![Splice::new(start..layout.line_end(end), "")];
        }
        vec![Splice::new(start..next, "")]
    }

    /// Returns the change that removes the lines from `start` to `end`.
    pub(super) fn without_lines(&self, start: usize, end: usize) -> Splice {
        let layout = self.layout();
        let (start, next) = (layout.line_start(start), layout.next_line(end));
        let is_last = next == self.text.len() && !self.text.ends_with('\n');
        let start = if is_last {
            // The line before becomes the last line, which has no line end.
            let above = &self.text[..start];
            let above = above.strip_suffix('\n').unwrap_or(above);
            above.strip_suffix('\r').unwrap_or(above).len()
        } else {
            start
        };
        Splice::new(start..next, "")
    }

    /// Returns the change that removes a field or an item in brackets, with its comma. A
    /// part with a comment stays.
    pub(super) fn without_flow_part(
        &self,
        first: NodeId,
        last: NodeId,
        previous: Option<NodeId>,
        next: Option<NodeId>,
    ) -> Vec<Splice> {
        let (start, end) = (self.tree.node(first).start, self.tree.node(last).end);
        let range = match (next, previous) {
            (Some(next), _) => start..self.tree.node(next).start,
            (None, Some(previous)) => self.tree.node(previous).end..end,
            (None, None) => return Vec::new(),
        };
        let (before, after) = (&self.text[range.start..start], &self.text[end..range.end]);
        if before.contains('#') || after.contains('#') {
            return Vec::new();
        }
        vec![Splice::new(range, "")]
    }

    /// Returns the end of the `:` after the name of a field.
    pub(super) fn colon_end(&self, found: &Located) -> Option<usize> {
        let key = self.tree.node(found.key?);
        let rest = &self.text[key.end..];
        let colon = rest.find(':')?;
        rest[..colon]
            .trim()
            .is_empty()
            .then_some(key.end + colon + 1)
    }
}
