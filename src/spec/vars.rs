//! The variables of `${var:NAME}`, and the messages about references.
//!
//! Only declared variables and `BLUEJAY_VAR_NAME` can be read, not the whole process
//! environment: otherwise a pull request could print a secret.

use std::collections::BTreeMap;

use serde_json::Value;

use super::field_path::Takes;
use super::nearest::{join_names, nearest};
use super::path::{Path, Step};
use super::problem::{FieldPart, Problem};
use super::segments::{REFERENCED, Segment, segments};
pub use super::segments::{is_name, references, unescaped};
use super::words;
use super::yaml;
use crate::diagnostic::DiagnosticCode;
use crate::resource::Kind;
use crate::resource::document_fields::ENVIRONMENTS;

/// A variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Var {
    /// The text that replaces `${var:NAME}` inside a text.
    pub text: String,
    /// The number or flag in the text, read as a YAML scalar; `None` for any other text.
    scalar: Option<Value>,
    /// The place that sets the variable.
    pub origin: VarOrigin,
}

/// The place that sets a variable. Later variants override earlier ones.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum VarOrigin {
    /// `bluejay.yaml`, at this path.
    Project(Path),
    /// `BLUEJAY_VAR_NAME` in the process environment.
    Environment,
    /// `--var NAME=VALUE`.
    Argument,
}

impl Var {
    /// Returns the number or flag of a value that is one reference to this variable and
    /// nothing else; `None` if the value is the text of the variable.
    ///
    /// A value of the shell has no type, so it becomes a number or a flag only in a field
    /// that takes one.
    pub(super) fn scalar_for(&self, takes: Takes) -> Option<&Value> {
        let is_wanted = match takes {
            Takes::Text => false,
            Takes::Scalar => true,
            Takes::Any => matches!(self.origin, VarOrigin::Project(_)),
        };
        self.scalar.as_ref().filter(|_| is_wanted)
    }
}

/// All variables of an invocation.
#[derive(Debug, Clone, Default)]
pub struct Vars {
    known: BTreeMap<String, Var>,
    /// The unselected environments that set a variable, by the variable's name.
    in_other_environments: BTreeMap<String, Vec<String>>,
    /// Whether an invalid project file may set further variables.
    is_incomplete: bool,
}

impl Vars {
    /// Returns the variables of an invalid project file. Unknown variables are not
    /// reported.
    #[must_use]
    pub fn incomplete() -> Self {
        Self {
            is_incomplete: true,
            ..Self::default()
        }
    }

