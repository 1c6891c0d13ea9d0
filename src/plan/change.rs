//! A plan as a value: a list of changes.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::refusal::Refusal;
use super::rename_hint::RenameHint;
use crate::lock::LockedResource;
use crate::resource::body::Body;
use crate::resource::desired::Source;
use crate::resource::key::{DigitalHumanId, RemoteId, ResourceKey};
use crate::resource::reference::{Reference, Step, resolve};
use crate::resource::{FieldChange, FieldValue};

/// Everything that an apply would do, in the order in which reports show the changes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    /// The changes, sorted by key. Orphans are included, because users want to see
    /// them.
    pub changes: Vec<Change>,
    /// The number of resources without a change.
    pub unchanged: usize,
    /// The reasons to refuse the plan; empty if the plan may be applied.
    pub refusals: Vec<Refusal>,
    /// Creates that are probably renames.
    pub hints: Vec<RenameHint>,
    /// The resources whose `protect` changes, by key. An apply records the change
    /// without a request.
    pub protect_changes: Vec<ProtectChange>,
}

/// A resource whose `protect` differs from the prior state. A new resource was not
/// protected.
#[derive(Debug, Clone, PartialEq)]
pub struct ProtectChange {
    /// The key in the lockfile after the change.
    pub key: ResourceKey,
    /// Whether the resource is protected.
    pub is_protected: bool,
    /// The place of the declaration.
    pub source: Source,
}

/// What an apply does to one resource.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The key in the lockfile after the change.
    pub key: ResourceKey,
    /// The action.
    pub action: Action,
    /// The key in the lockfile before the change, if the change also moves the
    /// resource.
    pub moved_from: Option<ResourceKey>,
    /// The id of the resource that the action changes; `None` for a create.
    pub id: Option<RemoteId>,
    /// The recorded id, if the resource no longer exists. Set for a create in its
    /// place, for an adoption in its place, and for an orphan.
    pub gone: Option<RemoteId>,
    /// The body to record for a resource that is adopted before the action.
    pub adopted: Option<Body>,
    /// The prior state.
    pub before: Option<Body>,
    /// The desired state.
    pub after: Option<Body>,
    /// The fields that differ.
    pub fields: Vec<FieldChange>,
    /// The digital humans to attach and detach.
    pub humans: Option<DigitalHumansPatch>,
    /// The attached digital humans of the prior state.
    pub recorded_humans: BTreeSet<DigitalHumanId>,
    /// The digital humans of the desired state.
    pub declared_humans: BTreeSet<DigitalHumanId>,
    /// The digital humans of the desired state for reports: a list of keys and ids; null
    /// if they don't change.
    pub named_humans: Value,
    /// The keys of the tracked custom metrics or simulations that the change names, by id,
    /// for reports.
    pub keys_by_id: BTreeMap<String, String>,
    /// The references of the desired state whose ids are known after other changes.
    pub references: Vec<Reference>,
    /// The resources whose changes have to be executed first.
    pub depends_on: BTreeSet<ResourceKey>,
    /// The resources that used the instance with this [`Self::id`] before. The instance is
    /// only deleted after their changes.
    pub used_by: BTreeSet<ResourceKey>,
    /// Whether the resource is declared as protected.
    pub is_protected: bool,
    /// Whether the resource that the action deletes or keeps was adopted, not
    /// created.
    pub is_adopted: bool,
    /// Where the resource was declared.
    pub source: Option<Source>,
}

/// The action of a change.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Create the resource.
    Create,
    /// Change fields or digital humans in place.
    Update {
        /// The request body, which contains only the changes. Empty if only digital
        /// humans change.
        patch: Body,
    },
    /// Create a new instance, record its id, and then delete or keep the old instance.
    Replace {
        /// The fields that can't change in place; empty when any change replaces.
        because: Vec<String>,
        /// Whether the old instance is deleted.
        old_instance: OldInstance,
    },
    /// Delete the resource.
    Delete,
    /// Keep the resource, although no file declares it.
    Orphan,
    /// Rename the lockfile entry of the resource.
    Move,
    /// Adopt an existing resource.
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

/// The digital humans to attach and to detach.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DigitalHumansPatch {
    /// The digital humans to attach.
    pub add: BTreeSet<DigitalHumanId>,
    /// The digital humans to detach.
    pub remove: BTreeSet<DigitalHumanId>,
    /// All digital humans that the files declare.
    pub wanted: BTreeSet<DigitalHumanId>,
    /// The digital humans to attach whose ids are known after other changes.
    pub pending: BTreeSet<ResourceKey>,
    /// Whether all other digital humans are detached too.
    pub is_exclusive: bool,
}

/// The number of changes of each kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Summary {
    // The fields are in the order of their names in JSON.
    /// The number of adoptions.
    pub adopt: usize,
    /// The number of creates.
    pub create: usize,
    /// The number of deletes.
    pub delete: usize,
    /// The number of moves.
    #[serde(rename = "move")]
    pub moved: usize,
    /// The number of orphans.
    pub orphan: usize,
    /// The number of replaces.
    pub replace: usize,
    /// The number of resources without a change.
    pub unchanged: usize,
    /// The number of updates in place.
    pub update: usize,
}

impl Plan {
    /// Returns the number of changes of each kind.
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

