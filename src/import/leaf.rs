//! The paths of a document that an import can omit one by one.

use serde_json::{Map, Value};

use super::fields::is_map;
use crate::resource::Kind;
use crate::resource::document_fields::EXTRA;

/// Returns a path for messages.
pub(super) fn shown_path(path: &[String]) -> String {
    let names = path.iter().map(String::as_str);
    let names: Vec<_> = names.filter(|name| *name != EXTRA).collect();
    names.join(".")
}

/// Returns the paths that can be omitted one by one. Each setting of the digital humans
/// is a path of its own.
pub(super) fn leaf_paths(kind: Kind, fields: &Map<String, Value>) -> Vec<Vec<String>> {
    let mut leaf_paths = Vec::new();
    for (name, value) in fields {
        match value {
            Value::Object(inner) if name == EXTRA || is_map(kind, name) => {
                let inner = self::leaf_paths(kind, inner).into_iter();
                leaf_paths.extend(inner.map(|path| [vec![name.clone()], path].concat()));
            }
            _ => leaf_paths.push(vec![name.clone()]),
        }
    }
    leaf_paths
}

/// Removes the value at a path, and the maps that the removal leaves empty.
pub(super) fn remove_path(fields: &mut Map<String, Value>, path: &[String]) -> Option<Value> {
    let (name, rest) = path.split_first()?;
    if rest.is_empty() {
        return fields.remove(name);
    }
    let inner = fields.get_mut(name)?.as_object_mut()?;
    let taken = remove_path(inner, rest);
    if inner.is_empty() {
        fields.remove(name);
    }
    taken
}

/// Returns the value at a path of names.
pub(super) fn value_at<'a>(
    fields: &'a mut Map<String, Value>,
    path: &[String],
) -> Option<&'a mut Value> {
    let (name, rest) = path.split_first()?;
    let value = fields.get_mut(name)?;
    if rest.is_empty() {
        return Some(value);
    }
    value_at(value.as_object_mut()?, rest)
}
