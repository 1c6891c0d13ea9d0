//! Finds the references of a document to other resources, and prepares the values that
//! contain them.
//!
//! The checks of a value run on a stand-in: an id of the right type in place of each
//! reference that becomes an id.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::field_path::field_at;
use super::path::{Path, Step};
use super::problem::Problem;
use super::replace::ReferringText;
use crate::diagnostic::DiagnosticCode;
use crate::resource::agent::AGENT;
use crate::resource::document_fields::EXTRA;
use crate::resource::field::{ItemType, ValueType};
use crate::resource::field_subset::FieldSubset;
use crate::resource::key::ResourceKey;
use crate::resource::reference::{Part, Reference, Step as BodyStep};
use crate::resource::simulation::DIGITAL_HUMANS;
use crate::resource::spelling::is_uuid;
use crate::resource::{Field, Kind};

/// The fields that refer to resources.
static REFERRING: FieldSubset = FieldSubset::new(|field| field.refers_to.is_some());

/// A reference as a document writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenReference {
    /// The resource.
    pub key: ResourceKey,
    /// The path of the value that contains the reference.
    pub path: Path,
    /// How the value contains the reference.
    pub form: ReferenceForm,
}

/// How a value refers to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReferenceForm {
    /// The value is the key.
    Key,
    /// The value contains `${KIND:KEY}`.
    Text,
}

/// The references of one document.
#[derive(Debug, Default)]
pub struct References {
    texts: Vec<ReferringText>,
    keys: Vec<KeyValue>,
}

/// A value that is the key of a resource.
#[derive(Debug)]
struct KeyValue {
    path: Path,
    key: ResourceKey,
}

/// The references of a body.
#[derive(Debug, Default, PartialEq)]
pub struct BodyReferences {
    /// The values of the body that contain ids.
    pub references: Vec<Reference>,
    /// The digital humans to attach.
    pub digital_humans: BTreeSet<ResourceKey>,
}

impl References {
    /// Finds the keys in the fields of a document, in addition to the references in its
    /// texts.
    #[must_use]
    pub fn find(kind: Kind, fields: &Map<String, Value>, texts: Vec<ReferringText>) -> Self {
        let mut found = Self {
            texts,
            keys: Vec::new(),
        };
        for field in REFERRING.of(kind) {
            if let Some(target) = field.refers_to
                && let Some(value) = fields.get(field.name)
            {
                found.find_keys(field, target, value);
            }
        }
        found
    }

    fn find_keys(&mut self, field: &Field, target: Kind, value: &Value) {
        let path = Path::from([field.name]);
        match (field.value, value) {
            (ValueType::Key, Value::String(text)) if !text.is_empty() => {
                self.add_key(path, target, text);
            }
            (ValueType::Set { .. }, Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    if let Some(text) = item.as_str().filter(|text| is_key(target, text)) {
                        self.add_key(path.index(index), target, text);
                    }
                }
            }
            _ => {}
        }
    }

    fn add_key(&mut self, path: Path, target: Kind, text: &str) {
        if !self.texts.iter().any(|text| text.path == path) {
            let key = ResourceKey::of(target, text);
            self.keys.push(KeyValue { path, key });
        }
    }

    /// Returns whether the document has no references.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty() && self.keys.is_empty()
    }

    /// Returns the references as they are written, in the order of the fields.
    #[must_use]
    pub fn written(&self) -> Vec<WrittenReference> {
        let in_texts = self.texts.iter().flat_map(|text| {
            let ids = text.parts.iter().filter_map(|part| match part {
                Part::Id(key) => Some(key.clone()),
                Part::Text(_) => None,
            });
            ids.map(|key| WrittenReference {
                key,
                path: text.path.clone(),
                form: ReferenceForm::Text,
            })
        });
        let keys = self.keys.iter().map(|value| WrittenReference {
            key: value.key.clone(),
            path: value.path.clone(),
            form: ReferenceForm::Key,
        });
        let mut written = Vec::with_capacity(self.texts.len() + self.keys.len());
        written.extend(in_texts.chain(keys));
        written
    }

    /// Returns the mistakes of fields that take the id of one kind and refer to another.
    #[must_use]
    pub fn problems(&self, kind: Kind) -> Vec<Problem> {
        let texts = self.texts.iter();
        let wrong = texts.filter_map(|text| {
            if is_field(text.path.0.first(), AGENT) && kind == Kind::Simulation {
                return Some(reference_to_agent(&text.path));
            }
            let target = field_at(kind, &text.path)?.refers_to?;
            let found = text.whole()?.kind();
            (found != target).then(|| {
                let summary = format!(
                    "`{}` takes a {}, not a {}",
                    text.path,
                    target.noun(),
                    found.noun()
                );
                let help = format!(
                    "write the key of a {}: `${{{}:KEY}}`",
                    target.noun(),
                    target.name()
                );
                Problem::error(DiagnosticCode::WrongKind, text.path.clone(), summary).help(help)
            })
        });
        wrong.collect()
    }

    /// Returns the fields for the checks: with an id in place of each reference that
    /// becomes an id.
    #[must_use]
    pub fn stand_in<'a>(&self, kind: Kind, value: &'a Value) -> Cow<'a, Value> {
        let mut checked = Cow::Borrowed(value);
        let texts = self.texts.iter().filter(|text| text.whole().is_some());
        let paths = texts.map(|text| &text.path);
        for path in paths.chain(self.keys.iter().map(|value| &value.path)) {
            let id = field_at(kind, path).and_then(id_for);
            if let Some(id) = id
                && let Some(place) = value_mut(checked.to_mut(), path)
            {
                *place = id;
            }
        }
        checked
    }

    /// Writes the placeholders into the fields of a valid document, and returns the
    /// references of the body.
    #[must_use]
    pub fn into_body(self, kind: Kind, value: &mut Value) -> BodyReferences {
        let mut of_body = BodyReferences::default();
        for KeyValue { path, key } in self.keys {
            let field = field_at(kind, &path);
            let (at, is_text) = match field.and_then(|field| field.sent_as) {
                // The field of the key becomes the field of the id.
                Some(sent_as) => {
                    if let Value::Object(fields) = value {
                        fields.remove(&path.to_string());
                        fields.insert(sent_as.to_owned(), Value::Null);
                    }
                    (Path::from([sent_as]), true)
                }
                None => (path, field.is_some_and(takes_text)),
            };
            of_body.add(value, &at, vec![Part::Id(key)], is_text);
        }
        for ReferringText { path, parts } in self.texts {
            let is_text = field_at(kind, &path).is_some_and(takes_text);
            of_body.add(value, &path, parts, is_text);
        }
        of_body
    }
}

