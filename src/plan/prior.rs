//! What is known of a simulation before it is changed.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::sighting::Seen;
use crate::lock::LockedSimulation;
use crate::resource::body::Body;
use crate::resource::desired::DesiredSimulation;
use crate::resource::{FieldChange, FieldValue, Kind, Unsure, as_written, changed_fields, overlay};

const KIND: Kind = Kind::Simulation;

/// The prior state of a simulation, and what was observed of it.
pub(super) struct Prior<'a> {
    pub locked: &'a LockedSimulation,
    pub seen: Option<&'a Seen>,
    pub unsure: Option<&'a Unsure>,
}

impl<'a> Prior<'a> {
    /// The fields that an apply has to change, given what was recorded or, where
    /// it was looked at, what is there; and that state.
    pub fn changed(&self, desired: &DesiredSimulation) -> (Cow<'a, Body>, Vec<FieldChange>) {
        let Self {
            locked,
            seen,
            unsure,
        } = *self;
        let nothing = BTreeMap::new();
        let drifted = seen.map_or(&nothing, |seen| &seen.drift);
        let base = if drifted.is_empty() {
            Cow::Borrowed(&locked.applied)
        } else {
            Cow::Owned(overlay(KIND, &locked.applied, drifted))
        };
        let mut fields = changed_fields(KIND, &base, &desired.body);
        for field in &mut fields {
            if drifted.contains_key(&field.path) {
                field.there = Some(as_written(KIND, &base, &field.path));
                field.before = as_written(KIND, &locked.applied, &field.path);
            }
        }
        for path in unsure.iter().flat_map(|unsure| &unsure.fields) {
            if !fields.iter().any(|field| field.path == *path) {
                fields.push(FieldChange {
                    path: path.clone(),
                    before: FieldValue::Unknown,
                    after: as_written(KIND, &desired.body, path),
                    there: None,
                });
            }
        }
        (base, fields)
    }
}