    /// Returns whether an apply would do anything. Orphans alone are no work.
    #[must_use]
    pub fn has_work(&self) -> bool {
        self.changes.iter().any(Change::is_work)
    }

    /// Returns the moves as pairs of the old key and the new key. A move that frees a
    /// key comes before the move that takes the key.
    #[must_use]
    pub fn moves(&self) -> Vec<(&ResourceKey, &ResourceKey)> {
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

    /// Returns the creates and replaces. An apply searches for their resources before
    /// it sends a create.
    pub fn pending(&self) -> impl Iterator<Item = &Change> {
        let changes = self.changes.iter();
        changes.filter(|change| matches!(change.action, Action::Create | Action::Replace { .. }))
    }

    /// Returns the plan without the changes of these keys, and without the moves that
    /// would need one of these keys to be freed.
    #[must_use]
    pub fn without(mut self, mut blocked: BTreeSet<ResourceKey>) -> Self {
        if blocked.is_empty() {
            return self;
        }
        // A move that frees a key comes before the move that takes the key.
        for (from, to) in self.moves() {
            if blocked.contains(to) {
                blocked.insert(from.clone());
            }
        }
        self.changes
            .retain(|change| !change.is_work() || !blocked.contains(&change.key));
        self
    }

    /// Returns whether each key has at most one change, deletes and orphans not
    /// counted. Two changes could create two resources for one key.
    pub(super) fn has_unique_keys(&self) -> bool {
        let mut seen = BTreeSet::new();
        let mut own = self
            .changes
            .iter()
            .filter(|change| !change.is_delete_or_orphan());
        own.all(|change| seen.insert(&change.key))
    }

    /// Returns whether the plan may be applied.
    #[must_use]
    pub fn is_applyable(&self) -> bool {
        self.refusals.is_empty()
    }
}

impl Change {
    /// Returns a change with only a key and an action.
    #[must_use]
    pub fn new(key: ResourceKey, action: Action) -> Self {
        Self {
            key,
            action,
            moved_from: None,
            id: None,
            gone: None,
            adopted: None,
            before: None,
            after: None,
            fields: Vec::new(),
            humans: None,
            recorded_humans: BTreeSet::new(),
            declared_humans: BTreeSet::new(),
            named_humans: Value::Null,
            keys_by_id: BTreeMap::new(),
            references: Vec::new(),
            depends_on: BTreeSet::new(),
            used_by: BTreeSet::new(),
            is_protected: false,
            is_adopted: false,
            source: None,
        }
    }

    /// Marks the changed fields whose values contain ids that are not known yet.
    pub(super) fn mark_pending(&mut self) {
        for reference in &self.references {
            let mut steps = reference.at.iter().filter_map(|step| match step {
                Step::Field(name) => Some(name.as_str()),
                Step::Item(_) => None,
            });
            let (Some(field), inner) = (steps.next(), steps.next()) else {
                continue;
            };
            let path = inner.map(|inner| format!("{field}.{inner}"));
            let path = path.as_deref();
            let is_of = |changed: &&mut FieldChange| {
                changed.path == field || Some(changed.path.as_str()) == path
            };
            if let Some(changed) = self.fields.iter_mut().find(is_of)
                && let FieldValue::Given(value) = &changed.after
            {
                changed.after = FieldValue::Pending(value.clone());
            }
        }
    }

    /// Returns the change with the prior state of its resource.
    pub(super) fn recorded(mut self, locked: &LockedResource) -> Self {
        self.before = Some(locked.applied.clone());
        self.recorded_humans.clone_from(&locked.digital_humans);
        self
    }

    /// Returns the change with the ids that other changes made in place of its references.
    /// Returns `None` if such an id is still not known.
    #[must_use]
    pub fn resolved(
        &self,
        id_of: impl Fn(&ResourceKey) -> Option<RemoteId>,
    ) -> Option<Cow<'_, Self>> {
        let pending = self.humans.as_ref().map(|humans| &humans.pending);
        if self.references.is_empty() && pending.is_none_or(BTreeSet::is_empty) {
            return Some(Cow::Borrowed(self));
        }
        let mut change = self.clone();
        let references = std::mem::take(&mut change.references);
        if let Some(after) = &mut change.after
            && !resolve(after, &references, &id_of).is_empty()
        {
            return None;
        }
        if let Action::Update { patch } = &mut change.action {
            // The references have the same places in the patch as in the desired state.
            resolve(patch, &references, &id_of);
        }
        if let Some(humans) = &mut change.humans {
            for key in std::mem::take(&mut humans.pending) {
                let human = DigitalHumanId(id_of(&key)?.number()?);
                humans.add.insert(human);
                humans.wanted.insert(human);
                change.declared_humans.insert(human);
            }
        }
        Some(Cow::Owned(change))
    }

    /// Returns whether an apply would do anything for this change.
    #[must_use]
    pub fn is_work(&self) -> bool {
        self.action != Action::Orphan
    }

    /// Returns whether the change deletes or keeps a resource that no file declares any
    /// more.
    #[must_use]
    pub fn is_delete_or_orphan(&self) -> bool {
        matches!(self.action, Action::Delete | Action::Orphan)
    }

    /// Returns whether this change deletes a resource.
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

    /// Returns the action as the words of the JSON plan.
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
