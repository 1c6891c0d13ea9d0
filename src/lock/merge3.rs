//! Merges two lockfiles with their common ancestor, for the merge driver of git, or
//! without an ancestor, for `state resolve`.
//!
//! An id of one side is only lost if the other side deleted the id. Where the sides
//! do not decide, the merge reports a conflict and a person decides.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::fields3::{merge_fields, merge_sets};
use super::lockfile::{LockedResource, Lockfile};
use crate::resource::agent::AgentIds;
use crate::resource::key::{RemoteId, ResourceKey};

/// The result of a merge.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Merge3 {
    /// The merged lockfile, without the keys of conflicts.
    pub merged: Lockfile,
    /// Fields that both sides changed differently. The merged lockfile omits these
    /// fields, so the next apply sends them again.
    pub clashes: Vec<FieldClash>,
    /// The conflicts, in the order of keys.
    pub conflicts: Vec<Merge3Conflict>,
    /// Our side of the conflicts.
    ours: BTreeMap<ResourceKey, LockedResource>,
    /// Their side of the conflicts.
    theirs: BTreeMap<ResourceKey, LockedResource>,
}

/// A field that both sides changed differently.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FieldClash {
    /// The key of the resource.
    pub key: ResourceKey,
    /// The field.
    pub field: String,
}

/// A conflict that a person has to decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merge3Conflict {
    /// The keys of the conflict; empty for a conflict of whole files.
    pub keys: Vec<ResourceKey>,
    /// The cause of the conflict.
    pub reason: Reason,
}

/// The cause of a conflict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The ids of the two sides belong to different API addresses.
    Address,
    /// The ids of the two sides belong to different organisations.
    Organization,
    /// One key has an id on each side.
    TwoIds {
        /// The id on our side.
        ours: RemoteId,
        /// The id on their side.
        theirs: RemoteId,
    },
    /// One id would belong to two keys.
    TwoKeys {
        /// The id.
        id: RemoteId,
    },
}

impl fmt::Display for Merge3Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<_> = self.keys.iter().map(|key| format!("`{key}`")).collect();
        let keys = keys.join(" and ");
        match &self.reason {
            Reason::Address => f.write_str("the two sides belong to different API addresses"),
            Reason::Organization => f.write_str("the two sides belong to different organisations"),
            Reason::TwoIds { ours, theirs } => {
                write!(f, "{keys} is {ours:#} on our side and {theirs:#} on theirs")
            }
            Reason::TwoKeys { id } => write!(f, "{id:#} would stand under {keys}"),
        }
    }
}

type Simulations = BTreeMap<ResourceKey, LockedResource>;

/// Merges two sides with their common ancestor.
#[must_use]
pub fn merge3(base: &Lockfile, ours: &Lockfile, theirs: &Lockfile) -> Merge3 {
    merge(base, ours, theirs, &BTreeSet::new())
}

/// Merges two sides without their common ancestor, so no key counts as deleted.
///
/// A key with two ids gets the id in `keep`. The other id is recorded as an old
/// instance.
#[must_use]
pub fn join(ours: &Lockfile, theirs: &Lockfile, keep: &BTreeSet<RemoteId>) -> Merge3 {
    merge(&Lockfile::default(), ours, theirs, keep)
}

fn merge(base: &Lockfile, ours: &Lockfile, theirs: &Lockfile, keep: &BTreeSet<RemoteId>) -> Merge3 {
    let mut merge = Merge3::default();
    if let Some(reason) = different_api(ours, theirs) {
        let keys = Vec::new();
        merge.conflicts.push(Merge3Conflict { keys, reason });
        merge.ours.clone_from(&ours.resources);
        merge.theirs.clone_from(&theirs.resources);
        return merge;
    }
    merge.merged.api = ours.api.clone().or_else(|| theirs.api.clone());
    merge.merged.organization = if ours.organization == base.organization {
        theirs.organization.clone()
    } else {
        ours.organization.clone()
    };
    merge.merged.agents = merge_agents(&base.agents, &ours.agents, &theirs.agents);
    let mut sides = Sides {
        base: base.resources.clone(),
        ours: ours.resources.clone(),
        theirs: theirs.resources.clone(),
        keep: keep.clone(),
    };
    sides.follow_renames();
    let keys: BTreeSet<_> = sides.ours.keys().chain(sides.theirs.keys()).collect();
    for key in keys {
        merge.merge_key(key, &sides);
    }
    merge.report_shared_ids(&sides);
    merge.conflicts.sort_by(|a, b| a.keys.cmp(&b.keys));
    merge
}