impl BodyReferences {
    fn add(&mut self, value: &mut Value, path: &Path, parts: Vec<Part>, is_text: bool) {
        if is_field(path.0.first(), DIGITAL_HUMANS) {
            let ids = parts.into_iter().filter_map(|part| match part {
                Part::Id(key) => Some(key),
                Part::Text(_) => None,
            });
            self.digital_humans.extend(ids);
            return;
        }
        let reference = Reference {
            at: body_path(path),
            parts,
            is_text,
        };
        if let Some(place) = value_mut(value, path) {
            *place = reference.placeholder().into();
        }
        self.references.push(reference);
    }
}

/// Returns the problem of an agent that is named by the id of a resource.
fn reference_to_agent(path: &Path) -> Problem {
    let summary = format!("`{path}` can't contain the id of a resource");
    Problem::error(DiagnosticCode::BadReference, path.clone(), summary)
        .help("write the text, or a `${var:NAME}`")
}

/// Returns whether a text in a list of references is the key of a resource. A text that
/// looks like an id, or contains a wrong reference, is not: the checks report it.
fn is_key(target: Kind, text: &str) -> bool {
    let text = text.trim();
    !text.contains("${")
        && match target {
            Kind::CustomMetric => !text.is_empty() && !is_uuid(text),
            _ => text.contains(|c: char| !c.is_ascii_digit()),
        }
}

/// Returns an id for the checks of a field; `None` for a field that takes no id.
fn id_for(field: &Field) -> Option<Value> {
    const UUID: &str = "00000000-0000-4000-8000-000000000000";
    field.refers_to?;
    match field.value {
        ValueType::Id
        | ValueType::Set {
            of: ItemType::Id, ..
        } => Some(1.into()),
        ValueType::Uuid
        | ValueType::Set {
            of: ItemType::Uuid, ..
        } => Some(UUID.into()),
        _ => None,
    }
}

/// Returns whether a field, or an item of its list, is a text.
fn takes_text(field: &Field) -> bool {
    match field.value {
        ValueType::Set { of, .. } => of != ItemType::Id,
        ValueType::Text
        | ValueType::Name
        | ValueType::Key
        | ValueType::AgentId
        | ValueType::Uuid
        | ValueType::OneOf(_)
        | ValueType::Suggested(_)
        | ValueType::Formatted(_)
        | ValueType::Lines
        | ValueType::DurationUnit { .. }
        | ValueType::Texts => true,
        _ => false,
    }
}

fn is_field(step: Option<&Step>, name: &str) -> bool {
    matches!(step, Some(Step::Field(field)) if field == name)
}

/// Returns the path in the body, which contains the fields of `extra` at its top.
fn body_path(path: &Path) -> Vec<BodyStep> {
    let is_extra = is_field(path.0.first(), EXTRA);
    let steps = path.0.iter().skip(usize::from(is_extra));
    steps
        .map(|step| match step {
            Step::Field(name) => BodyStep::Field(name.clone()),
            Step::Index(index) => BodyStep::Item(*index),
        })
        .collect()
}

