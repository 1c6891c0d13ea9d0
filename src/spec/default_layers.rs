//! The defaults of the project file, in layers: the defaults of the chosen environment
//! override those of the file.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::defaults::{is_taken, merge_defaults, normalize_values, without_other_agent};
use super::path::{Path, Step};
use super::problem::Problem;
use super::references::{References, value_mut};
use super::replace::{ReferringText, Replacement};
use super::vars::Vars;
use crate::resource::Kind;
use crate::resource::document_fields::ENVIRONMENTS;

/// The defaults of one kind in one layer.
#[derive(Debug)]
struct Layer {
    kind: Kind,
    /// The path in the project file.
    path: Path,
    /// Whether documents take the defaults. The defaults of another environment are only
    /// checked.
    is_used: bool,
    /// The texts with references to resources. The paths are those of the documents.
    texts: Vec<ReferringText>,
    /// The defaults. An explicit null is kept. In defaults that documents take, variables are
    /// replaced.
    fields: Map<String, Value>,
}

/// The defaults of a kind that documents take.
#[derive(Debug, Default)]
pub struct KindDefaults {
    /// The fields, with variables replaced.
    pub fields: Map<String, Value>,
    /// The texts with references to resources. The paths are those of the documents.
    pub texts: Vec<ReferringText>,
}

/// All defaults of a project file.
#[derive(Debug)]
pub(super) struct DefaultLayers(Vec<Layer>);

/// Returns the path of the defaults of a kind, in the file or in an environment.
#[must_use]
pub fn defaults_path(environment: Option<&str>, kind: Kind) -> Path {
    let mut path = match environment {
        None => Path::top(),
        Some(name) => Path::from([ENVIRONMENTS, name]),
    };
    let below: &[&str] = match kind {
        Kind::Simulation => &["defaults"],
        kind => &["kinds", kind.name(), "defaults"],
    };
    let below = below.iter().map(|name| Step::Field((*name).to_owned()));
    path.0.extend(below);
    path
}

/// Removes the texts with references, which have no value yet, and the lists that contain
/// such texts: the other items keep their places.
pub(super) fn without_references(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, value| !refers(value));
            fields.values_mut().for_each(without_references);
        }
        Value::Array(items) => items.iter_mut().for_each(without_references),
        _ => {}
    }
}

fn refers(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains("${"),
        Value::Array(items) => items.iter().any(refers),
        _ => false,
    }
}

impl DefaultLayers {
    /// Finds the defaults of a project file, and replaces their references. In the defaults
    /// of an environment that is not chosen, values with references are removed: they need
    /// the variables of that environment.
    pub fn find(
        file: &mut Value,
        chosen: Option<&str>,
        vars: &Vars,
        problems: &mut Vec<Problem>,
    ) -> Self {
        let environments = file.get(ENVIRONMENTS).and_then(Value::as_object);
        let names: Vec<_> = environments.into_iter().flat_map(Map::keys).collect();
        let names: Vec<_> = names.into_iter().cloned().map(Some).collect();
        let mut layers = Vec::new();
        for kind in Kind::ALL {
            for name in std::iter::once(&None).chain(&names) {
                let name = name.as_deref();
                let path = defaults_path(name, kind);
                let Some(value) = value_mut(file, &path) else {
                    continue;
                };
                let mut layer = Layer {
                    kind,
                    path,
                    is_used: name.is_none() || name == chosen,
                    texts: Vec::new(),
                    fields: Map::new(),
                };
                let fields_of = |value: &Value| value.as_object().cloned().unwrap_or_default();
                if layer.is_used {
                    problems.extend(layer.replace(value, vars));
                    layer.fields = fields_of(value);
                } else {
                    layer.fields = fields_of(value);
                    without_references(value);
                }
                layers.push(layer);
            }
        }
        Self(layers)
    }

    /// Returns the project file for the checks: with ids in place of references.
    pub fn stand_in(&self, file: &Value) -> Value {
        let mut checked = file.clone();
        for layer in &self.0 {
            if let Some(place) = value_mut(&mut checked, &layer.path)
                && let Value::Object(defaults) = place
            {
                let references = References::find(layer.kind, defaults, layer.texts.clone());
                *place = references.stand_in(layer.kind, place).into_owned();
            }
        }
        checked
    }

    /// Returns the fields of a kind that only the defaults of unchosen environments give.
    pub fn of_other_environments(&self, kind: Kind) -> BTreeMap<String, Vec<String>> {
        let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let others = self.0.iter().filter(|layer| !layer.is_used);
        for layer in others.filter(|layer| layer.kind == kind) {
            let Some(Step::Field(name)) = layer.path.0.get(1) else {
                continue;
            };
            let given = layer.fields.iter().filter(|(_, value)| !value.is_null());
            for (field, _) in given {
                found.entry(field.clone()).or_default().push(name.clone());
            }
        }
        found
    }

    /// Returns the defaults that the documents of each kind take. The defaults of the chosen
    /// environment win; maps are merged, and an explicit null takes a default away.
    pub fn join(self) -> BTreeMap<Kind, KindDefaults> {
        let mut joined: BTreeMap<Kind, KindDefaults> = BTreeMap::new();
        for layer in self.0.into_iter().filter(|layer| layer.is_used) {
            let below = joined.remove(&layer.kind).unwrap_or_default();
            joined.insert(layer.kind, layer.over(below));
        }
        joined
    }
}

impl Layer {
    /// Replaces the references in the defaults, and returns the mistakes.
    fn replace(&mut self, value: &mut Value, vars: &Vars) -> Vec<Problem> {
        let base = self.path.0.len();
        let replacement = Replacement {
            kind: self.kind,
            vars,
            files: None,
            base,
        };
        let mut replaced = replacement.replace(value, &mut self.path.clone());
        for text in &mut replaced.texts {
            text.path.0.drain(..base);
        }
        self.texts = replaced.texts;
        replaced.problems
    }

    fn over(mut self, below: KindDefaults) -> KindDefaults {
        let taken = below.texts.into_iter();
        let taken = taken.filter(|text| is_taken(&self.fields, &text.path));
        self.texts.extend(taken);
        let rest = without_other_agent(&below.fields, &self.fields);
        merge_defaults(&rest, &mut self.fields);
        self.fields
            .retain(|field, _| !self.kind.is_document_only(field));
        // The checks of the file report numbers that are too large.
        normalize_values(self.kind, &mut self.fields, &Path::top(), &mut Vec::new());
        KindDefaults {
            fields: self.fields,
            texts: self.texts,
        }
    }
}
