//! The variables that no file sets: `BLUEJAY_VAR_NAME` and `--var`.
//!
//! Their values may be secret, so no command writes such a value into a file, and no edit puts
//! another value in place of a reference to such a variable.

use std::collections::BTreeMap;

use serde_json::Value;

use super::segments::{Segment, segments};
use super::vars::Vars;
use crate::resource::text::canonical;

/// The length in characters from which a text hardly equals the value of a variable by
/// chance. A shorter value is only looked for in texts that refer to its variable.
const UNLIKELY: usize = 8;

/// The variables that no file sets, with their values.
#[derive(Debug, Clone, Default)]
pub struct OutsideVars(BTreeMap<String, String>);

impl OutsideVars {
    /// Returns the variables that no file sets.
    #[must_use]
    pub fn of(vars: &Vars) -> Self {
        let given = vars.given();
        Self(
            given
                .map(|(name, text)| (name.to_owned(), text.to_owned()))
                .collect(),
        )
    }

    /// Returns whether no file sets a variable.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Returns the first variable that `after`, written in place of `before`, would
    /// expose: `after` lacks a reference of `before` to the variable, or contains its
    /// value more often than `before`.
    #[must_use]
    pub fn exposed(&self, before: Option<&Value>, after: &Value) -> Option<&str> {
        if self.0.is_empty() {
            return None;
        }
        let (before, after) = (Written::of(before), Written::of(Some(after)));
        self.0.iter().find_map(|(name, value)| {
            let references = before.references(name);
            let is_secret = |line: &&str| {
                line.chars().count() >= UNLIKELY || references > 0 && !line.is_empty()
            };
            let value = canonical(value);
            let mut lines = value.lines().map(str::trim).filter(is_secret);
            let is_exposed = after.references(name) < references
                || lines.any(|line| after.occurrences(line) > before.occurrences(line));
            is_exposed.then_some(name.as_str())
        })
    }

