//! Decides which digital humans are attached and detached.
//!
//! Only digital humans that the files attached are detached, unless the simulation is
//! declared as exclusive.

use std::collections::BTreeSet;

use super::change::DigitalHumansPatch;
use super::names::Names;
use crate::resource::desired::DesiredResource;
use crate::resource::key::{DigitalHumanId, ResourceKey};
use crate::resource::simulation::DIGITAL_HUMANS;
use crate::resource::{FieldChange, FieldValue};

/// The digital humans of an existing simulation.
pub(super) struct DigitalHumansState<'a> {
    /// The prior state: the digital humans that the files attached.
    pub recorded: &'a BTreeSet<DigitalHumanId>,
    /// The digital humans that an interrupted request attached or detached.
    pub unknown: Option<&'a BTreeSet<DigitalHumanId>>,
    /// The observed state, if it was read.
    pub observed: Option<&'a BTreeSet<DigitalHumanId>>,
    /// The keys of the tracked digital humans.
    pub names: &'a Names,
}

/// Returns the patch that attaches all declared digital humans to a new simulation.
pub(super) fn attach_all(desired: &DesiredResource) -> Option<DigitalHumansPatch> {
    let wanted = desired.digital_humans.clone();
    let pending = desired.digital_human_keys.clone();
    (!wanted.is_empty() || !pending.is_empty()).then(|| DigitalHumansPatch {
        add: wanted.clone(),
        remove: BTreeSet::new(),
        wanted,
        pending,
        is_exclusive: false,
    })
}

/// Returns the patch that attaches and detaches; `None` if nothing has to change.
pub(super) fn diff(
    state: &DigitalHumansState<'_>,
    desired: &DesiredResource,
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
    let pending = &desired.digital_human_keys;
    let is_recorded = state.recorded == wanted && !is_unknown;
    if add.is_empty() && remove.is_empty() && pending.is_empty() && is_recorded {
        return None;
    }
    Some(DigitalHumansPatch {
        add,
        remove,
        wanted: wanted.clone(),
        pending: pending.clone(),
        // If the observed state is known, `remove` already contains all others.
        // Otherwise the apply reads the attached digital humans before it changes them.
        is_exclusive: desired.is_exclusive && state.observed.is_none(),
    })
}

impl DigitalHumansState<'_> {
    /// Returns the pending digital humans that the prior state has with another id.
    fn replaced(&self, patch: &DigitalHumansPatch) -> BTreeSet<ResourceKey> {
        let recorded = self.recorded.iter();
        let recorded = recorded.filter_map(|id| self.names.human(*id));
        recorded
            .filter(|key| patch.pending.contains(*key))
            .cloned()
            .collect()
    }

    /// Returns the patch as a changed field of the plan.
    pub fn field(&self, patch: &DigitalHumansPatch) -> FieldChange {
        let nothing = BTreeSet::new();
        let list = |ids: &BTreeSet<DigitalHumanId>| {
            let list = self.names.list(ids, &nothing, &patch.pending);
            FieldValue::from((!ids.is_empty()).then_some(list))
        };
        let there = self.observed.filter(|there| *there != self.recorded);
        let after = if patch.pending.is_empty() {
            list(&patch.wanted)
        } else {
            let names = &self.names;
            FieldValue::Pending(names.list(&patch.wanted, &patch.pending, &self.replaced(patch)))
        };
        FieldChange {
            path: DIGITAL_HUMANS.to_owned(),
            before: list(self.recorded),
            after,
            observed: there.map(list),
        }
    }
}

/// Returns the fields without `digital_humans`, which no update of fields contains.
pub(super) fn without_digital_humans(fields: &[FieldChange]) -> impl Iterator<Item = &FieldChange> {
    fields.iter().filter(|field| field.path != DIGITAL_HUMANS)
}
