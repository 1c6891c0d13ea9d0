//! Edits values of a YAML text in place.
//!
//! An edit changes the bytes of a value, or the lines of a field or of a list item.
//! Comments, order, quotes, blank lines, anchors and line ends stay. A block scalar stays a
//! block scalar. The layout of a new value follows its surroundings: see `render`.
//!
//! After each change the text is parsed again. The change counts only if the text then has
//! exactly the wanted value and all other values are equal. Otherwise the next candidate
//! layout is tried, and without another candidate the edit is refused. Values that an alias
//! repeats, and values that come from an alias or a merge key, are never edited.

pub mod align;
mod block_scalar;
mod field;
mod inline;
mod item;
pub(super) mod layout;
mod line_ends;
mod locate;
mod render;
mod scalar;
mod value;

use std::fmt;
use std::ops::Range;

use serde_json::{Map, Value};

use self::align::{Step as Aligned, align};
pub(super) use self::inline::flow;
use self::layout::Layout;
pub use self::line_ends::{newline, with_line_ends_of};
pub use self::value::value_at;
use super::path::{Path, Step};
use super::tree::{Shape, Tree};
use super::yaml;
use crate::diagnostic::SourceFile;

/// A wanted value.
#[derive(Debug, Clone, PartialEq)]
pub struct Edit {
    /// The index of the document in the text, from 0.
    pub document: usize,
    /// The path of the value.
    pub path: Path,
    /// The value; `None` removes the field.
    pub value: Option<Value>,
}

/// The place of a field among the fields of a mapping: the position in the table of fields,
/// given the document, the path of the mapping and the name. `None` for an unknown field.
pub type FieldOrder<'a> = dyn Fn(usize, &Path, &str) -> Option<usize> + 'a;

/// An edit that was refused. No edit was made.
#[derive(Debug, Clone, PartialEq)]
pub struct Refused {
    /// The byte of the text before all edits, where the value stands.
    pub at: usize,
    /// The reason.
    pub reason: Reason,
}

/// Why an edit was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The text can't be parsed, or has duplicate fields.
    Unreadable,
    /// The value comes from an alias.
    Alias,
    /// An alias repeats the value; the name of the anchor.
    Anchor(String),
    /// The value comes from a merge key.
    Merge,
    /// The value has a tag.
    Tag,
    /// Every candidate layout would change something else.
    Layout,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable => f.write_str("the file can't be read"),
            Self::Alias => f.write_str("the value is an alias of another value"),
            Self::Anchor(name) => write!(f, "an alias repeats the value of the anchor `&{name}`"),
            Self::Merge => f.write_str("the value comes from a merge key"),
            Self::Tag => f.write_str("the value has a tag"),
            Self::Layout => f.write_str("the layout does not allow a safe edit"),
        }
    }
}

/// Returns the text with the edits, in their order. `order` decides where a new field
/// stands.
pub fn edit(text: &str, edits: &[Edit], order: &FieldOrder<'_>) -> Result<String, Refused> {
    let mut editor = Editor::new(text, order)?;
    for edit in edits {
        let made = match &edit.value {
            Some(value) => editor.set(edit.document, &edit.path, value),
            None => editor.remove(edit.document, &edit.path),
        };
        made.map_err(|refused| editor.placed_in(text, edit, refused))?;
    }
    Ok(editor.text)
}

/// A replacement of a part of the text.
struct Splice {
    range: Range<usize>,
    text: String,
}

impl Splice {
    fn new(range: Range<usize>, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { range, text }
    }
}

struct Editor<'a> {
    text: String,
    tree: Tree,
    /// The values of the documents.
    values: Vec<Value>,
    order: &'a FieldOrder<'a>,
}

impl<'a> Editor<'a> {
    fn new(text: &str, order: &'a FieldOrder<'a>) -> Result<Self, Refused> {
        let unreadable = || Refused {
            at: 0,
            reason: Reason::Unreadable,
        };
        Ok(Self {
            values: read(text).ok_or_else(unreadable)?,
            tree: Tree::build(text).map_err(|_| unreadable())?,
            text: text.to_owned(),
            order,
        })
    }

    /// Returns a refusal at its place in the text before all edits.
    fn placed_in(&self, text: &str, edit: &Edit, refused: Refused) -> Refused {
        if self.text == text {
            return refused;
        }
        let reason = refused.reason;
        let at = match Editor::new(text, self.order) {
            Ok(before) => before.refused(edit.document, &edit.path, reason.clone()).at,
            Err(unreadable) => unreadable.at,
        };
        Refused { at, reason }
    }

