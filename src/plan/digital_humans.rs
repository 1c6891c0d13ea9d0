//! Which digital humans are attached and detached.
//!
//! Only those that the files attached are ever detached, unless a simulation is
//! declared as exclusive.

use std::collections::BTreeSet;

use serde_json::Value;

use super::change::DigitalHumansPatch;
use crate::resource::desired::DesiredSimulation;
use crate::resource::key::DigitalHumanId;
use crate::resource::simulation::DIGITAL_HUMANS;
use crate::resource::{FieldChange, FieldValue};

/// What is known about the digital humans of a simulation that exists.
pub(super) struct DigitalHumansState<'a> {
    /// Those that the files attached.
    pub recorded: &'a BTreeSet<DigitalHumanId>,
    /// Those that a request which was cut off attached or detached.
    pub unknown: Option<&'a BTreeSet<DigitalHumanId>>,
    /// Those that are attached now, where that was read.
    pub observed: Option<&'a BTreeSet<DigitalHumanId>>,
}

/// What is attached to a simulation that is made anew.
pub(super) fn attach_all(desired: &DesiredSimulation) -> Option<DigitalHumansPatch> {
    let wanted = desired.digital_humans.clone();
    (!wanted.is_empty()).then(|| DigitalHumansPatch {
        add: wanted.clone(),
        remove: BTreeSet::new(),
        wanted,
        is_exclusive: false,
    })
}

/// What is attached and detached, if anything has to be.
pub(super) fn diff(
    state: &DigitalHumansState<'_>,
    desired: &DesiredSimulation,
) -> Option<DigitalHumansPatch> {
    let wanted = &desired.digital_humans;
    let mut ours = state.recorded.clone();
    ours.extend(state.unknown.into_iter().flatten());
    let is_unknown = state.unknown.is_some_and(|unknown| !unknown.is_empty());
    let (add, remove): (BTreeSet<_>, BTreeSet<_>) = match state.observed {
        Some(there) => {
            let own = there
                .iter()
                .filter(|id| desired.is_exclusive || ours.contains(id));
            (
                wanted.difference(there).copied().collect(),
                own.filter(|id| !wanted.contains(id)).copied().collect(),
            )
        }
        None if is_unknown => (wanted.clone(), ours.difference(wanted).copied().collect()),
        None => (
            wanted.difference(state.recorded).copied().collect(),
            state.recorded.difference(wanted).copied().collect(),
        ),
    };
    let is_recorded = state.recorded == wanted && !is_unknown;
    if add.is_empty() && remove.is_empty() && is_recorded {
        return None;
    }
    Some(DigitalHumansPatch {
        add,
        remove,
        wanted: wanted.clone(),
        // What is attached besides was seen, or is looked up when it changes.
        is_exclusive: desired.is_exclusive && state.observed.is_none(),
    })
}

impl DigitalHumansState<'_> {
    /// The difference as a field of the plan.
    pub fn field(&self, patch: &DigitalHumansPatch) -> FieldChange {
        let list = |ids: &BTreeSet<DigitalHumanId>| {
            let ids: Vec<_> = ids.iter().map(|id| Value::from(id.0)).collect();
            FieldValue::from((!ids.is_empty()).then_some(Value::Array(ids)))
        };
        let there = self.observed.filter(|there| *there != self.recorded);
        FieldChange {
            path: DIGITAL_HUMANS.to_owned(),
            before: list(self.recorded),
            after: list(&patch.wanted),
            observed: there.map(list),
        }
    }
}

/// The fields without the digital humans, which no update of fields carries.
pub(super) fn without_digital_humans(fields: &[FieldChange]) -> impl Iterator<Item = &FieldChange> {
    fields.iter().filter(|field| field.path != DIGITAL_HUMANS)
}
