//! Renders the text of a document, and parses a text into its declaration.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::render::render;
use super::target::ImportTarget;
use crate::diagnostic::SourceFile;
use crate::resource::Kind;
use crate::resource::desired::DesiredResource;
use crate::resource::simulation::DIGITAL_HUMANS;
use crate::spec::declarations::{SimulationFile, read_with_texts};
use crate::spec::included_text::IncludedTexts;

/// Returns the resource that a text declares, and the number of mistakes in the text.
pub(super) fn parse(
    text: &str,
    target: &ImportTarget<'_>,
    included: &IncludedTexts,
) -> (Option<DesiredResource>, usize) {
    let input = SimulationFile {
        file: SourceFile::new(target.file, text),
        default_key: target.file_key.into(),
    };
    let mut found = read_with_texts(&input, target.settings, included);
    let errors = found.diagnostics.iter().filter(|found| found.is_error());
    let errors = errors.count();
    let resource = found.declared.pop().and_then(|one| one.resource);
    (resource, errors)
}

/// Returns the document: a line for the editor, then the fields in the order of the
/// schema. A project default that the resource does not have becomes an explicit null,
/// except for the `inherited` fields, whose defaults the resource takes.
pub(super) fn text(
    kind: Kind,
    fields: &Map<String, Value>,
    inherited: &BTreeSet<String>,
    target: &ImportTarget<'_>,
) -> String {
    let mut fields = fields.clone();
    if let Some(defaults) = target.settings.defaults_of(kind) {
        let mut defaults = Cow::Borrowed(defaults);
        if target.humans.is_none() {
            defaults.to_mut().remove(DIGITAL_HUMANS);
        }
        for field in inherited {
            defaults.to_mut().remove(field);
        }
        override_defaults(&defaults, &mut fields);
    }
    let modeline = format!("# yaml-language-server: $schema={}\n", target.schema);
    modeline + &render(kind, fields)
}

fn override_defaults(defaults: &Map<String, Value>, fields: &mut Map<String, Value>) {
    for (field, default) in defaults {
        match (fields.get_mut(field), default) {
            (None, Value::Object(inner)) => {
                // One null has the same effect as a map of nulls.
                if !inner.is_empty() {
                    fields.insert(field.clone(), Value::Null);
                }
            }
            (None, _) => drop(fields.insert(field.clone(), Value::Null)),
            (Some(Value::Object(own)), Value::Object(default)) => override_defaults(default, own),
            (Some(_), _) => {}
        }
    }
}
