//! Replaces `${var:NAME}` in texts.
//!
//! Only declared variables and `BLUEJAY_VAR_NAME` can be read, not the whole process
//! environment: otherwise a pull request could print a secret.

use std::collections::BTreeMap;

use serde_json::Value;

use super::nearest::{join_names, nearest};
use super::path::{Path, Step};
use super::problem::{FieldPart, Problem};
use crate::resource::Kind;

/// A variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Var {
    /// The text that replaces `${var:NAME}`.
    pub text: String,
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

    /// Sets a variable, and replaces a variable of the same name.
    pub fn set(&mut self, name: impl Into<String>, text: impl Into<String>, origin: VarOrigin) {
        let text = text.into();
        self.known.insert(name.into(), Var { text, origin });
    }

    /// Records that an unselected environment sets a variable.
    pub fn add_of_other_environment(&mut self, name: &str, environment: &str) {
        let environments = self
            .in_other_environments
            .entry(name.to_owned())
            .or_default();
        environments.push(environment.to_owned());
    }

    /// Returns the reference to the variable with this text, if exactly one variable of
    /// the selected environment has the text.
    #[must_use]
    pub fn reference_to(&self, text: &str) -> Option<String> {
        let of_environment = |origin: &VarOrigin| match origin {
            VarOrigin::Project(path) => {
                matches!(path.0.first(), Some(Step::Field(name)) if name == "environments")
            }
            VarOrigin::Environment | VarOrigin::Argument => false,
        };
        let mut matching = self
            .known
            .iter()
            .filter(|(_, var)| var.text == text && of_environment(&var.origin));
        let (name, _) = matching.next()?;
        matching
            .next()
            .is_none()
            .then(|| format!("${{var:{name}}}"))
    }

    /// Returns a variable.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Var> {
        self.known.get(name)
    }

    /// Replaces the references in all texts of a value, except in fields that contain
    /// keys. A text with an invalid reference is unchanged.
    pub fn replace(&self, value: &mut Value, path: &mut Path, problems: &mut Vec<Problem>) {
        let mut remaining = MAX_REPLACED;
        self.replace_within(&mut remaining, value, path, problems);
    }

    fn replace_within(
        &self,
        remaining: &mut usize,
        value: &mut Value,
        path: &mut Path,
        problems: &mut Vec<Problem>,
    ) {
        match value {
            Value::String(text) if text.contains("${") => {
                let length = self.replaced_length(text);
                if length > *remaining {
                    problems.push(too_long(path));
                    return;
                }
                *remaining -= length;
                let (replaced, wrong) = self.replace_text(text);
                problems.extend(wrong.into_iter().map(|wrong| self.explain(path, wrong)));
                *text = replaced;
            }
            Value::Array(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    path.0.push(Step::Index(index));
                    self.replace_within(remaining, item, path, problems);
                    path.0.pop();
                }
            }
            Value::Object(fields) => {
                for (name, item) in fields.iter_mut() {
                    if path.is_top() && Kind::Simulation.is_literal(name) {
                        continue;
                    }
                    path.0.push(Step::Field(name.clone()));
                    self.replace_within(remaining, item, path, problems);
                    path.0.pop();
                }
            }
            _ => {}
        }
    }

    /// Returns the length of a text after the replacement.
    fn replaced_length(&self, text: &str) -> usize {
        let lengths = segments(text).into_iter().map(|segment| match segment {
            Segment::Text(text) | Segment::Invalid(text) => text.len(),
            Segment::Reference { whole, name } => {
                self.known.get(name).map_or(whole, |var| &var.text).len()
            }
        });
        lengths.fold(0, usize::saturating_add)
    }

    fn replace_text<'a>(&self, text: &'a str) -> (String, Vec<ReferenceError<'a>>) {
        let mut replaced = String::with_capacity(text.len());
        let mut wrong = Vec::new();
        for part in segments(text) {
            match part {
                Segment::Text(text) => replaced.push_str(text),
                Segment::Reference { whole, name } => {
                    let var = self.known.get(name);
                    replaced.push_str(var.map_or(whole, |var| &var.text));
                    if var.is_none() {
                        wrong.push(ReferenceError::UnknownVar { whole, name });
                    }
                }
                Segment::Invalid(whole) => {
                    replaced.push_str(whole);
                    wrong.push(ReferenceError::Malformed { whole });
                }
            }
        }
        (replaced, wrong)
    }

    fn explain(&self, path: &Path, wrong: ReferenceError<'_>) -> Problem {
        match wrong {
            ReferenceError::UnknownVar { whole, name } => self.unknown(path, name, whole),
            ReferenceError::Malformed { whole } => Problem::error(
                "bad-reference",
                path.clone(),
                format!("`{whole}` is no reference: only `${{var:NAME}}` is replaced"),
            )
            .part(FieldPart::Text(whole.to_owned()))
            .maybe_help(self.meant(whole))
            .help("write `$${` for a literal `${`"),
        }
    }

    /// Returns how to write a malformed reference.
    fn meant(&self, whole: &str) -> Option<String> {
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
            "no other variable can be read: write `${{var:{name}}}` and give it as `BLUEJAY_VAR_{name}`, with `--var` or under `vars:`"
        ))
    }

    /// Returns the names of the variables that a text refers to.
    #[must_use]
    pub fn references_in_var(&self, path: &Path, text: &str) -> Vec<Problem> {
        let segments = segments(text).into_iter();
        segments
            .filter_map(|segment| match segment {
                Segment::Text(_) => None,
                Segment::Reference { whole, .. } => Some(
                    Problem::error(
                        "bad-reference",
                        path.clone(),
                        format!("`{whole}` is not replaced inside a variable"),
                    )
                    .part(FieldPart::Text(whole.to_owned()))
                    .label("a variable can't be made of others")
                    .help("write its text out, or write both references where the value is used")
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
                .label("nothing gives it a value")
                .help(help)
        };
        match self.in_other_environments.get(name).map(Vec::as_slice) {
            Some([environment]) => error(
                "environment-not-chosen",
                format!("only the environment `{environment}` has a value: add `-e {environment}`"),
            ),
            Some(environments) => {
                let names = join_names(environments.iter().map(String::as_str), "and");
                error(
                    "environment-not-chosen",
                    format!(
                        "only the environments {names} have a value: choose one with `-e NAME`"
                    ),
                )
            }
            None => error("unknown-variable", self.unknown_help(name)),
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

/// The maximum size in bytes of the texts of one document after the replacement.
const MAX_REPLACED: usize = 8 * 1024 * 1024;

fn too_long(path: &Path) -> Problem {
    let mebibytes = MAX_REPLACED / (1024 * 1024);
    Problem::error(
        "too-large",
        path.clone(),
        format!("with its variables replaced the document has more than {mebibytes} MiB"),
    )
    .help("use shorter variables, or fewer of them")
}

enum ReferenceError<'a> {
    UnknownVar { whole: &'a str, name: &'a str },
    Malformed { whole: &'a str },
}

/// A part of a text.
#[derive(Debug, PartialEq, Eq)]
enum Segment<'a> {
    Text(&'a str),
    Reference { whole: &'a str, name: &'a str },
    Invalid(&'a str),
}

/// Splits a text into references and the text between them.
fn segments(text: &str) -> Vec<Segment<'_>> {
    let mut segments = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        if rest[..at].ends_with('$') {
            segments.push(Segment::Text(&rest[..at - 1]));
            segments.push(Segment::Text("${"));
            rest = &rest[at + 2..];
            continue;
        }
        segments.push(Segment::Text(&rest[..at]));
        let tail = &rest[at..];
        let length = match tail.find(['}', '\n']) {
            Some(end) if tail[end..].starts_with('}') => end + 1,
            Some(end) => tail[..end].trim_end_matches('\r').len(),
            None => tail.len(),
        };
        let whole = &tail[..length];
        let name = whole
            .strip_prefix("${var:")
            .and_then(|name| name.strip_suffix('}'))
            .filter(|name| is_name(name));
        segments.push(match name {
            Some(name) => Segment::Reference { whole, name },
            None => Segment::Invalid(whole),
        });
        rest = &tail[length..];
    }
    segments.push(Segment::Text(rest));
    segments
}

/// The names of the vars that a text refers to.
#[must_use]
pub fn references(text: &str) -> Vec<&str> {
    let names = segments(text)
        .into_iter()
        .filter_map(|segment| match segment {
            Segment::Reference { name, .. } => Some(name),
            Segment::Text(_) | Segment::Invalid(_) => None,
        });
    names.collect()
}

/// Returns a text of the project file with `${` in place of `$${`.
#[must_use]
pub fn unescaped(text: &str) -> String {
    let segments = segments(text).into_iter();
    segments
        .map(|segment| match segment {
            Segment::Text(text) => text,
            Segment::Reference { whole, .. } | Segment::Invalid(whole) => whole,
        })
        .collect()
}

/// Returns whether a text is a valid name of a variable: letters, digits, `_` and `-`,
/// with no digit or `-` at the beginning.
#[must_use]
pub fn is_name(name: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && name.chars().all(is_letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replaced(text: &str) -> (String, Vec<String>) {
        let mut vars = Vars::default();
        vars.set("CITY", "Bern", VarOrigin::Argument);
        let mut value = Value::String(text.to_owned());
        let mut problems = Vec::new();
        vars.replace(&mut value, &mut Path::top(), &mut problems);
        let summaries = problems.into_iter().map(|p| p.summary).collect();
        (value.as_str().unwrap_or_default().to_owned(), summaries)
    }

    #[test]
    fn replaces_and_escapes() {
        assert_eq!(replaced("in ${var:CITY}, ${var:CITY}").0, "in Bern, Bern");
        assert_eq!(
            replaced("costs $5 $${var:CITY} $$").0,
            "costs $5 ${var:CITY} $$"
        );
    }

    #[test]
    fn vars_blow_up_no_document() {
        let mut vars = Vars::default();
        vars.set("A", "x".repeat(1024 * 1024), VarOrigin::Argument);
        let text = Value::String("${var:A}".repeat(5_000));
        let mut value = Value::Array(vec![text.clone(), text]);
        let mut problems = Vec::new();
        vars.replace(&mut value, &mut Path::top(), &mut problems);
        let codes: Vec<_> = problems.iter().map(|problem| problem.code).collect();
        assert_eq!(codes, ["too-large"; 2]);
    }

    #[test]
    fn tells_what_it_can_not_replace() {
        assert_eq!(replaced("${var:CTY}").1, ["unknown variable `CTY`"]);
        for text in [
            "${HOME}",
            "${env:HOME}",
            "${var:}",
            "${var:a b}",
            "${var:CITY",
        ] {
            assert_eq!(replaced(text).1.len(), 1, "{text}");
        }
    }
}