    /// Returns whether an invalid project file may set further variables.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        self.is_incomplete
    }

    /// Sets a variable from outside of the project file, and replaces a variable of the
    /// same name. The text is read as a YAML scalar, which determines the type.
    pub fn set(&mut self, name: impl Into<String>, text: impl Into<String>, origin: VarOrigin) {
        let text = text.into();
        let scalar = yaml::read_scalar(&text);
        self.insert(name.into(), text, scalar, origin);
    }

    /// Sets a variable of the project file, which has the type of its value there.
    pub fn set_in_project(&mut self, name: &str, text: String, value: &Value, path: Path) {
        let is_scalar = value.is_number() || value.is_boolean();
        let scalar = is_scalar.then(|| value.clone());
        self.insert(name.to_owned(), text, scalar, VarOrigin::Project(path));
    }

    fn insert(&mut self, name: String, text: String, scalar: Option<Value>, origin: VarOrigin) {
        let var = Var {
            text,
            scalar,
            origin,
        };
        self.known.insert(name, var);
    }

    /// Records that an unselected environment sets a variable.
    pub fn add_of_other_environment(&mut self, name: &str, environment: &str) {
        let environments = self
            .in_other_environments
            .entry(name.to_owned())
            .or_default();
        environments.push(environment.to_owned());
    }

    /// Returns the number of unselected environments that set a variable.
    #[must_use]
    pub fn count_elsewhere(&self, name: &str) -> usize {
        self.in_other_environments.get(name).map_or(0, Vec::len)
    }

    /// Returns a reference to the variable with this text, if other environments may set
    /// it to another text. Returns `None` if several variables match.
    #[must_use]
    pub fn reference_to(&self, text: &str) -> Option<String> {
        let differs = |name: &String, origin: &VarOrigin| match origin {
            VarOrigin::Project(path) => {
                let first = path.0.first();
                self.in_other_environments.contains_key(name)
                    || matches!(first, Some(Step::Field(name)) if name == ENVIRONMENTS)
            }
            VarOrigin::Environment | VarOrigin::Argument => false,
        };
        let mut matching = self
            .known
            .iter()
            .filter(|(name, var)| var.text == text && differs(name, &var.origin));
        let (name, _) = matching.next()?;
        matching
            .next()
            .is_none()
            .then(|| format!("${{var:{name}}}"))
    }

    /// Returns the variables that were given outside of the project file, with their texts.
    pub fn given(&self) -> impl Iterator<Item = (&str, &str)> {
        let is_outside = |var: &Var| !matches!(var.origin, VarOrigin::Project(_));
        let given = self.known.iter().filter(move |(_, var)| is_outside(var));
        given.map(|(name, var)| (name.as_str(), var.text.as_str()))
    }

    /// Returns a variable.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Var> {
        self.known.get(name)
    }

    pub(super) fn explain(&self, path: &Path, wrong: ReferenceError<'_>) -> Problem {
        match wrong {
            ReferenceError::UnknownVar { whole, name } => self.unknown(path, name, whole),
            ReferenceError::Malformed { whole } => Problem::error(
                DiagnosticCode::BadReference,
                path.clone(),
                if meant_resource(whole).is_some() {
                    format!("`{whole}` is not a reference")
                } else {
                    format!("`{whole}` is not a reference: only `${{var:NAME}}` is replaced")
                },
            )
            .part(FieldPart::Text(whole.to_owned()))
            .maybe_help(meant_resource(whole).or_else(|| self.corrected_reference(whole)))
            .help("write `$${` for a literal `${`"),
        }
    }

    /// Returns how to write a malformed reference.
    fn corrected_reference(&self, whole: &str) -> Option<String> {
        let inner = whole.strip_prefix("${")?;
        let Some(inner) = inner.strip_suffix('}') else {
            return Some("close it with `}`".to_owned());
        };
        let name = inner.rsplit([':', '.']).next()?.trim();
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-:. ".contains(c);
        if !is_name(name) || !inner.chars().all(is_plain) {
            return None;
        }
        if self.known.contains_key(name) {
            return Some(format!("did you mean `${{var:{name}}}`?"));
        }
        Some(format!(
            "only declared variables can be read: write `${{var:{name}}}` and give it as \
             `BLUEJAY_VAR_{name}`, with `--var` or under `vars:`"
        ))
    }

    /// Returns the problems of references in the value of a variable.
    #[must_use]
    pub fn references_in_var(&self, path: &Path, text: &str) -> Vec<Problem> {
        let segments = segments(text).into_iter();
        segments
            .filter_map(|segment| match segment {
                Segment::Text(_) => None,
                Segment::Var { whole, .. }
                | Segment::Resource { whole, .. }
                | Segment::File { whole, .. } => Some(
                    Problem::error(
                        DiagnosticCode::BadReference,
                        path.clone(),
                        format!("`{whole}` is not replaced inside a variable"),
                    )
                    .part(FieldPart::Text(whole.to_owned()))
                    .label("a variable can't refer to other variables")
                    .help(
                        "write the text of the other variable, or write both references where \
                           the value is used",
                    )
                    .help("write `$${` for a literal `${`"),
                ),
                Segment::Invalid(whole) => {
                    Some(self.explain(path, ReferenceError::Malformed { whole }))
                }
            })
            .collect()
    }

    fn unknown(&self, path: &Path, name: &str, whole: &str) -> Problem {
        let error = |code, help: String| {
            Problem::error(code, path.clone(), format!("unknown variable `{name}`"))
                .part(FieldPart::Text(whole.to_owned()))
                .label("the variable is not set")
                .help(help)
        };
        match self.in_other_environments.get(name) {
            Some(environments) => {
                let help = words::choose_one(environments);
                error(DiagnosticCode::EnvironmentNotChosen, help)
            }
            None => error(DiagnosticCode::UnknownVariable, self.unknown_help(name)),
        }
    }

    fn unknown_help(&self, name: &str) -> String {
        if let Some(near) = nearest(name, self.known.keys().map(String::as_str)) {
            return format!("did you mean `${{var:{near}}}`?");
        }
        let ways = format!(
            "give it under `vars:` in bluejay.yaml, as `BLUEJAY_VAR_{name}` or with `--var {name}=VALUE`"
        );
        if self.known.is_empty() {
            return ways;
        }
        let known = join_names(self.known.keys().map(String::as_str).take(20), "and");
        format!("the variables are {known}; {ways}")
    }
}

/// Returns how to write a malformed reference to a resource or a file.
fn meant_resource(whole: &str) -> Option<String> {
    let inner = whole.strip_prefix("${")?.strip_suffix('}')?;
    let (prefix, rest) = inner.split_once([':', '.'])?;
    let (prefix, rest) = (prefix.trim(), rest.trim());
    if rest.contains("${") && prefix != "var" {
        return Some("a reference can't contain another: write it out".to_owned());
    }
    if prefix == Kind::Schedule.name() {
        return Some("no field takes the id of a schedule".to_owned());
    }
    let names = REFERENCED.map(Kind::name);
    let meant = nearest(prefix, names.into_iter().chain(["file"]))?;
    let rest = if rest.is_empty() { "KEY" } else { rest };
    Some(format!("did you mean `${{{meant}:{rest}}}`?"))
}