    /// Writes references in place of the values of the variables in a value whose texts are
    /// escaped. An occurrence that is only a part of a variable's value stays.
    pub fn refer(&self, value: &mut Value) {
        if let Some(reference) = self.reference_of_number(value) {
            *value = reference.into();
        }
        match value {
            Value::String(text) => {
                for (name, value) in &self.0 {
                    if let Some(referring) = referring(text, name, value) {
                        *text = referring;
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.refer(item)),
            Value::Object(fields) => fields.values_mut().for_each(|field| self.refer(field)),
            _ => {}
        }
    }

    fn reference_of_number(&self, number: &Value) -> Option<String> {
        let text = number.is_number().then(|| number.to_string())?;
        let (name, value) = self.0.iter().find(|(_, value)| **value == text)?;
        referring(&text, name, value)
    }
}

/// Returns a text with references in place of the value of a variable, if the text has the
/// value. If only the canonical forms agree, the rest of the text has the canonical form.
fn referring(text: &str, name: &str, value: &str) -> Option<String> {
    if value.chars().count() < UNLIKELY {
        return None;
    }
    let reference = format!("${{var:{name}}}");
    let value = value.replace("${", "$${");
    if text.contains(&value) {
        return Some(text.replace(&value, &reference));
    }
    let (text, value) = (canonical(text), canonical(&value));
    let has_value = !value.is_empty() && text.contains(&*value);
    has_value.then(|| text.replace(&*value, &reference))
}

/// The texts of a value as a file writes it.
#[derive(Default)]
struct Written {
    /// The names of the referenced variables.
    references: Vec<String>,
    /// The texts without their references, each after a NUL, in canonical form: the API may
    /// answer a value in another Unicode form.
    literal: String,
}

impl Written {
    fn of(value: Option<&Value>) -> Self {
        let mut written = Self::default();
        if let Some(value) = value {
            written.add(value);
        }
        written.literal = canonical(&written.literal).into_owned();
        written
    }

    fn add(&mut self, value: &Value) {
        self.literal.push('\0');
        match value {
            Value::String(text) => self.add_text(text),
            Value::Array(items) => items.iter().for_each(|item| self.add(item)),
            // The names in a map can contain values of variables, too.
            Value::Object(fields) => fields.iter().for_each(|(name, value)| {
                self.literal.push_str(name);
                self.add(value);
            }),
            other => self.literal.push_str(&other.to_string()),
        }
    }

    fn add_text(&mut self, text: &str) {
        for segment in segments(text) {
            match segment {
                Segment::Text(text) | Segment::Invalid(text) => self.literal.push_str(text),
                Segment::Var { name, .. } => {
                    self.references.push(name.to_owned());
                    self.literal.push('\0');
                }
                Segment::Resource { .. } | Segment::File { .. } => self.literal.push('\0'),
            }
        }
    }

    fn references(&self, name: &str) -> usize {
        self.references
            .iter()
            .filter(|other| *other == name)
            .count()
    }

    fn occurrences(&self, text: &str) -> usize {
        self.literal.matches(text).count()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::spec::vars::VarOrigin;

    #[track_caller]
    fn check(value: &str, before: Value, after: Value, is_accepted: bool) {
        let mut vars = Vars::default();
        vars.set("TOKEN", value, VarOrigin::Environment);
        let outside = OutsideVars::of(&vars);
        let found = outside.exposed(Some(&before), &after);
        assert_eq!(found.is_none(), is_accepted, "{before} {after}");
    }

    #[test]
    fn a_value_is_never_written_out() {
        for value in ["s3cret-token", "x", "line\nanother line\n"] {
            let written = value.trim();
            let reference = json!(["${var:TOKEN}"]);
            check(value, reference.clone(), json!(["${var:TOKEN}", "y"]), true);
            check(value, reference.clone(), json!([written]), false);
            check(
                value,
                reference.clone(),
                json!(["${var:TOKEN}", {written: 1}]),
                false,
            );
            let both = json!(["${var:TOKEN}", { "a": format!("in {written}") }]);
            check(value, reference.clone(), both, false);
            check(value, reference, json!(["y"]), false);
        }
        check("s3cret-token", json!(""), json!("a s3cret-token"), false);
        check("12345678", json!(1), json!(12_345_678), false);
    }

    #[test]
    fn a_value_in_another_unicode_form_is_not_written_out() {
        let (composed, decomposed) = ("m\u{fc}nster-1", "mu\u{308}nster-1");
        for (value, observed) in [(composed, decomposed), (decomposed, composed)] {
            check(value, json!(""), json!(format!("in {observed}")), false);
            check(value, json!("${var:TOKEN}"), json!([observed]), false);
        }
    }

    #[test]
    fn references_replace_the_values() {
        let mut vars = Vars::default();
        vars.set("TOKEN", "s3cret-token", VarOrigin::Environment);
        vars.set("CITY", "m\u{fc}nster-1", VarOrigin::Argument);
        vars.set("ID", "12345678", VarOrigin::Argument);
        vars.set("SHORT", "5", VarOrigin::Argument);
        let outside = OutsideVars::of(&vars);
        for (value, expected) in [
            (
                json!(["s3cret-token", {"a": "in s3cret-token, 5"}]),
                json!(["${var:TOKEN}", {"a": "in ${var:TOKEN}, 5"}]),
            ),
            (json!("in mu\u{308}nster-1\n"), json!("in ${var:CITY}")),
            (json!([12_345_678, 5]), json!(["${var:ID}", 5])),
            (json!("s3cret-"), json!("s3cret-")),
        ] {
            let mut written = value;
            outside.refer(&mut written);
            assert_eq!(written, expected);
            assert_eq!(outside.exposed(None, &written), None);
        }
    }

    #[test]
    fn a_short_value_may_stand_in_a_text_without_the_reference() {
        check("5", json!("a"), json!("5 calls"), true);
        check("Bern", json!("a"), json!("in Bern"), true);
    }

    #[test]
    fn a_value_that_the_file_has_already_may_stay() {
        let (before, after) = ("a s3cret-token", "b s3cret-token");
        check("s3cret-token", json!(before), json!(after), true);
        check("s3cret-token", json!("$${var:TOKEN}"), json!("b"), true);
    }
}
