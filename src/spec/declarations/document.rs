//! Reads one document that the selected environment declares: replaces variables, adds
//! defaults, and checks the result.

use serde_json::{Map, Value};

use super::FileReader;
use crate::diagnostic::DiagnosticCode;
use crate::resource::Kind;
use crate::spec::blank_values;
use crate::spec::check::{check, unknown_blanks};
use crate::spec::defaults;
use crate::spec::misread_values;
use crate::spec::path::Path;
use crate::spec::problem::{Problem, Problems};
use crate::spec::references::{BodyReferences, References, WrittenReference};
use crate::spec::replace::{ReferringText, Replaced, Replacement};
use crate::spec::rules;
use crate::spec::semantics;
use crate::spec::valid_document::{ValidDocument, split_document};
use crate::spec::vars::Vars;
use crate::spec::words;

impl FileReader<'_> {
    /// Returns the document with variables replaced and defaults added; `None` if it
    /// has errors.
    pub(super) fn document(
        &mut self,
        index: usize,
        kind: Kind,
        fields: Map<String, Value>,
        problems: &mut Problems,
        written: &mut Vec<WrittenReference>,
    ) -> Option<(ValidDocument, BodyReferences)> {
        let empty = self.empty_fields(index, &fields);
        let mut found = Vec::new();
        if self.may_have_misread_values {
            found.extend(misread_values::problems(self.source_map(), index, kind));
        }
        let blank: Vec<String> = blank_fields(&fields);
        found.extend(unknown_blanks(rules::document(kind), &fields));
        let mut value = Value::Object(fields);
        let mut replaced = self.replace(kind, &self.settings.vars, &mut value, Path::top());
        found.append(&mut replaced.problems);
        let mut references = References::default();
        if let Value::Object(fields) = &mut value {
            self.add_defaults(kind, fields, &mut replaced.texts);
            defaults::normalize_values(kind, fields, &Path::top(), &mut found);
            references = References::find(kind, fields, replaced.texts);
        }
        *written = references.written();
        let is_item = |problem: &Problem| problem.code == DiagnosticCode::OverIndentedItem;
        written.retain(|one| !found.iter().any(|it| is_item(it) && it.path == one.path));
        found.extend(references.problems(kind));
        let checked = references.stand_in(kind, &value);
        let broken = check(rules::document(kind), &checked).into_iter();
        let broken = broken.map(|problem| self.given_elsewhere(kind, problem));
        found.extend(broken.map(|problem| semantics::blank_or_missing(problem, &blank)));
        if let Value::Object(fields) = &*checked {
            let broken = semantics::check(kind, fields).into_iter();
            let broken: Vec<_> = broken.filter(|it| !is_consequence(it, &found)).collect();
            found.extend(broken);
            if kind == Kind::Simulation && self.settings.ownership.is_some() {
                found.extend(semantics::marker_in_extra(fields));
            }
        }
        drop(checked);
        blank_values::merge(empty, &mut found);
        problems.extend(found);
        if problems.has_errors() {
            return None;
        }
        let of_body = references.into_body(kind, &mut value);
        match value {
            Value::Object(fields) => Some((split_document(kind, fields), of_body)),
            _ => None,
        }
    }

    /// Returns the problem of a missing field. If only the defaults of other environments
    /// have the field, the problem says so.
    fn given_elsewhere(&self, kind: Kind, mut problem: Problem) -> Problem {
        let missing = problem.missing.as_deref();
        let field = missing.and_then(|name| kind.field(name));
        let others = self.settings.other_defaults.get(&kind);
        let given = field.zip(others).and_then(|(field, others)| {
            let mut names = std::iter::once(field.name).chain(field.instead);
            names.find_map(|name| others.get(name))
        });
        if let Some(environments) = given {
            problem.code = DiagnosticCode::EnvironmentNotChosen;
            problem.help = vec![words::choose_one(environments)];
        }
        problem
    }

    /// Replaces the references in a value at a path of the document.
    pub(super) fn replace(
        &self,
        kind: Kind,
        vars: &Vars,
        value: &mut Value,
        mut path: Path,
    ) -> Replaced {
        if !self.may_have_references {
            return Replaced::default();
        }
        let replacement = Replacement {
            kind,
            vars,
            files: Some(self.texts),
            base: 0,
        };
        replacement.replace(value, &mut path)
    }

    /// Adds the defaults of the kind to a document, and the references of the defaults
    /// that the document takes.
    fn add_defaults(
        &self,
        kind: Kind,
        fields: &mut Map<String, Value>,
        texts: &mut Vec<ReferringText>,
    ) {
        let Some(defaults) = self.settings.defaults_of(kind) else {
            return;
        };
        let defaults = defaults::without_other_agent(defaults, fields);
        let of_defaults = self.settings.texts_of(kind).iter();
        let taken = of_defaults.filter(|text| defaults::is_taken(fields, &text.path));
        texts.extend(taken.cloned());
        defaults::merge_defaults(&defaults, fields);
    }

    /// Returns the warnings about fields without a value whose line contains text.
    fn empty_fields(&mut self, index: usize, fields: &Map<String, Value>) -> Vec<Problem> {
        let has_empty = |fields: &Map<String, Value>| fields.values().any(Value::is_null);
        let mut inner = fields.values().filter_map(Value::as_object);
        if !self.may_have_blank_values || !(has_empty(fields) || inner.any(has_empty)) {
            return Vec::new();
        }
        blank_values::warnings(fields, self.source_map(), index)
    }
}

/// Returns the names of the fields without a value.
fn blank_fields(fields: &Map<String, Value>) -> Vec<String> {
    let blank = fields.iter().filter(|(_, value)| value.is_null());
    blank.map(|(name, _)| name.clone()).collect()
}

/// Returns whether a broken rule may be the consequence of an unknown field beside it.
fn is_consequence(problem: &Problem, found: &[Problem]) -> bool {
    let mut unknown = found
        .iter()
        .filter(|found| found.code == DiagnosticCode::UnknownField);
    problem.code == DiagnosticCode::BrokenRule
        && unknown.any(|unknown| {
            let map = unknown.path.0.split_last().map(|(_, map)| map);
            let parent = problem.path.0.split_last().map(|(_, map)| map);
            map == Some(&problem.path.0[..]) || map == parent
        })
}
