//! The kind of a document.

use serde_json::{Map, Value, json};

use super::check;
use super::nearest::nearest;
use super::path::Path;
use super::problem::Problem;
use crate::diagnostic::DiagnosticCode;
use crate::resource::Kind;
use crate::resource::document_fields::KIND;

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
    problem.code = DiagnosticCode::UnknownKind;
    let meant = nearest(text, names).and_then(Kind::from_name);
    Err((meant, Box::new(problem)))
}
