//! Finds the parts of a value by their paths.

use serde_json::Value;

use crate::spec::path::{Path, Step};

/// Returns the value at a path.
#[must_use]
pub fn value_at<'a>(value: &'a Value, path: &Path) -> Option<&'a Value> {
    path.0.iter().try_fold(value, |value, step| match step {
        Step::Field(name) => value.get(name),
        Step::Index(index) => value.get(index),
    })
}

/// Returns the value at a path for a change.
pub(super) fn value_at_mut<'a>(value: &'a mut Value, path: &Path) -> Option<&'a mut Value> {
    path.0.iter().try_fold(value, |value, step| match step {
        Step::Field(name) => value.get_mut(name),
        Step::Index(index) => value.get_mut(index),
    })
}
