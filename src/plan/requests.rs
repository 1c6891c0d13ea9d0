//! How many requests an apply of a plan sends.

use std::collections::BTreeSet;

use super::change::{Action, Change, OldInstance, Plan};
use crate::lock::LockedResource;
use crate::resource::key::ResourceKey;
use crate::resource::{Kind, Scope, SentIn};

/// The smallest number of agents for which one list of everything replaces a list for each
/// agent.
pub const LIST_ALL_FROM: usize = 16;

/// The largest number of resources in one request that creates, updates or deletes.
pub const BULK: usize = 100;

/// The number of metrics on one page of their list.
const METRICS_PAGE: usize = 50;

/// The request that asks which organisation the API key belongs to.
const ORGANIZATION: usize = 1;

impl Plan {
    /// Returns how many requests an apply sends if no request fails and the API holds no
    /// candidate. Without work, no request is sent. Otherwise the apply sends one request
    /// for the organisation, one list for each agent that gets a new simulation, one list
    /// for each other kind that gets a new resource, and the requests of the changes. A
    /// long list takes more requests, whose number is not known beforehand.
    #[must_use]
    pub fn requests(&self) -> usize {
        let mut of_changes = 0;
        let mut shared = [0, 0, 0];
        for change in &self.changes {
            let requests = requests_of(change);
            of_changes += requests;
            let sharing = Sharing::of(change);
            // The delete of an old instance is in a later stage than the create of its
            // replacement.
            let later =
                (change.deletes() && sharing == Some(Sharing::Create)).then_some(Sharing::Delete);
            for sharing in sharing.into_iter().chain(later) {
                shared[sharing as usize] += 1;
                of_changes -= 1;
            }
        }
        of_changes += shared
            .map(|items: usize| items.div_ceil(BULK))
            .iter()
            .sum::<usize>();
        if of_changes == 0 {
            return 0;
        }
        let scopes: BTreeSet<_> = self
            .pending()
            .filter_map(|change| Some((change.key.kind(), change.after.as_ref()?)))
            .map(|(kind, body)| Scope::of(kind, body))
            .collect();
        let (kinds, agents): (Vec<_>, Vec<_>) = scopes.iter().partition(|scope| scope.is_whole());
        ORGANIZATION + lists_of(agents.len(), LIST_ALL_FROM) + kinds.len() + of_changes
    }
}

/// Returns how many lists show the simulations of a number of agents. From `all_from`
/// agents on, one list of everything is enough.
fn lists_of(agents: usize, all_from: usize) -> usize {
    if agents < all_from { agents } else { 1 }
}

/// Returns how many requests read these entries, if nothing is missing and the API holds
/// nothing else: one for the organisation, and the lists. With `reads_whole`, each
/// simulation takes one more request, and another one for its digital humans. `has_humans`
/// returns whether a file declares the digital humans of a simulation.
#[must_use]
pub fn read_requests<'a>(
    entries: impl Iterator<Item = (&'a ResourceKey, &'a LockedResource)>,
    reads_whole: bool,
    has_humans: impl Fn(&ResourceKey) -> bool,
) -> usize {
    let (mut agents, mut counts, mut reads) = (BTreeSet::new(), [0_usize; 3], 0);
    for (key, locked) in entries {
        match key.kind() {
            Kind::Simulation => {
                agents.insert(Scope::of(Kind::Simulation, &locked.applied));
                reads += 1 + usize::from(!locked.digital_humans.is_empty() || has_humans(key));
            }
            Kind::DigitalHuman => counts[0] += 1,
            Kind::CustomMetric => counts[1] += 1,
            Kind::Schedule => counts[2] += 1,
        }
    }
    let [humans, metrics, schedules] = counts;
    let pages = humans.div_ceil(BULK) + metrics.div_ceil(METRICS_PAGE);
    let (lists, reads) = if reads_whole {
        (lists_of(agents.len(), LIST_ALL_FROM), reads)
    } else {
        (lists_of(agents.len(), 2), 0)
    };
    ORGANIZATION + lists + pages + usize::from(schedules > 0) + reads
}

/// The requests that several changes of digital humans share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharing {
    /// The create, also of a replacement.
    Create,
    /// The update in place.
    Update,
    /// The delete.
    Delete,
}

impl Sharing {
    /// Returns the requests that a change shares with others; `None` if an apply executes
    /// the change with requests of its own.
    #[must_use]
    pub fn of(change: &Change) -> Option<Self> {
        match &change.action {
            _ if change.key.kind() != Kind::DigitalHuman => None,
            Action::Create | Action::Replace { .. } => Some(Self::Create),
            Action::Update { patch } => (!patch.0.is_empty()).then_some(Self::Update),
            Action::Delete => Some(Self::Delete),
            Action::Orphan | Action::Move | Action::Adopt => None,
        }
    }
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

/// Returns the number of requests of a create and of the update that completes it. Fields
/// that the schema does not know need a read before the update and a read after it. If the
/// first read shows that the create set them, fewer requests are sent.
fn created(change: &Change) -> usize {
    let Some(body) = &change.after else {
        return 1;
    };
    let (mut has_unknown, mut has_update_only) = (false, false);
    for name in body.0.keys() {
        match change.key.kind().field(name) {
            Some(field) => has_update_only |= field.sent == SentIn::Update,
            None => has_unknown = true,
        }
    }
    let reads = if has_unknown { 2 } else { 0 };
    1 + usize::from(has_update_only || has_unknown) + reads
}

/// Returns the number of requests that attach, detach, or read the digital humans to
/// detach.
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