    fn layout(&self) -> Layout<'_> {
        Layout {
            text: &self.text,
            tree: &self.tree,
        }
    }

    fn value_at(&self, document: usize, path: &Path) -> Option<&Value> {
        value_at(self.values.get(document)?, path)
    }

    /// Sets the value at a path. Maps and lists are changed field by field and item by
    /// item.
    fn set(&mut self, document: usize, path: &Path, new: &Value) -> Result<(), Refused> {
        let found = self.locate(document, path)?;
        if found.depth < path.0.len() {
            return self.add(document, path, found.depth, new);
        }
        let old = self.value_at(document, path).cloned();
        let is_whole = matches!(self.tree.node(found.value).shape, Shape::Scalar { .. });
        match (old, new) {
            (Some(old), new) if old == *new => Ok(()),
            (Some(Value::Object(old)), Value::Object(new))
                if !(is_whole || old.is_empty() || new.is_empty()) =>
            {
                self.set_fields(document, path, &old, new)
            }
            (Some(Value::Array(old)), Value::Array(new))
                if !(is_whole || old.is_empty() || new.is_empty()) =>
            {
                self.set_items(document, path, &old, new)
            }
            _ => self.replace(document, path, &found, new),
        }
    }

    fn set_fields(
        &mut self,
        document: usize,
        path: &Path,
        old: &Map<String, Value>,
        new: &Map<String, Value>,
    ) -> Result<(), Refused> {
        for (name, value) in new.iter().filter(|(name, _)| old.contains_key(*name)) {
            self.set(document, &path.field(name), value)?;
        }
        // New fields come first, so that the mapping never becomes empty.
        let mut added: Vec<_> = new.keys().filter(|name| !old.contains_key(*name)).collect();
        added.sort_by_key(|name| (self.order)(document, path, name));
        for name in added {
            self.set(document, &path.field(name), &new[name])?;
        }
        for name in old.keys().filter(|name| !new.contains_key(*name)) {
            self.remove(document, &path.field(name))?;
        }
        Ok(())
    }

    fn set_items(
        &mut self,
        document: usize,
        path: &Path,
        old: &[Value],
        new: &[Value],
    ) -> Result<(), Refused> {
        let mut index = 0;
        let mut removed = Vec::new();
        for step in align(old, new) {
            match step {
                Aligned::Same => index += 1,
                Aligned::Changed(to) => {
                    self.set(document, &path.index(index), &new[to])?;
                    index += 1;
                }
                Aligned::Added(to) => {
                    self.insert_item(document, path, index, &new[to])?;
                    index += 1;
                }
                // Removed last, so that the list never becomes empty.
                Aligned::Removed => {
                    removed.push(index);
                    index += 1;
                }
            }
        }
        for index in removed.into_iter().rev() {
            self.remove_item(document, path, index)?;
        }
        Ok(())
    }

    /// Adds the missing part of a path, of which `depth` steps exist.
    fn add(
        &mut self,
        document: usize,
        path: &Path,
        depth: usize,
        new: &Value,
    ) -> Result<(), Refused> {
        let (parent, missing) = path.0.split_at(depth);
        let parent = Path(parent.to_vec());
        let mut value = new.clone();
        for step in missing[1..].iter().rev() {
            let Step::Field(name) = step else {
                return Err(self.refused(document, path, Reason::Layout));
            };
            value = Value::Object([(name.clone(), value)].into_iter().collect());
        }
        let Step::Field(name) = &missing[0] else {
            return Err(self.refused(document, path, Reason::Layout));
        };
        match self.value_at(document, &parent) {
            Some(Value::Object(fields)) if !fields.is_empty() => {
                self.insert_field(document, &parent, name, &value)
            }
            Some(Value::Object(_) | Value::Null) => {
                let map = Value::Object([(name.clone(), value)].into_iter().collect());
                let found = self.locate(document, &parent)?;
                self.replace(document, &parent, &found, &map)
            }
            _ => Err(self.refused(document, path, Reason::Layout)),
        }
    }

    /// Removes the field at a path. A missing field is no error.
    fn remove(&mut self, document: usize, path: &Path) -> Result<(), Refused> {
        let found = self.locate(document, path)?;
        let Some((Step::Field(name), above)) = path.0.split_last() else {
            return Err(self.refused(document, path, Reason::Layout));
        };
        if found.depth < path.0.len() {
            return Ok(());
        }
        let above = Path(above.to_vec());
        let fields = self.value_at(document, &above).and_then(Value::as_object);
        if fields.is_some_and(|fields| fields.len() == 1) && !above.is_top() {
            let found = self.locate(document, &above)?;
            return self.replace(document, &above, &found, &Value::Object(Map::new()));
        }
        self.remove_field(document, &above, name)
    }

    /// Makes the first of these changes after which the documents have the wanted values.
    fn accept(
        &mut self,
        document: usize,
        path: &Path,
        candidates: Vec<Splice>,
        change: impl FnOnce(&mut Value),
    ) -> Result<(), Refused> {
        let mut wanted = self.values.clone();
        if let Some(value) = wanted.get_mut(document) {
            change(value);
        }
        for Splice { range, text } in candidates {
            let mut edited = self.text.clone();
            edited.replace_range(range, &text);
            if read(&edited).as_ref() == Some(&wanted)
                && let Ok(tree) = Tree::build(&edited)
            {
                (self.text, self.tree, self.values) = (edited, tree, wanted);
                return Ok(());
            }
        }
        Err(self.refused(document, path, Reason::Layout))
    }
}

/// Returns the values of all documents; `None` for a text with a mistake.
fn read(text: &str) -> Option<Vec<Value>> {
    let documents = yaml::parse(&SourceFile::new("", text)).ok()?.into_iter();
    documents
        .map(|document| document.problems.is_empty().then_some(document.value))
        .collect()
}

#[cfg(test)]
mod tests;