/// Merges the ids of agents. If both sides have a new id for an agent, the merged lockfile
/// omits the agent, and the next apply looks the agent up again.
fn merge_agents(base: &AgentIds, ours: &AgentIds, theirs: &AgentIds) -> AgentIds {
    let selectors: BTreeSet<_> = ours.keys().chain(theirs.keys()).collect();
    let merged = selectors.into_iter().filter_map(|selector| {
        let before = base.get(selector);
        let id = match (ours.get(selector), theirs.get(selector)) {
            (our, their) if our == their || their == before => our,
            (our, their) if our == before => their,
            (Some(_), Some(_)) => None,
            // Deleted on one side, changed on the other.
            (our, their) => our.or(their),
        };
        Some((selector.clone(), id?.clone()))
    });
    merged.collect()
}

fn different_api(ours: &Lockfile, theirs: &Lockfile) -> Option<Reason> {
    if matches!((&ours.api, &theirs.api), (Some(a), Some(b)) if a != b) {
        return Some(Reason::Address);
    }
    let organizations = (&ours.organization, &theirs.organization);
    matches!(organizations, (Some(a), Some(b)) if a != b).then_some(Reason::Organization)
}

struct Sides {
    base: Simulations,
    ours: Simulations,
    theirs: Simulations,
    /// The ids that a person chose.
    keep: BTreeSet<RemoteId>,
}

impl Sides {
    /// Follows moves: renames a key in the ancestor and in one side if the other side
    /// moved the key.
    ///
    /// A move is not followed if both sides moved the key to different keys, or if the
    /// new key belongs to another resource on a side. The merge then reports one id
    /// under two keys.
    fn follow_renames(&mut self) {
        let old_keys: Vec<_> = self.base.keys().cloned().collect();
        for old in old_keys {
            let Some(id) = self.base.get(&old).map(|entry| entry.id) else {
                continue;
            };
            let ours = key_now(&self.ours, &old, id);
            let theirs = key_now(&self.theirs, &old, id);
            let (Some(ours), Some(theirs)) = (ours, theirs) else {
                continue;
            };
            let new = if ours == old { &theirs } else { &ours };
            let is_followed =
                *new != old && [&old, new].contains(&&ours) && [&old, new].contains(&&theirs);
            if !is_followed || self.base.contains_key(new) {
                continue;
            }
            for side in [&mut self.base, &mut self.ours, &mut self.theirs] {
                if !side.contains_key(new)
                    && let Some(entry) = side.remove(&old)
                {
                    side.insert(new.clone(), entry);
                }
            }
        }
    }
}

/// Returns the key under which a side has a resource of the ancestor. This is the old key
/// if the side still has it, even if another resource has it now.
fn key_now(side: &Simulations, old: &ResourceKey, id: RemoteId) -> Option<ResourceKey> {
    if side.contains_key(old) {
        return Some(old.clone());
    }
    let owns = |entry: &LockedResource| ids(entry).contains(&id);
    let found = side.iter().find(|(_, entry)| owns(entry));
    found.map(|(key, _)| key.clone())
}

fn ids(entry: &LockedResource) -> BTreeSet<RemoteId> {
    let own = std::iter::once(entry.id);
    own.chain(entry.replaced.iter().copied()).collect()
}

/// The three entries of a key that both sides changed.
struct Entry3<'a> {
    key: &'a ResourceKey,
    base: Option<&'a LockedResource>,
    ours: &'a LockedResource,
    theirs: &'a LockedResource,
}

impl Merge3 {
    fn merge_key(&mut self, key: &ResourceKey, sides: &Sides) {
        let base = sides.base.get(key);
        let ours = sides.ours.get(key);
        let theirs = sides.theirs.get(key);
        let merged = if ours == theirs || base == theirs {
            ours.cloned()
        } else if base == ours {
            theirs.cloned()
        } else {
            match (ours, theirs) {
                (Some(ours), Some(theirs)) => {
                    let entry = Entry3 {
                        key,
                        base,
                        ours,
                        theirs,
                    };
                    match self.merge_entry(&entry, &sides.keep) {
                        Some(merged) => Some(merged),
                        None => return self.conflict_of_ids(key, ours, theirs),
                    }
                }
                // One side deleted the entry, and the other side changed it.
                (one, other) => one.or(other).cloned(),
            }
        };
        if let Some(merged) = merged {
            self.merged.resources.insert(key.clone(), merged);
        }
    }

