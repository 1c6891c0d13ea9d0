//! The values of a document that a changed field of the state concerns.

use serde_json::Value;

use super::decide::Pull;
use crate::resource::body::Body;
use crate::resource::document_fields::EXTRA;
use crate::resource::field::{Constant, Field, ValueType};
use crate::resource::simulation::DIGITAL_HUMANS;
use crate::resource::{Kind, declared_name};
use crate::spec::path::Path;

/// One value of a document.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// The place in the document.
    pub at: Path,
    /// The name of the field in the table: `MAP.FIELD` for a field of a map.
    pub name: String,
    /// The value before the pull, as the state has it.
    pub old: Option<Value>,
    /// The wanted value; `None` if the field is not set.
    pub new: Option<Value>,
}

/// Returns the values of the document that change with the field at a path. `wanted` is the
/// desired state after the pull.
#[must_use]
pub fn parts(pull: &Pull, path: &str, wanted: &Body) -> Vec<Part> {
    let kind = pull.key.kind();
    let old = &pull.declared.body;
    if path == DIGITAL_HUMANS {
        return vec![humans(pull)];
    }
    if let Some((map, inner)) = kind.split(path) {
        let value = |body: &Body| body.get(map.name).and_then(|map| map.get(inner)).cloned();
        let is_known = map.inner().iter().any(|field| field.name == inner);
        let at = Path::from([map.name, inner]);
        return vec![Part {
            at: if is_known { at } else { below_extra(&at) },
            name: path.to_owned(),
            old: value(old),
            new: value(wanted),
        }];
    }
    if let Some((field, unit)) = duration(kind, path) {
        return duration_parts(field, unit, old, wanted);
    }
    let name = declared_name(kind, path, [old]);
    let at = Path::from([name]);
    vec![Part {
        at: if kind.field(name).is_some() {
            at
        } else {
            below_extra(&at)
        },
        name: name.to_owned(),
        old: old.get(name).cloned(),
        new: wanted.get(name).cloned(),
    }]
}

/// Returns the wanted list of digital humans, which [`Part::with_ids`] completes.
fn humans(pull: &Pull) -> Part {
    let ids = pull.humans.iter().flatten();
    let ids: Vec<_> = ids.map(|id| Value::from(id.0)).collect();
    Part {
        at: Path::from([DIGITAL_HUMANS]),
        name: DIGITAL_HUMANS.to_owned(),
        old: None,
        new: Some(ids.into()),
    }
}

impl Part {
    /// Completes a list of digital humans that a file writes as `raw`: `old` gets the id of
    /// each item, in the order of the file. A digital human without an id, which no apply has
    /// created yet, stays in the list. Other parts do not change.
    pub(super) fn with_ids(
        mut self,
        raw: Option<&Value>,
        id_of: &dyn Fn(&str) -> Option<u64>,
    ) -> Self {
        if self.name != DIGITAL_HUMANS {
            return self;
        }
        let items = raw.and_then(Value::as_array).cloned().unwrap_or_default();
        let with_id = |item: Value| match item.as_str().and_then(id_of) {
            Some(id) => id.into(),
            None => item,
        };
        let old: Vec<_> = items.into_iter().map(with_id).collect();
        let mut new = self.new.as_ref().and_then(Value::as_array).cloned();
        let new = new.get_or_insert_default();
        new.extend(old.iter().filter(|item| item.is_string()).cloned());
        self.new = (!new.is_empty()).then(|| new.clone().into());
        self.old = Some(old.into());
        self
    }
}

/// Returns the place of an unknown field.
fn below_extra(at: &Path) -> Path {
    let mut below = Path::from([EXTRA]);
    below.0.extend(at.0.iter().cloned());
    below
}

fn duration(kind: Kind, path: &str) -> Option<(&'static Field, &'static str)> {
    let field = kind.field(path)?;
    match field.value {
        ValueType::Duration { unit } => Some((field, unit)),
        _ => None,
    }
}

/// Returns the number and the unit. The unit stays, if it can express the wanted number.
fn duration_parts(field: &Field, unit: &'static str, old: &Body, wanted: &Body) -> Vec<Part> {
    let part = |name: &str, new: Option<Value>| Part {
        at: Path::from([name]),
        name: name.to_owned(),
        old: old.get(name).cloned(),
        new,
    };
    // An observed duration is in seconds.
    let Some(seconds) = wanted.get(field.name).and_then(Value::as_i64) else {
        let unset = |name| part(name, None);
        return vec![unset(field.name), unset(unit)];
    };
    if old.text(unit) != Some("seconds") && seconds % 60 == 0 {
        return vec![part(field.name, Some((seconds / 60).into()))];
    }
    let unit_value = Constant::Text("seconds").to_value();
    vec![
        part(field.name, Some(seconds.into())),
        part(unit, Some(unit_value)),
    ]
}
