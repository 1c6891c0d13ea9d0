//! Reads a document that the selected environment leaves out, as far as the document has
//! effects.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::FileReader;
use crate::diagnostic::DiagnosticCode;
use crate::resource::Kind;
use crate::resource::desired::Source;
use crate::resource::document_fields::{MOVED_FROM, PROTECT};
use crate::resource::key::ResourceKey;
use crate::resource::reference::written_ids;
use crate::spec::check::{check, unknown_blanks};
use crate::spec::default_layers::without_references;
use crate::spec::defaults;
use crate::spec::environments::{LeftOut, LeftOutDocument};
use crate::spec::path::Path;
use crate::spec::problem::{Problem, Problems};
use crate::spec::references::{References, WrittenReference};
use crate::spec::rules;
use crate::spec::semantics;
use crate::spec::vars::Vars;

impl FileReader<'_> {
    /// Reads a document that the selected environment leaves out. Missing fields and
    /// broken rules are not reported, because other environments may have the defaults and
    /// variables for them.
    pub(super) fn read_left_out(
        &self,
        kind: Kind,
        reason: LeftOut,
        source: Source,
        mut fields: Map<String, Value>,
        problems: &mut Problems,
        references: &mut Vec<WrittenReference>,
    ) -> LeftOutDocument {
        let moved_from = fields.get(MOVED_FROM).and_then(Value::as_str);
        let mut left_out = LeftOutDocument {
            reason,
            moved_from: moved_from.map(|key| ResourceKey::of(kind, key)),
            is_protected: self.protects(kind, &fields),
            ids: BTreeSet::new(),
            source,
        };
        let mut found = unknown_blanks(rules::document(kind), &fields);
        defaults::normalize_values(kind, &mut fields, &Path::top(), &mut found);
        left_out.ids = written_ids(kind, &fields);
        let found_references = self.references_without_variables(kind, &fields);
        found.extend(found_references.problems(kind));
        let mut value = Value::Object(fields);
        without_references(&mut value);
        let checked = found_references.stand_in(kind, &value);
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
        *references = found_references.written();
        left_out
    }

    /// Returns whether the document protects its resource, with the variables of the
    /// selected environment.
    fn protects(&self, kind: Kind, fields: &Map<String, Value>) -> bool {
        let mut value = fields.get(PROTECT).cloned().unwrap_or_default();
        let path = Path::from([PROTECT]);
        self.replace(kind, &self.settings.vars, &mut value, path);
        value == Value::Bool(true)
    }

    /// Returns the references to resources whose keys contain no variables.
    fn references_without_variables(&self, kind: Kind, fields: &Map<String, Value>) -> References {
        let mut value = Value::Object(fields.clone());
        let replaced = self.replace(kind, &Vars::default(), &mut value, Path::top());
        References::find(kind, fields, replaced.texts)
    }
}
