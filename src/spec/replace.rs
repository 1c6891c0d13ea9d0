//! Replaces the references in the texts of a document.

use serde_json::Value;

use super::field_path::takes;
use super::included_text::{IncludedTexts, in_defaults, not_alone, whole_path};
use super::path::{Path, Step};
use super::problem::Problem;
use super::segments::{Segment, segments, whole_var};
use super::vars::{MAX_REPLACED, ReferenceError, Vars, too_long};
use crate::resource::Kind;
use crate::resource::key::ResourceKey;
use crate::resource::reference::Part;

/// The values that replace references.
#[derive(Debug, Clone, Copy)]
pub struct Replacement<'a> {
    /// The kind of the document.
    pub kind: Kind,
    /// The variables.
    pub vars: &'a Vars,
    /// The texts of included files; `None` if the document can't include files.
    pub files: Option<&'a IncludedTexts>,
    /// The number of steps of a path that lead to the fields of the kind.
    pub base: usize,
}

/// The result of replacing the variables in a value.
#[derive(Debug, Default)]
pub struct Replaced {
    /// The mistakes in references.
    pub problems: Vec<Problem>,
    /// The texts with references to resources.
    pub texts: Vec<ReferringText>,
}

/// A text with references to resources. The value contains the references as they are
/// written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferringText {
    /// The path of the text.
    pub path: Path,
    /// The parts of the text.
    pub parts: Vec<Part>,
}

impl ReferringText {
    /// Returns the resource, if the text is one reference and nothing else.
    #[must_use]
    pub fn whole(&self) -> Option<&ResourceKey> {
        match &self.parts[..] {
            [Part::Id(key)] => Some(key),
            _ => None,
        }
    }
}

impl Replacement<'_> {
    /// Replaces the references in all texts of a value, except in fields that contain
    /// keys. A text with an invalid reference is unchanged.
    pub fn replace(&self, value: &mut Value, path: &mut Path) -> Replaced {
        let mut replaced = Replaced::default();
        let mut remaining = MAX_REPLACED;
        self.replace_within(&mut remaining, value, path, &mut replaced);
        replaced
    }

    fn replace_within(
        &self,
        remaining: &mut usize,
        value: &mut Value,
        path: &mut Path,
        replaced: &mut Replaced,
    ) {
        match value {
            Value::String(text) if text.contains("${") => {
                if let Some(scalar) = self.scalar(text, path) {
                    *value = scalar;
                } else {
                    self.replace_text(remaining, text, path, replaced);
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    path.0.push(Step::Index(index));
                    self.replace_within(remaining, item, path, replaced);
                    path.0.pop();
                }
            }
            Value::Object(fields) => {
                for (name, item) in fields.iter_mut() {
                    if path.is_top() && self.kind.is_literal(name) {
                        continue;
                    }
                    path.0.push(Step::Field(name.clone()));
                    self.replace_within(remaining, item, path, replaced);
                    path.0.pop();
                }
            }
            _ => {}
        }
    }

    /// Returns the number or flag in place of a text that is one reference to a variable
    /// and nothing else.
    fn scalar(&self, text: &str, path: &Path) -> Option<Value> {
        let name = whole_var(text)?;
        let takes = takes(self.kind, path.0.get(self.base..)?);
        self.vars.get(name)?.scalar_for(takes).cloned()
    }

    fn replace_text(
        &self,
        remaining: &mut usize,
        text: &mut String,
        path: &Path,
        replaced: &mut Replaced,
    ) {
        let segments = segments(text);
        let is_alone = whole_path(&segments).is_some();
        let lengths = segments.iter().map(|segment| self.text_of(*segment).len());
        let length = lengths.fold(0, usize::saturating_add);
        if length > *remaining {
            replaced.problems.push(too_long(path));
            return;
        }
        *remaining -= length;
        let mut new = String::with_capacity(length);
        let mut parts = Parts::default();
        for segment in segments {
            new.push_str(self.text_of(segment));
            match segment {
                Segment::Resource { kind, key, .. } => parts.add_id(ResourceKey::of(kind, key)),
                segment => parts.add_text(self.text_of(segment)),
            }
            replaced
                .problems
                .extend(self.problem(segment, path, is_alone));
        }
        if parts.has_ids {
            replaced.texts.push(ReferringText {
                path: path.clone(),
                parts: parts.all,
            });
        }
        *text = new;
    }

    /// Returns the text of a part after the replacement.
    fn text_of<'b>(&'b self, segment: Segment<'b>) -> &'b str {
        match segment {
            Segment::Text(text) | Segment::Invalid(text) => text,
            Segment::Var { whole, name } => {
                let var = self.vars.get(name);
                var.map_or(whole, |var| var.text.as_str())
            }
            Segment::Resource { whole, .. } => whole,
            Segment::File { whole, path } => {
                let text = self.files.and_then(|files| files.get(path));
                text.unwrap_or(whole)
            }
        }
    }

    /// Returns the problem of a part that can't be replaced. `is_alone` says whether the
    /// part is the whole text.
    fn problem(&self, segment: Segment<'_>, path: &Path, is_alone: bool) -> Option<Problem> {
        match segment {
            Segment::Invalid(whole) => {
                let error = ReferenceError::Malformed { whole };
                Some(self.vars.explain(path, error))
            }
            Segment::Var { whole, name } if self.vars.get(name).is_none() => {
                let error = ReferenceError::UnknownVar { whole, name };
                Some(self.vars.explain(path, error))
            }
            Segment::File { whole, path: named } => match self.files {
                None => Some(in_defaults(path, whole)),
                Some(_) if !is_alone => Some(not_alone(path, whole)),
                Some(files) if files.get(named).is_none() => {
                    Some(files.problem(path, whole, named))
                }
                Some(_) => None,
            },
            _ => None,
        }
    }
}

/// The parts of a text. Neighbouring texts are one part.
#[derive(Default)]
struct Parts {
    all: Vec<Part>,
    has_ids: bool,
}

impl Parts {
    fn add_id(&mut self, key: ResourceKey) {
        self.all.push(Part::Id(key));
        self.has_ids = true;
    }

    fn add_text(&mut self, text: &str) {
        match self.all.last_mut() {
            _ if text.is_empty() => {}
            Some(Part::Text(last)) => last.push_str(text),
            _ => self.all.push(Part::Text(text.to_owned())),
        }
    }
}
