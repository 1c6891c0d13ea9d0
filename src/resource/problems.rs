//! Checks the rules between the fields of a document, which a JSON Schema can't express.

use std::fmt::Display;

use serde_json::{Map, Value};

use super::field::Shape;
use super::field::{Constant, Field, ValueType};
use super::field_subset::FieldSubset;
use super::kind::Kind;
use super::rule::{Breach, Rule, When};
use super::type_words::quoted;

/// A broken rule of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldProblem {
    /// The place, as a JSON Pointer: `/scripted_responses/2/occurrence_n`. The pointer
    /// leads to the map that lacks a field if nothing else is wrong.
    pub pointer: String,
    /// Whether the document can be applied anyway.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// The way out.
    pub help: String,
}

/// Whether a document with a problem can be applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The API refuses the document.
    Error,
    /// The API may refuse the document.
    Warning,
}

/// Returns the problems of the fields of a document, in the order of the rules and the
/// fields. Values of a wrong type are skipped, because the schema reports them.
#[must_use]
pub fn problems(kind: Kind, document: &Map<String, Value>) -> Vec<FieldProblem> {
    let level = Level {
        fields: kind.fields(),
        given: document,
        pointer: String::new(),
    };
    let mut problems = Vec::new();
    level.check(CHECKED.of(kind), kind.table().rules, &mut problems);
    problems
}

/// The fields with checks that no rule contains.
static CHECKED: FieldSubset = FieldSubset::new(is_checked);

fn is_checked(field: &Field) -> bool {
    let has_inside = matches!(
        field.value,
        ValueType::Suggested(_)
            | ValueType::Record(_)
            | ValueType::Recurrence(_)
            | ValueType::Records { .. }
            | ValueType::Map { .. }
    );
    has_inside || field.alias_of.is_some()
}

fn checked_in(fields: &'static [Field]) -> Vec<&'static Field> {
    fields.iter().filter(|field| is_checked(field)).collect()
}

/// A map of known fields at a place of a document.
struct Level<'a> {
    fields: &'static [Field],
    given: &'a Map<String, Value>,
    pointer: String,
}

impl<'a> Level<'a> {
    fn check(&self, checked: &[&'static Field], rules: &[Rule], problems: &mut Vec<FieldProblem>) {
        problems.extend(rules.iter().filter_map(|rule| self.breach(*rule)));
        for field in checked {
            if let Some(value) = self.value(field.name) {
                problems.extend(self.two_names(field));
                problems.extend(self.unknown_value(field, value));
                self.check_inside(field, value, problems);
            }
        }
    }

    /// Returns the value of a field; `None` if the field is absent or null.
    fn value(&self, name: &str) -> Option<&'a Value> {
        self.given.get(name).filter(|value| !value.is_null())
    }

    fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    fn pointer_to(&self, name: impl Display) -> String {
        format!("{}/{name}", self.pointer)
    }

    fn breach(&self, rule: Rule) -> Option<FieldProblem> {
        match rule {
            Rule::Needed { field, when } => self.missing(field, when),
            Rule::Only { field, when } => self.misplaced(field, when),
            Rule::Less(field, limit) => self.not_less(field, limit),
            Rule::ExactlyOne(names) => self.not_one(names),
            Rule::Check(check) => check(self.given).map(|breach| {
                let Breach {
                    pointer,
                    message,
                    help,
                } = breach;
                error(format!("{}{pointer}", self.pointer), message, help)
            }),
        }
    }

