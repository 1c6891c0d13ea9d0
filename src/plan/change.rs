//! A plan as a value.

use std::collections::{BTreeMap, BTreeSet};

use super::refusal::Refusal;
use super::rename_hint::RenameHint;
use crate::lock::LockedSimulation;
use crate::resource::FieldChange;
use crate::resource::body::Body;
use crate::resource::desired::Source;
use crate::resource::key::{DigitalHumanId, SimulationId, SimulationKey};

/// Everything that an apply would do, in the order it is shown.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    /// The changes, by key; orphans too, since they are worth a look.
    pub changes: Vec<Change>,
    /// How many simulations stay as they are.
    pub unchanged: usize,
    /// Why this plan may not be applied; empty when it may.
    pub refusals: Vec<Refusal>,
    /// Creates that look like renames.
    pub hints: Vec<RenameHint>,
    /// The simulations whose `protect` changes, by key. An apply records the change
    /// without a request.
    pub protect_changes: Vec<ProtectChange>,
}

/// A simulation whose `protect` differs from the prior state. A new simulation was not
/// protected.
#[derive(Debug, Clone, PartialEq)]
pub struct ProtectChange {
    /// The key after the plan.
    pub key: SimulationKey,
    /// Whether the simulation is declared as protected.
    pub is_protected: bool,
    /// Where the simulation is declared.
    pub source: Source,
}

/// What happens to one simulation.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The key in the lockfile after the change.
    pub key: SimulationKey,
    /// What is done.
    pub action: Action,
    /// The key in the lockfile before, where it is another.
    pub moved_from: Option<SimulationKey>,
    /// The simulation at the API that this is about; `None` for a create.
    pub simulation_id: Option<SimulationId>,
    /// The simulation that was there before and is gone; for a create that makes
    /// it anew, for another that is taken over, and for an entry that no file
    /// declares.
    pub gone: Option<SimulationId>,
    /// What a simulation was found to have that is taken over first.
    pub adopted: Option<Body>,
    /// What was applied last.
    pub before: Option<Body>,
    /// What is wanted.
    pub after: Option<Body>,
    /// The fields that differ in meaning.
    pub fields: Vec<FieldChange>,
    /// The digital humans to attach and detach.
    pub humans: Option<DigitalHumansPatch>,
    /// The attached digital humans of the prior state.
    pub recorded_humans: BTreeSet<DigitalHumanId>,
    /// The digital humans of the desired state.
    pub declared_humans: BTreeSet<DigitalHumanId>,
    /// Whether it is declared as protected.
    pub is_protected: bool,
    /// Whether the simulation that it deletes or keeps was taken over, not created.
    pub is_adopted: bool,
    /// Where the simulation was declared.
    pub source: Option<Source>,
}

/// What is done to one simulation.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Create it.
    Create,
    /// Change fields or digital humans in place.
    Update {
        /// The request body: only what changes. Empty when only digital humans do.
        patch: Body,
    },
    /// Create a new instance, record its id, and then delete or keep the old instance.
    Replace {
        /// The fields that can't change in place; empty when any change replaces.
        because: Vec<String>,
        /// Whether the old instance is deleted.
        old_instance: OldInstance,
    },
    /// Delete it.
    Delete,
    /// Keep it, though no file declares it any more.
    Orphan,
    /// Rename its lockfile entry.
    Move,
    /// Take over one that is there already.
    Adopt,
}

/// The fate of the old instance after a replace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OldInstance {
    /// The old instance stays at the API, and the lockfile lists its id as replaced.
    Keep,
    /// The old instance is deleted.
    Delete,
}

/// Which digital humans are attached and detached.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DigitalHumansPatch {
    /// Those to attach.
    pub add: BTreeSet<DigitalHumanId>,
    /// Those to detach.
    pub remove: BTreeSet<DigitalHumanId>,
    /// All that the files want attached.
    pub wanted: BTreeSet<DigitalHumanId>,
    /// Whether all others are detached too, whoever attached them.
    pub is_exclusive: bool,
}

/// How many changes there are of each kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Summary {
    // In the order of their names in JSON.
    /// Simulations found at the API and taken over.
    pub adopt: usize,
    /// Simulations to create.
    pub create: usize,
    /// Simulations to delete.
    pub delete: usize,
    /// Lockfile entries to rename.
    #[serde(rename = "move")]
    pub moved: usize,
    /// Simulations that no file declares.
    pub orphan: usize,
    /// Simulations to replace.
    pub replace: usize,
    /// Simulations that stay as they are.
    pub unchanged: usize,
    /// Simulations to change in place.
    pub update: usize,
}

