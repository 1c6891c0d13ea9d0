//! Finds the values of documents by their paths.

use serde_json::Value;

use crate::spec::path::{Path, Step};

/// Returns the value at a path.
pub(super) fn value_at<'a>(values: &'a [Value], document: usize, path: &Path) -> Option<&'a Value> {
    let mut value = values.get(document)?;
    for step in &path.0 {
        value = match step {
            Step::Field(name) => value.get(name)?,
            Step::Index(index) => value.get(index)?,
        };
    }
    Some(value)
}

/// Returns the value at a path for a change.
pub(super) fn value_at_mut<'a>(value: &'a mut Value, path: &Path) -> Option<&'a mut Value> {
    let mut value = value;
    for step in &path.0 {
        value = match step {
            Step::Field(name) => value.get_mut(name)?,
            Step::Index(index) => value.get_mut(index)?,
        };
    }
    Some(value)
}
