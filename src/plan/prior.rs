//! Compares the prior state of a resource with its desired state.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::observed_state::Comparison;
use crate::lock::LockedResource;
use crate::resource::body::Body;
use crate::resource::desired::DesiredResource;
use crate::resource::{FieldChange, FieldValue, UnknownFields, diff, overlay, written_value};

/// The prior state of a resource, with its observed state and its unknown fields.
pub(super) struct Prior<'a> {
    pub locked: &'a LockedResource,
    pub comparison: Option<&'a Comparison>,
    pub unknown: Option<&'a UnknownFields>,
}

impl<'a> Prior<'a> {
    /// Returns the state that an apply starts from, and the fields that the apply has
    /// to change.
    ///
    /// The state is the prior state, with the observed value of each drifted field. The
    /// fields include all unknown fields.
    pub fn changed(&self, desired: &DesiredResource) -> (Cow<'a, Body>, Vec<FieldChange>) {
        let Self {
            locked,
            comparison,
            unknown,
        } = *self;
        let kind = locked.id.kind();
        let nothing = BTreeMap::new();
        let drifted = comparison.map_or(&nothing, |comparison| &comparison.drift);
        let base = if drifted.is_empty() {
            Cow::Borrowed(&locked.applied)
        } else {
            Cow::Owned(overlay(kind, &locked.applied, drifted))
        };
        let mut fields = diff(kind, &base, &desired.body);
        for field in &mut fields {
            if drifted.contains_key(&field.path) {
                field.observed = Some(written_value(kind, &base, &field.path));
                field.before = written_value(kind, &locked.applied, &field.path);
            }
        }
        for path in unknown.iter().flat_map(|unknown| &unknown.fields) {
            if !fields.iter().any(|field| field.path == *path) {
                fields.push(FieldChange {
                    path: path.clone(),
                    before: FieldValue::Unknown,
                    after: written_value(kind, &desired.body, path),
                    observed: None,
                });
            }
        }
        (base, fields)
    }
}
