//! Checks the values of variables in the project file: each has a literal value.

use serde_json::{Map, Value};

use super::path::Path;
use super::problem::{FieldPart, Problem};
use super::vars::Vars;
use crate::diagnostic::DiagnosticCode;
use crate::resource::document_fields::ENVIRONMENTS;

/// Returns the mistakes in the values of all variables, those of all environments
/// included.
#[must_use]
pub fn check(fields: &Map<String, Value>, vars: &Vars) -> Vec<Problem> {
    let mut problems = Vec::new();
    add(
        fields.get("vars"),
        &Path::from(["vars"]),
        vars,
        &mut problems,
    );
    let environments = fields.get(ENVIRONMENTS).and_then(Value::as_object);
    for (name, environment) in environments.into_iter().flatten() {
        let path = Path::from([ENVIRONMENTS, name, "vars"]);
        add(environment.get("vars"), &path, vars, &mut problems);
    }
    problems
}

fn add(values: Option<&Value>, path: &Path, vars: &Vars, problems: &mut Vec<Problem>) {
    for (name, value) in values.and_then(Value::as_object).into_iter().flatten() {
        let path = path.field(name);
        match value {
            Value::Null => problems.push(blank(path, name)),
            Value::String(text) => problems.extend(vars.references_in_var(&path, text)),
            _ => {}
        }
    }
}

fn blank(path: Path, name: &str) -> Problem {
    Problem::error(
        DiagnosticCode::BlankVariable,
        path,
        format!("the variable `{name}` has no value"),
    )
    .part(FieldPart::Key)
    .label("no value")
    .help("write one, `\"\"` for an empty text, or remove the line")
}