    /// Returns the text of a field, or the documented default of an absent field.
    fn text_or_default(&self, name: &str) -> Option<&'a str> {
        match (self.value(name), self.field(name)?.documented_default()) {
            (Some(value), _) => value.as_str(),
            (None, Some(Constant::Text(default))) => Some(default),
            _ => None,
        }
    }

    /// Returns the current value of the field that decides, if the rule holds.
    fn holds(&self, when: When) -> Option<&'a str> {
        self.text_or_default(when.field)
            .filter(|value| when.is.contains(value))
    }

    fn is_given(&self, name: &str) -> bool {
        let mut names = self
            .fields
            .iter()
            .filter(|field| field.name == name || field.alias_of == Some(name));
        names.any(|field| self.value(field.name).is_some())
    }

    fn missing(&self, name: &str, when: When) -> Option<FieldProblem> {
        let value = self.holds(when).filter(|_| !self.is_given(name))?;
        let pointer = match self.value(when.field) {
            Some(_) => self.pointer_to(when.field),
            None => self.pointer.clone(),
        };
        let example = self.field(name).filter(|field| field.example.is_some());
        let example = example.map_or_else(|| format!("{name}:"), Field::written_example);
        Some(error(
            pointer,
            format!("`{name}` is missing: `{}: {value}` needs it", when.field),
            format!("add `{example}`"),
        ))
    }

    fn misplaced(&self, name: &str, when: When) -> Option<FieldProblem> {
        self.value(name)?;
        let value = self.text_or_default(when.field)?;
        let is_known = self
            .field(when.field)
            .is_some_and(|field| field.accepts(&value.into()));
        (is_known && !when.is.contains(&value)).then(|| {
            error(
                self.pointer_to(name),
                format!("`{name}` has no meaning with `{}: {value}`", when.field),
                format!("remove `{name}`, or write `{}: {}`", when.field, when.is[0]),
            )
        })
    }

    fn not_less(&self, name: &str, limit: &str) -> Option<FieldProblem> {
        let (value, most) = (self.value(name)?, self.value(limit)?);
        (value.as_f64()? >= most.as_f64()?).then(|| {
            error(
                self.pointer_to(name),
                format!("`{name}` must be less than `{limit}`, found {value} and {most}"),
                "lower the one or raise the other".to_owned(),
            )
        })
    }

    fn not_one(&self, names: &[&str]) -> Option<FieldProblem> {
        let given: Vec<_> = names
            .iter()
            .filter(|name| self.value(name).is_some())
            .collect();
        let quoted = |names: &[String], word: &str| names.join(word);
        match given[..] {
            [_] => None,
            [] => {
                let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
                Some(error(
                    self.pointer.clone(),
                    format!("{} is missing", quoted(&names, " or ")),
                    format!("add one of {}", quoted(&names, ", ")),
                ))
            }
            [.., last] => {
                let names: Vec<_> = given.iter().map(|name| format!("`{name}`")).collect();
                Some(error(
                    self.pointer_to(last),
                    format!("{} exclude each other", quoted(&names, " and ")),
                    "keep the one that is meant".to_owned(),
                ))
            }
        }
    }

    /// Checks that only one name of a field is given. The message of a rule about both
    /// names replaces this one.
    fn two_names(&self, field: &Field) -> Option<FieldProblem> {
        let canonical = field.alias_of.filter(|name| self.value(name).is_some())?;
        let is_reference = field.refers_to.is_some();
        // The checks of a simulation compare both versions.
        let is_version = matches!(field.value, ValueType::Uuid);
        (!is_reference && !is_version).then(|| {
            error(
                self.pointer_to(field.name),
                format!(
                    "`{canonical}` and `{}` are one field under two names",
                    field.name
                ),
                format!("keep `{canonical}`"),
            )
        })
    }

    fn unknown_value(&self, field: &Field, value: &Value) -> Option<FieldProblem> {
        let ValueType::Suggested(known) = field.value else {
            return None;
        };
        let text = value.as_str().filter(|text| !known.contains(text))?;
        Some(FieldProblem {
            pointer: self.pointer_to(field.name),
            severity: Severity::Warning,
            message: format!("`{}` has the unknown value `{text}`", field.name),
            help: format!("the known values are {}", quoted(known)),
        })
    }

    /// Checks the maps inside a value.
    fn check_inside(&self, field: &Field, value: &Value, problems: &mut Vec<FieldProblem>) {
        let pointer = || self.pointer_to(field.name);
        match (field.value, value) {
            (ValueType::Record(shape) | ValueType::Recurrence(shape), Value::Object(given)) => {
                check_shape(shape, given, pointer(), problems);
            }
            (ValueType::Records { of, .. }, Value::Array(items)) => {
                let pointer = pointer();
                for (index, item) in items.iter().enumerate() {
                    if let Value::Object(given) = item {
                        check_shape(of, given, format!("{pointer}/{index}"), problems);
                    }
                }
            }
            (ValueType::Map { fields, .. }, Value::Object(given)) => {
                let level = Level {
                    fields,
                    given,
                    pointer: pointer(),
                };
                level.check(&checked_in(fields), &[], problems);
            }
            _ => {}
        }
    }
}

fn error(pointer: String, message: String, help: String) -> FieldProblem {
    FieldProblem {
        pointer,
        severity: Severity::Error,
        message,
        help,
    }
}

fn check_shape(
    shape: &'static Shape,
    given: &Map<String, Value>,
    pointer: String,
    problems: &mut Vec<FieldProblem>,
) {
    let level = Level {
        fields: shape.fields,
        given,
        pointer,
    };
    level.check(&checked_in(shape.fields), shape.rules, problems);
}

#[cfg(test)]
mod tests;
