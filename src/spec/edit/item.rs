//! Inserts and removes the items of lists.

use serde_json::Value;

use super::inline::flow;
use super::layout::spaces;
use super::render::Renderer;
use super::value::value_at_mut;
use super::{Editor, Refused, Splice};
use crate::spec::path::Path;
use crate::spec::tree::{NodeId, Shape};

impl Editor<'_> {
    fn items(&self, list: NodeId) -> &[NodeId] {
        match &self.tree.node(list).shape {
            Shape::Sequence(items) => items,
            _ => &[],
        }
    }

    /// Adds an item to the list at a path. The list has items.
    pub(super) fn insert_item(
        &mut self,
        document: usize,
        list: &Path,
        index: usize,
        value: &Value,
    ) -> Result<(), Refused> {
        let found = self.locate(document, list)?;
        let items = self.items(found.value);
        let previous = index.checked_sub(1).and_then(|at| items.get(at)).copied();
        let candidates = if self.layout().is_flow(found.value) {
            self.flow_item(items.first().copied(), previous, value)
        } else {
            self.block_item(document, &list.index(index), found.value, previous, value)
        };
        self.accept(document, list, candidates, |top| {
            if let Some(Value::Array(items)) = value_at_mut(top, list) {
                items.insert(index.min(items.len()), value.clone());
            }
        })
    }

    fn flow_item(
        &self,
        first: Option<NodeId>,
        previous: Option<NodeId>,
        value: &Value,
    ) -> Vec<Splice> {
        let new = flow(value);
        match (previous, first) {
            (Some(previous), _) => {
                let at = self.tree.node(previous).end;
                vec![Splice::new(at..at, format!(", {new}"))]
            }
            (None, Some(first)) => {
                let at = self.tree.node(first).start;
                vec![Splice::new(at..at, format!("{new}, "))]
            }
            (None, None) => Vec::new(),
        }
    }

    fn block_item(
        &self,
        document: usize,
        path: &Path,
        list: NodeId,
        previous: Option<NodeId>,
        value: &Value,
    ) -> Vec<Splice> {
        let layout = self.layout();
        // A list begins at its first dash.
        let first = self.tree.node(list).start;
        let column = layout.column(first);
        let (at, is_first) = match previous {
            Some(previous) => (layout.line_end(layout.content_end(previous)), false),
            None => (first, true),
        };
        let newline = layout.newline_at(at);
        let indent = spaces(column);
        let candidates = Renderer::both(self, document).map(|renderer| {
            let new = renderer.item(path, value, column);
            Splice::new(
                at..at,
                if is_first {
                    format!("{new}{newline}{indent}")
                } else {
                    format!("{newline}{indent}{new}")
                },
            )
        });
        candidates.into()
    }

    /// Removes an item of a list that has other items.
    pub(super) fn remove_item(
        &mut self,
        document: usize,
        list: &Path,
        index: usize,
    ) -> Result<(), Refused> {
        let found = self.locate(document, list)?;
        self.locate(document, &list.index(index))?;
        let items = self.items(found.value);
        let Some(item) = items.get(index).copied() else {
            return Ok(());
        };
        let candidates = if self.layout().is_flow(found.value) {
            let previous = index.checked_sub(1).map(|at| items[at]);
            self.without_flow_part(item, item, previous, items.get(index + 1).copied())
        } else {
            self.without_block_item(item).into_iter().collect()
        };
        self.accept(document, &list.index(index), candidates, |top| {
            if let Some(Value::Array(items)) = value_at_mut(top, list) {
                items.remove(index);
            }
        })
    }

    fn without_block_item(&self, item: NodeId) -> Option<Splice> {
        let layout = self.layout();
        let dash = self.dash_of(item)?;
        let is_alone = layout.before(dash).trim_matches(' ').is_empty();
        is_alone.then(|| self.without_lines(dash, layout.content_end(item)))
    }
}