    /// Merges the entries of one key; `None` if the sides have two ids and neither wins.
    fn merge_entry(
        &mut self,
        entry: &Entry3<'_>,
        keep: &BTreeSet<RemoteId>,
    ) -> Option<LockedResource> {
        let &Entry3 {
            key,
            base,
            ours,
            theirs,
        } = entry;
        let mut merged = if ours.id == theirs.id {
            let before = base.filter(|base| base.id == ours.id);
            let applied = before.map(|base| &base.applied);
            let fields = merge_fields(ours.id.kind(), applied, &ours.applied, &theirs.applied);
            self.clashes
                .extend(fields.clashes.into_iter().map(|field| FieldClash {
                    key: key.clone(),
                    field,
                }));
            let humans = before.map(|base| base.digital_humans.clone());
            let is_protected = match before {
                Some(base) if base.protect == ours.protect => theirs.protect,
                Some(_) => ours.protect,
                None => ours.protect || theirs.protect,
            };
            LockedResource {
                adopted: BTreeSet::new(),
                applied: fields.merged,
                digital_humans: merge_sets(
                    &humans.unwrap_or_default(),
                    &ours.digital_humans,
                    &theirs.digital_humans,
                ),
                protect: is_protected,
                replaced: Vec::new(),
                id: ours.id,
            }
        } else if takes_ours(entry, keep)? {
            ours.clone()
        } else {
            theirs.clone()
        };
        let owned = merge_sets(&base.map(ids).unwrap_or_default(), &ids(ours), &ids(theirs));
        let own = merged.id;
        merged.adopted = ours.adopted.union(&theirs.adopted).copied().collect();
        merged.adopted.retain(|id| *id == own || owned.contains(id));
        merged.replaced = owned.into_iter().filter(|id| *id != own).collect();
        Some(merged)
    }

    fn conflict_of_ids(
        &mut self,
        key: &ResourceKey,
        ours: &LockedResource,
        theirs: &LockedResource,
    ) {
        self.conflicts.push(Merge3Conflict {
            keys: vec![key.clone()],
            reason: Reason::TwoIds {
                ours: ours.id,
                theirs: theirs.id,
            },
        });
        self.ours.insert(key.clone(), ours.clone());
        self.theirs.insert(key.clone(), theirs.clone());
    }

    /// Reports a conflict for keys that would share an id.
    fn report_shared_ids(&mut self, sides: &Sides) {
        let mut owners: BTreeMap<RemoteId, BTreeSet<ResourceKey>> = BTreeMap::new();
        let undecided = self.ours.iter().chain(&self.theirs);
        for (key, entry) in self.merged.resources.iter().chain(undecided) {
            for id in ids(entry) {
                owners.entry(id).or_default().insert(key.clone());
            }
        }
        for (id, keys) in owners {
            if keys.len() < 2 {
                continue;
            }
            for key in &keys {
                if self.merged.resources.remove(key).is_some() {
                    let side =
                        |side: &Simulations| side.get(key).cloned().map(|it| (key.clone(), it));
                    self.ours.extend(side(&sides.ours));
                    self.theirs.extend(side(&sides.theirs));
                }
            }
            self.conflicts.push(Merge3Conflict {
                keys: keys.into_iter().collect(),
                reason: Reason::TwoKeys { id },
            });
        }
    }

    /// Returns both sides as whole lockfiles that differ only in the conflicts.
    #[must_use]
    pub fn sides(&self, ours: &Lockfile, theirs: &Lockfile) -> [Lockfile; 2] {
        [(ours, &self.ours), (theirs, &self.theirs)].map(|(side, undecided)| {
            let mut whole = self.merged.clone();
            if whole.api.is_none() {
                whole.api.clone_from(&side.api);
                whole.organization.clone_from(&side.organization);
                whole.agents.clone_from(&side.agents);
            }
            let undecided = undecided.iter();
            let undecided = undecided.map(|(key, entry)| (key.clone(), entry.clone()));
            whole.resources.extend(undecided);
            whole
        })
    }
}

/// Returns whether a key with two ids keeps our id; `None` if neither id wins.
///
/// An id wins if a person chose the id, if its side replaced the other id, or if only
/// its side changed the id since the ancestor.
fn takes_ours(entry: &Entry3<'_>, keep: &BTreeSet<RemoteId>) -> Option<bool> {
    let &Entry3 {
        base, ours, theirs, ..
    } = entry;
    let chosen = [ours, theirs].map(|side| keep.contains(&side.id));
    match chosen {
        [true, false] => return Some(true),
        [false, true] => return Some(false),
        [true, true] => return None,
        [false, false] => {}
    }
    let replaced = (
        ours.replaced.contains(&theirs.id),
        theirs.replaced.contains(&ours.id),
    );
    match replaced {
        (true, false) => return Some(true),
        (false, true) => return Some(false),
        _ => {}
    }
    let before = base?.id;
    if before == theirs.id {
        return Some(true);
    }
    (before == ours.id).then_some(false)
}
