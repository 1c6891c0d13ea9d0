//! How many requests an apply of a plan sends.

use std::collections::BTreeSet;

use super::change::{Action, Change, OldInstance, Plan};
use crate::resource::{Kind, Scope};

/// From how many agents on one list of everything serves instead of a list for each.
pub const LIST_ALL_FROM: usize = 16;

/// The largest number of resources in one create request.
pub const BULK: usize = 100;

/// The request that asks which organisation the API key belongs to.
const ORGANIZATION: usize = 1;

impl Plan {
    /// Returns how many requests an apply sends if no request fails and the API holds
    /// no candidate: none without work, else one for the organisation, one list for
    /// each agent that gets a new simulation, one list for each other kind that gets a new
    /// resource, and the requests of the changes. A list of many resources takes more
    /// requests, which nothing tells beforehand.
    #[must_use]
    pub fn requests(&self) -> usize {
        let (together, alone): (Vec<_>, Vec<_>) =
            self.changes.iter().partition(|change| is_bulk(change));
        let of_changes: usize = alone.into_iter().map(requests_of).sum();
        let of_changes = of_changes + together.len().div_ceil(BULK);
        if of_changes == 0 {
            return 0;
        }
        let scopes: BTreeSet<_> = self
            .pending()
            .filter_map(|change| Some((change.key.kind(), change.after.as_ref()?)))
            .map(|(kind, body)| Scope::of(kind, body))
            .collect();
        let (kinds, agents): (Vec<_>, Vec<_>) = scopes.iter().partition(|scope| scope.is_whole());
        let lists = if agents.len() < LIST_ALL_FROM {
            agents.len()
        } else {
            1
        };
        ORGANIZATION + lists + kinds.len() + of_changes
    }
}

/// Returns whether an apply creates the resource together with others.
#[must_use]
pub fn is_bulk(change: &Change) -> bool {
    change.key.kind() == Kind::DigitalHuman && change.action == Action::Create
}

fn requests_of(change: &Change) -> usize {
    let humans = humans(change);
    match &change.action {
        Action::Create => created(change) + humans,
        Action::Update { patch } => usize::from(!patch.0.is_empty()) + humans,
        Action::Replace { old_instance, .. } => {
            created(change) + humans + usize::from(*old_instance == OldInstance::Delete)
        }
        Action::Delete => 1,
        Action::Orphan | Action::Move | Action::Adopt => 0,
    }
}

/// A create, and the update that follows with what a create does not carry. Fields that
/// the schema does not know take a read before that update and a read after it, unless
/// the first read shows that the create took them.
fn created(change: &Change) -> usize {
    let Some(body) = &change.after else {
        return 1;
    };
    let has_unknown = body
        .0
        .keys()
        .any(|name| change.key.kind().field(name).is_none());
    let has_update_only = body
        .0
        .keys()
        .any(|name| change.key.kind().is_update_only(name));
    let reads = if has_unknown { 2 } else { 0 };
    1 + usize::from(has_update_only || has_unknown) + reads
}

/// One request to attach, one to detach, and a read before detaching everything else.
fn humans(change: &Change) -> usize {
    change.humans.as_ref().map_or(0, |humans| {
        [
            !humans.add.is_empty() || !humans.pending.is_empty(),
            !humans.remove.is_empty(),
            humans.is_exclusive,
        ]
        .into_iter()
        .map(usize::from)
        .sum()
    })
}