/// Returns the value at a path.
pub(super) fn value_mut<'a>(value: &'a mut Value, path: &Path) -> Option<&'a mut Value> {
    path.0.iter().try_fold(value, |value, step| match step {
        Step::Field(name) => value.get_mut(name),
        Step::Index(index) => value.get_mut(index),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::declarations::{SimulationFile, read_declarations};
    use super::super::settings::Settings;
    use super::*;
    use crate::diagnostic::SourceFile;
    use crate::resource::desired::DesiredResource;

    /// Reads the resource that a file with one document declares.
    fn read(text: &str) -> DesiredResource {
        let input = SimulationFile {
            file: SourceFile::new("a.yaml", text),
            default_key: "a".into(),
        };
        let mut found = read_declarations(&input, &Settings::default());
        assert_eq!(found.diagnostics, []);
        found.declared.remove(0).resource.unwrap()
    }

    fn body(resource: &DesiredResource) -> Value {
        serde_json::to_value(&resource.body).unwrap()
    }

    /// Returns the places, placeholders and forms of the references of a body.
    fn references(resource: &DesiredResource) -> Vec<(String, String, bool)> {
        let references = resource.references.iter();
        references
            .map(|reference| {
                let steps = reference.at.iter().map(|step| match step {
                    BodyStep::Field(name) => name.clone(),
                    BodyStep::Item(index) => index.to_string(),
                });
                let at = steps.collect::<Vec<_>>().join("/");
                (at, reference.placeholder(), reference.is_text)
            })
            .collect()
    }

    fn expected(all: &[(&str, &str, bool)]) -> Vec<(String, String, bool)> {
        let all = all.iter();
        all.map(|(at, text, is_text)| ((*at).to_owned(), (*text).to_owned(), *is_text))
            .collect()
    }

    #[test]
    fn a_simulation_refers_by_key() {
        let simulation = read(
            "agent_id: 1\ndigital_humans: [marta, 101, '${digital_human:jan}']\n\
             selected_custom_metrics: [polite, 3c90c3cc-0d44-4b50-8888-8dd25736052a]\n",
        );
        let humans = ["marta", "jan"].map(|key| ResourceKey::of(Kind::DigitalHuman, key));
        assert_eq!(simulation.digital_human_keys, BTreeSet::from(humans));
        assert_eq!(simulation.digital_humans.len(), 1);
        assert_eq!(
            body(&simulation)["selected_custom_metrics"],
            json!([
                "${custom_metric:polite}",
                "3c90c3cc-0d44-4b50-8888-8dd25736052a"
            ])
        );
        let metric = ("selected_custom_metrics/0", "${custom_metric:polite}", true);
        assert_eq!(references(&simulation), expected(&[metric]));
        assert_eq!(simulation.refers_to().len(), 3);
    }

    #[test]
    fn a_schedule_sends_the_id_of_its_simulation_as_a_text() {
        let schedule = read(
            "kind: schedule\nsimulation: front\nschedule: {frequency: daily, time: '02:30'}\n",
        );
        assert_eq!(
            body(&schedule),
            json!({
                "simulation_id": "${simulation:front}",
                "schedule": {"frequency": "daily", "time": "02:30"},
            })
        );
        let simulation = ("simulation_id", "${simulation:front}", true);
        assert_eq!(references(&schedule), expected(&[simulation]));
        let schedule = read(
            "kind: schedule\nsimulation_id: 1284\nschedule: {frequency: daily, time: '02:30'}\n",
        );
        assert_eq!(body(&schedule)["simulation_id"], json!("1284"));
        assert!(!schedule.has_references());
    }

    #[test]
    fn a_whole_reference_takes_the_type_of_its_field() {
        let metric = read(
            "kind: custom_metric\nname: ${simulation:s}\nresponse_type: pass_fail\n\
             metric_type: transfer_landed\nsettings: {receiver_test_case_id: '${digital_human:h}'}\n\
             tags: ['$${digital_human:x}', 'of ${digital_human:h}']\n\
             extra: {labels: [{id: '${digital_human:h}'}]}\n",
        );
        assert_eq!(
            references(&metric),
            expected(&[
                ("labels/0/id", "${digital_human:h}", false),
                ("name", "${simulation:s}", true),
                (
                    "settings/receiver_test_case_id",
                    "${digital_human:h}",
                    false
                ),
                ("tags/1", "of ${digital_human:h}", true),
            ])
        );
        assert_eq!(body(&metric)["tags"][0], json!("${digital_human:x}"));
    }

    #[test]
    fn keys_are_literal() {
        let human =
            read("kind: digital_human\nkey: h\nname: ${simulation:s}\nintent: x\nmoved_from: g\n");
        assert_eq!(
            human.moved_from,
            Some(ResourceKey::of(Kind::DigitalHuman, "g"))
        );
        assert_eq!(references(&human).len(), 1);
    }
}