impl Plan {
    /// How many changes there are of each kind.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let mut summary = Summary {
            unchanged: self.unchanged,
            ..Summary::default()
        };
        for change in &self.changes {
            *match change.action {
                Action::Create => &mut summary.create,
                Action::Update { .. } => &mut summary.update,
                Action::Replace { .. } => &mut summary.replace,
                Action::Delete => &mut summary.delete,
                Action::Orphan => &mut summary.orphan,
                Action::Move => &mut summary.moved,
                Action::Adopt => &mut summary.adopt,
            } += 1;
        }
        summary
    }

    /// Whether an apply would do anything; an orphan alone is nothing to do.
    #[must_use]
    pub fn has_work(&self) -> bool {
        self.changes.iter().any(Change::is_work)
    }

    /// The lockfile entries to rename, old key and new key. Where one gets the key
    /// of another, that one comes first, so that no new key is ever taken.
    #[must_use]
    pub fn moves(&self) -> Vec<(&SimulationKey, &SimulationKey)> {
        let changes = self.changes.iter();
        let by_old: BTreeMap<_, _> = changes
            .filter_map(|change| Some((change.moved_from.as_ref()?, &change.key)))
            .collect();
        let new: BTreeSet<_> = by_old.values().copied().collect();
        let mut moves = Vec::new();
        for (old, key) in by_old.iter().filter(|(old, _)| !new.contains(*old)) {
            let mut chain = vec![(*old, *key)];
            while let Some((old, key)) = chain.last().and_then(|(_, key)| by_old.get_key_value(key))
            {
                chain.push((*old, *key));
            }
            moves.extend(chain.into_iter().rev());
        }
        moves
    }

    /// The changes that make a simulation: before them, an apply looks whether it is
    /// there already.
    pub fn pending(&self) -> impl Iterator<Item = &Change> {
        let changes = self.changes.iter();
        changes.filter(|change| matches!(change.action, Action::Create | Action::Replace { .. }))
    }

    /// The plan without what happens to these keys, nor to those that they would have
    /// to make room for.
    #[must_use]
    pub fn without(mut self, mut blocked: BTreeSet<SimulationKey>) -> Self {
        if blocked.is_empty() {
            return self;
        }
        // Who makes room comes before those for whom.
        for (from, to) in self.moves() {
            if blocked.contains(to) {
                blocked.insert(from.clone());
            }
        }
        self.changes
            .retain(|change| !change.is_work() || !blocked.contains(&change.key));
        self
    }

    /// Whether each key has one change at most, beside what is parted with: two
    /// would make two simulations of it.
    pub(super) fn has_unique_keys(&self) -> bool {
        let mut seen = BTreeSet::new();
        let mut own = self.changes.iter().filter(|change| !change.is_farewell());
        own.all(|change| seen.insert(&change.key))
    }

    /// Whether an apply is allowed.
    #[must_use]
    pub fn is_applyable(&self) -> bool {
        self.refusals.is_empty()
    }
}

impl Change {
    /// A change with nothing to it but its key and what is done.
    #[must_use]
    pub fn new(key: SimulationKey, action: Action) -> Self {
        Self {
            key,
            action,
            moved_from: None,
            simulation_id: None,
            gone: None,
            adopted: None,
            before: None,
            after: None,
            fields: Vec::new(),
            humans: None,
            recorded_humans: BTreeSet::new(),
            declared_humans: BTreeSet::new(),
            is_protected: false,
            is_adopted: false,
            source: None,
        }
    }

    /// The change with the prior state of its simulation.
    pub(super) fn recorded(mut self, locked: &LockedSimulation) -> Self {
        self.before = Some(locked.applied.clone());
        self.recorded_humans.clone_from(&locked.digital_humans);
        self
    }

    /// Whether an apply would do anything about it.
    #[must_use]
    pub fn is_work(&self) -> bool {
        self.action != Action::Orphan
    }

    /// Whether a simulation that no file declares any more is parted with.
    #[must_use]
    pub fn is_farewell(&self) -> bool {
        matches!(self.action, Action::Delete | Action::Orphan)
    }

    /// Whether this change deletes a simulation.
    #[must_use]
    pub fn deletes(&self) -> bool {
        matches!(
            self.action,
            Action::Delete
                | Action::Replace {
                    old_instance: OldInstance::Delete,
                    ..
                }
        )
    }

    /// What is done, as the words of the JSON plan.
    #[must_use]
    pub fn action_words(&self) -> Vec<&'static str> {
        let action: &[&str] = match &self.action {
            Action::Create => &["create"],
            Action::Update { .. } => &["update"],
            Action::Replace { .. } => &["create", "delete"],
            Action::Delete => &["delete"],
            Action::Orphan => &["orphan"],
            Action::Move => &["move"],
            Action::Adopt => &["adopt"],
        };
        let moved = self.moved_from.is_some() && self.action != Action::Move;
        let adopted = self.adopted.is_some() && self.action != Action::Adopt;
        let first = moved.then_some("move").into_iter();
        first
            .chain(adopted.then_some("adopt"))
            .chain(action.iter().copied())
            .collect()
    }
}
