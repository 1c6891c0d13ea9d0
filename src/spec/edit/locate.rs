//! Finds the node of a value that may be edited.

use super::layout::{begin_of, dash_before};
use super::{Editor, Reason, Refused};
use crate::spec::path::{Path, Step};
use crate::spec::tree::{NodeId, Shape};
use crate::spec::yaml;

/// The node of a value, or of the innermost part of its path that exists.
#[derive(Debug, Clone, Copy)]
pub(super) struct Located {
    /// The name of the last field; `None` for an item and for a document.
    pub key: Option<NodeId>,
    /// The value.
    pub value: NodeId,
    /// The number of steps of the path that exist.
    pub depth: usize,
    /// Whether a collection in brackets contains the value.
    pub in_flow: bool,
    /// The column of the field, or of the dash of the item, whose value this is; `None`
    /// for a document.
    pub column: Option<usize>,
}

impl Editor<'_> {
    /// Finds a value. Fails if an edit of the value would change other values, or if the
    /// value is written elsewhere.
    pub fn locate(&self, document: usize, path: &Path) -> Result<Located, Refused> {
        let top = self.tree.document(document);
        let mut found = Located {
            key: None,
            value: top.ok_or_else(|| refused(0, Reason::Unreadable))?,
            depth: 0,
            in_flow: false,
            column: None,
        };
        for step in &path.0 {
            self.check_direct(found.value)?;
            let Some((key, value)) = self.child(found.value, step) else {
                let here = Path(path.0[..=found.depth].to_vec());
                return match self.value_at(document, &here) {
                    Some(_) => Err(refused(self.tree.node(found.value).start, Reason::Merge)),
                    None => Ok(found),
                };
            };
            let layout = self.layout();
            let name_start = match key {
                Some(key) => Some(self.tree.node(key).start),
                None => self.dash_of(value),
            };
            found = Located {
                key,
                value,
                depth: found.depth + 1,
                in_flow: found.in_flow || layout.is_flow(found.value),
                column: name_start.map(|start| layout.column(start)),
            };
        }
        self.check_direct(found.value)?;
        Ok(found)
    }

    /// Returns the field or the item of a collection.
    fn child(&self, node: NodeId, step: &Step) -> Option<(Option<NodeId>, NodeId)> {
        match (step, &self.tree.node(node).shape) {
            (Step::Field(name), Shape::Mapping(fields)) => {
                let mut fields = fields.iter();
                let field = fields.find(|(key, _)| self.is_named(*key, name));
                field.map(|(key, value)| (Some(*key), *value))
            }
            (Step::Index(index), Shape::Sequence(items)) => {
                items.get(*index).map(|item| (None, *item))
            }
            _ => None,
        }
    }

    pub fn is_named(&self, key: NodeId, name: &str) -> bool {
        yaml::name_of(&self.tree, key).as_deref() == Some(name)
    }

    /// Fails for an alias, a repeated value and a value with a tag.
    fn check_direct(&self, id: NodeId) -> Result<(), Refused> {
        let node = self.tree.node(id);
        if matches!(node.shape, Shape::Alias(_)) {
            return Err(refused(node.start, Reason::Alias));
        }
        if let Some(anchor) = node.anchor.as_ref().filter(|anchor| anchor.is_used) {
            let name = anchor.name.to_string();
            return Err(refused(anchor.start, Reason::Anchor(name)));
        }
        if node.tag.is_some() {
            return Err(refused(node.start, Reason::Tag));
        }
        Ok(())
    }

    /// Returns the byte of the dash before a list item; `None` in brackets.
    pub fn dash_of(&self, item: NodeId) -> Option<usize> {
        dash_before(&self.text, begin_of(self.tree.node(item)))
    }

    /// Returns the refusal of an edit, at the innermost part of the path that exists.
    pub fn refused(&self, document: usize, path: &Path, reason: Reason) -> Refused {
        match self.locate(document, path) {
            Ok(found) => refused(self.tree.node(found.value).start, reason),
            Err(other) => other,
        }
    }
}

fn refused(at: usize, reason: Reason) -> Refused {
    Refused { at, reason }
}