/// The maximum size in bytes of the texts of one document after the replacement.
pub(super) const MAX_REPLACED: usize = 8 * 1024 * 1024;

pub(super) fn too_long(path: &Path) -> Problem {
    let mebibytes = MAX_REPLACED / (1024 * 1024);
    Problem::error(
        DiagnosticCode::TooLarge,
        path.clone(),
        format!("with its variables replaced the document has more than {mebibytes} MiB"),
    )
    .help("use shorter variables, or fewer of them")
}

/// A reference that can't be replaced.
pub(super) enum ReferenceError<'a> {
    /// No variable has this name.
    UnknownVar { whole: &'a str, name: &'a str },
    /// The text is not a reference.
    Malformed { whole: &'a str },
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::replace::Replacement;
    use super::*;

    fn replacement(vars: &Vars) -> Replacement<'_> {
        Replacement {
            kind: Kind::Simulation,
            vars,
            files: None,
            base: 0,
        }
    }

    fn replaced(text: &str) -> (String, Vec<String>) {
        let mut vars = Vars::default();
        vars.set("CITY", "Bern", VarOrigin::Argument);
        let mut value = Value::String(text.to_owned());
        let replaced = replacement(&vars).replace(&mut value, &mut Path::top());
        let summaries = replaced.problems.into_iter().map(|p| p.summary).collect();
        (value.as_str().unwrap_or_default().to_owned(), summaries)
    }

    #[test]
    fn references_are_replaced_and_escapes_kept() {
        assert_eq!(replaced("in ${var:CITY}, ${var:CITY}").0, "in Bern, Bern");
        assert_eq!(
            replaced("costs $5 $${var:CITY} $$").0,
            "costs $5 ${var:CITY} $$"
        );
    }

    #[track_caller]
    fn check_typed(vars: &Vars, path: &Path, text: &str, expected: Value) {
        let mut value = Value::String(text.to_owned());
        let replaced = replacement(vars).replace(&mut value, &mut path.clone());
        assert_eq!((value, replaced.problems.len()), (expected, 0), "{path}");
    }

    #[test]
    fn a_value_that_is_one_reference_takes_the_type_of_the_variable() {
        let number = Path::from(["max_concurrent"]);
        let text = Path::from(["name"]);
        let free = Path::from(["extra", "limits", "calls"]);
        let mut vars = Vars::default();
        let given = Path::from(["vars", "N"]);
        vars.set_in_project("N", "0x10".to_owned(), &json!(16), given.clone());
        vars.set_in_project("T", "16".to_owned(), &json!("16"), given.clone());
        vars.set_in_project("F", "true".to_owned(), &json!(true), given);
        vars.set("SHELL", "16", VarOrigin::Environment);
        vars.set("WORD", "many", VarOrigin::Argument);
        for (path, reference, expected) in [
            (&number, "${var:N}", json!(16)),
            (&number, "${var:N}0", json!("0x100")),
            (&number, "${var:T}", json!("16")),
            (&number, "${var:F}", json!(true)),
            (&number, "${var:SHELL}", json!(16)),
            (&number, "${var:WORD}", json!("many")),
            (&text, "${var:N}", json!("0x10")),
            (&text, "${var:F}", json!("true")),
            (&free, "${var:N}", json!(16)),
            (&free, "${var:SHELL}", json!("16")),
        ] {
            check_typed(&vars, path, reference, expected);
        }
    }

    #[test]
    fn the_size_after_the_replacement_is_limited() {
        let mut vars = Vars::default();
        vars.set("A", "x".repeat(1024 * 1024), VarOrigin::Argument);
        let text = Value::String("${var:A}".repeat(5_000));
        let mut value = Value::Array(vec![text.clone(), text]);
        let replaced = replacement(&vars).replace(&mut value, &mut Path::top());
        let codes: Vec<_> = replaced
            .problems
            .iter()
            .map(|problem| problem.code)
            .collect();
        assert_eq!(codes, [DiagnosticCode::TooLarge; 2]);
    }

    #[test]
    fn invalid_references_are_reported() {
        assert_eq!(replaced("${var:CTY}").1, ["unknown variable `CTY`"]);
        for text in [
            "${HOME}",
            "${env:HOME}",
            "${var:}",
            "${var:a b}",
            "${var:CITY",
            "${schedule:nightly}",
            "${digital_human:}",
            "${digital_human: a}",
        ] {
            assert_eq!(replaced(text).1.len(), 1, "{text}");
        }
    }
}
