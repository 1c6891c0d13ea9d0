//! Reads what counts of a document that the selected environment leaves out.

use serde_json::{Map, Value};

use super::{DeclaredDocument, FileReader};
use crate::diagnostic::DiagnosticCode;
use crate::resource::Kind;
use crate::resource::document_fields::{MOVED_FROM, PROTECT};
use crate::resource::key::ResourceKey;
use crate::spec::check::{check, unknown_blanks};
use crate::spec::default_layers::without_references;
use crate::spec::defaults;
use crate::spec::environments::{LeftOut, LeftOutDocument};
use crate::spec::path::Path;
use crate::spec::problem::{Problem, Problems};
use crate::spec::references::References;
use crate::spec::rules;
use crate::spec::semantics;
use crate::spec::vars::Vars;

impl FileReader<'_> {
    /// Reads a document that the selected environment leaves out, and checks it as far as
    /// neither defaults nor variables decide: those may be given in the environments that
    /// declare the document.
    pub(super) fn read_left_out(
        &self,
        kind: Kind,
        reason: LeftOut,
        mut fields: Map<String, Value>,
        problems: &mut Problems,
        declared: &mut DeclaredDocument,
    ) {
        let moved_from = fields.get(MOVED_FROM).and_then(Value::as_str);
        declared.left_out = Some(LeftOutDocument {
            reason,
            moved_from: moved_from.map(|key| ResourceKey::of(kind, key)),
            is_protected: self.protects(kind, &fields),
        });
        let mut found = unknown_blanks(rules::document(kind), &fields);
        defaults::normalize_values(kind, &mut fields, &Path::top(), &mut found);
        let references = self.references_without_variables(kind, &fields);
        found.extend(references.problems(kind));
        let mut value = Value::Object(fields);
        without_references(&mut value);
        let checked = references.stand_in(kind, &value);
        found.extend(check(rules::document(kind), &checked));
        if let Value::Object(fields) = &*checked {
            found.extend(semantics::check(kind, fields));
        }
        let depends = |problem: &Problem| {
            matches!(
                problem.code,
                DiagnosticCode::MissingField | DiagnosticCode::BrokenRule
            )
        };
        problems.extend(found.into_iter().filter(|problem| !depends(problem)));
        declared.references = references.written();
    }

    /// Returns whether the document protects its resource, with the variables of the
    /// selected environment.
    fn protects(&self, kind: Kind, fields: &Map<String, Value>) -> bool {
        let mut value = fields.get(PROTECT).cloned().unwrap_or_default();
        let path = Path::from([PROTECT]);
        self.replace(kind, &self.settings.vars, &mut value, path);
        value == Value::Bool(true)
    }

    /// Returns the references whose resources no variable decides.
    fn references_without_variables(&self, kind: Kind, fields: &Map<String, Value>) -> References {
        let mut value = Value::Object(fields.clone());
        let replaced = self.replace(kind, &Vars::default(), &mut value, Path::top());
        References::find(kind, fields, replaced.texts)
    }
}
