//! The kind of a document, and look-ups in the field tables by paths of documents.

use serde_json::{Map, Value, json};

use super::check;
use super::codes::UNKNOWN_KIND;
use super::nearest::nearest;
use super::path::{Path, Step};
use super::problem::Problem;
use crate::resource::document_fields::KIND;
use crate::resource::field::ValueType;
use crate::resource::{Field, Kind};

/// Returns the kind that a document declares: a simulation if `kind` is absent or null.
/// Returns the kind that was probably meant, if any, and a problem for any other value.
pub fn of(fields: &Map<String, Value>) -> Result<Kind, (Option<Kind>, Box<Problem>)> {
    let value = match fields.get(KIND) {
        None | Some(Value::Null) => return Ok(Kind::Simulation),
        Some(value) => value,
    };
    let text = value.as_str().unwrap_or_default();
    if let Some(kind) = Kind::from_name(text) {
        return Ok(kind);
    }
    let names = Kind::ALL.map(Kind::name);
    let mut problem = check::not_one_of(&Path::from([KIND]), value, &json!(names));
    problem.code = UNKNOWN_KIND;
    let meant = nearest(text, names).and_then(Kind::from_name);
    Err((meant, Box::new(problem)))
}

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
                fields = fields_of(field);
                found = Some(field);
            }
            // The fields of an item are the fields of the list.
            Step::Index(_) => {}
        }
    }
    found
}

/// Returns the fields of a map, or of the items of a list of maps.
fn fields_of(field: &Field) -> &'static [Field] {
    match field.value {
        ValueType::Record(shape)
        | ValueType::Recurrence(shape)
        | ValueType::Records { of: shape, .. } => shape.fields,
        _ => field.inner(),
    }
}
