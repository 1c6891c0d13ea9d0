//! Records pulled values as the prior state.

use std::collections::BTreeSet;

use super::decide::Pull;
use crate::lock::LockedResource;
use crate::resource::Kind;
use crate::resource::body::Body;
use crate::resource::desired::DesiredResource;
use crate::resource::field::ValueType;
use crate::resource::simulation::DIGITAL_HUMANS;

/// Records the values at these paths as the files now declare them. All other values stay
/// as recorded, so the next plan shows the changes that no apply has sent.
pub fn record(
    locked: &mut LockedResource,
    pull: &Pull,
    declared: &DesiredResource,
    paths: &BTreeSet<String>,
) {
    for path in paths {
        copy(pull.key.kind(), &mut locked.applied, &declared.body, path);
    }
    if !paths.contains(DIGITAL_HUMANS) {
        return;
    }
    let attached = &pull.attached;
    locked
        .digital_humans
        .retain(|human| attached.contains(human));
    if pull.declared.is_exclusive {
        locked.digital_humans.clone_from(attached);
    }
}

/// Copies the value at a path, under each of its names.
fn copy(kind: Kind, applied: &mut Body, declared: &Body, path: &str) {
    if let Some((map, inner)) = kind.split(path) {
        let value = declared
            .get(map.name)
            .and_then(|map| map.get(inner))
            .cloned();
        let fields = applied.fields_mut();
        let settings = fields
            .entry(map.name)
            .or_insert_with(|| serde_json::Map::new().into());
        if let Some(settings) = settings.as_object_mut() {
            match value {
                Some(value) => drop(settings.insert(inner.to_owned(), value)),
                None => drop(settings.remove(inner)),
            }
            if settings.is_empty() {
                fields.remove(map.name);
            }
        }
        return;
    }
    let unit = match kind.field(path).map(|field| field.value) {
        Some(ValueType::Duration { unit }) => Some(unit),
        _ => None,
    };
    for name in kind.names_of(path).chain(unit) {
        copy_field(applied, declared, name);
    }
    if kind.field(path).is_none() {
        copy_field(applied, declared, path);
    }
}

fn copy_field(applied: &mut Body, declared: &Body, name: &str) {
    match declared.get(name).cloned() {
        Some(value) => applied.fields_mut().insert(name.to_owned(), value),
        None => applied.fields_mut().remove(name),
    };
}
