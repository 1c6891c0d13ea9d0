//! The variables that no file sets: `BLUEJAY_VAR_NAME` and `--var`.
//!
//! Their values may be secret, so no edit writes such a value, and no edit puts another value
//! in place of a reference to such a variable.

use std::collections::BTreeMap;

use serde_json::Value;

use super::left::LeftReason;
use crate::resource::text::canonical;
use crate::spec::segments::{Segment, references, segments};
use crate::spec::vars::{VarOrigin, Vars};

/// The length in characters from which a text hardly equals the value of a variable by
/// chance. A shorter value is only looked for in texts that refer to its variable.
const UNLIKELY: usize = 8;

/// The variables that no file sets, with their values.
#[derive(Debug, Clone, Default)]
pub struct OutsideVars(BTreeMap<String, String>);

impl OutsideVars {
    /// Returns those of the named variables that no file sets.
    #[must_use]
    pub fn among<'a>(vars: &Vars, names: impl IntoIterator<Item = &'a String>) -> Self {
        let names = names.into_iter().filter_map(|name| {
            let var = vars.get(name)?;
            let is_outside = !matches!(var.origin, VarOrigin::Project(_));
            is_outside.then(|| (name.clone(), var.text.clone()))
        });
        Self(names.collect())
    }

    /// Checks that a value that is written in place of `before` has all references of `before`
    /// to the variables, and no further occurrence of their values.
    pub(super) fn check(&self, before: Option<&Value>, after: &Value) -> Result<(), LeftReason> {
        let (before, after) = (Written::of(before), Written::of(Some(after)));
        for (name, value) in &self.0 {
            let references = before.references(name);
            let is_secret = |line: &&str| {
                line.chars().count() >= UNLIKELY || references > 0 && !line.is_empty()
            };
            let value = canonical(value);
            let mut lines = value.lines().map(str::trim).filter(is_secret);
            if after.references(name) < references
                || lines.any(|line| after.occurrences(line) > before.occurrences(line))
            {
                return Err(LeftReason::OutsideVar(name.clone()));
            }
        }
        Ok(())
    }

    /// Returns the reason for a lost reference: another one if no file sets the variable.
    pub(super) fn reason(&self, reason: LeftReason) -> LeftReason {
        if let LeftReason::LostReference(whole) = &reason
            && let Some(name) = references(whole).first()
            && self.0.contains_key(*name)
        {
            return LeftReason::OutsideVar((*name).to_owned());
        }
        reason
    }
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
            // The names of a map are values, too.
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

    #[track_caller]
    fn check(value: &str, before: Value, after: Value, is_accepted: bool) {
        let mut vars = Vars::default();
        vars.set("TOKEN", value, VarOrigin::Environment);
        let outside = OutsideVars::among(&vars, [&"TOKEN".to_owned(), &"OTHER".to_owned()]);
        let found = outside.check(Some(&before), &after);
        assert_eq!(found.is_ok(), is_accepted, "{before} {after}");
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
