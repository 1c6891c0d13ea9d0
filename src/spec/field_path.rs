//! Looks fields up in the field tables by paths of documents.

use super::path::{Path, Step};
use crate::resource::{Field, Kind};

/// Returns whether the values of a field are sent as written, for documents of any kind.
pub(super) fn is_verbatim(name: &str) -> bool {
    Kind::ALL.into_iter().any(|kind| kind.is_verbatim(name))
}

/// Returns the field at a path of a document, maps and lists of maps included.
pub(super) fn field_at(kind: Kind, path: &Path) -> Option<&'static Field> {
    let mut fields = kind.fields();
    let mut found = None;
    for step in &path.0 {
        match step {
            Step::Field(name) => {
                let field = fields.iter().find(|field| field.name == name)?;
                fields = field.nested();
                found = Some(field);
            }
            // The fields of an item are the fields of the list.
            Step::Index(_) => {}
        }
    }
    found
}
