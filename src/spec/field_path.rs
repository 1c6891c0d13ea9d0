//! Looks fields up in the field tables by paths of documents.

use super::path::{Path, Step};
use crate::resource::field::{ItemType, ValueType};
use crate::resource::{Field, Kind};

/// Returns whether the values of a field are sent as written, for documents of any kind.
pub(super) fn is_verbatim(name: &str) -> bool {
    Kind::ALL.into_iter().any(|kind| kind.is_verbatim(name))
}

/// Returns the field at a path of a document, maps and lists of maps included.
pub(super) fn field_at(kind: Kind, path: &Path) -> Option<&'static Field> {
    let mut found: Option<&'static Field> = None;
    for step in &path.0 {
        // An index does not change the table: the items have the fields of their list.
        let Step::Field(name) = step else { continue };
        found = Some(match found {
            None => kind.field(name)?,
            Some(outer) => outer.nested().iter().find(|field| field.name == name)?,
        });
    }
    found
}

/// The types that a reference to a variable can become, as the whole value of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    /// A text.
    Text,
    /// A number or a flag.
    Scalar,
    /// A value of any type.
    Any,
}

impl Takes {
    fn of(field: &Field) -> Self {
        match field.value {
            ValueType::Integer(_)
            | ValueType::Number(_)
            | ValueType::Id
            | ValueType::Flag
            | ValueType::Duration { .. }
            | ValueType::Set {
                of: ItemType::Id, ..
            } => Self::Scalar,
            ValueType::AgentId | ValueType::FreeMap | ValueType::FreeMaps | ValueType::Any => {
                Self::Any
            }
            _ => Self::Text,
        }
    }
}

/// Returns the types that a reference to a variable can become, as the whole value at a
/// path.
pub(super) fn takes(kind: Kind, path: &[Step]) -> Takes {
    let mut fields = kind.fields();
    let mut takes = Takes::Text;
    for step in path {
        let Step::Field(name) = step else { continue };
        match fields.iter().find(|field| field.name == name) {
            Some(field) => (fields, takes) = (field.nested(), Takes::of(field)),
            // The fields of a free map have any type.
            None if takes == Takes::Any => return Takes::Any,
            None => return Takes::Text,
        }
    }
    takes
}

/// Returns whether a field is a list or a map.
pub(super) fn is_compound(kind: Kind, path: &Path) -> bool {
    let is_item = matches!(path.0.last(), Some(Step::Index(_)));
    let field = field_at(kind, path).filter(|_| !is_item);
    field.is_some_and(|field| {
        matches!(
            field.value,
            ValueType::Set { .. }
                | ValueType::Texts
                | ValueType::Map { .. }
                | ValueType::FreeMap
                | ValueType::FreeMaps
                | ValueType::Record(_)
                | ValueType::Records { .. }
                | ValueType::Recurrence(_)
        )
    })
}
