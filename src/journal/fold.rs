//! The effect of each entry on the state. The entry was checked before, so no fold fails.

use std::collections::BTreeSet;

use super::entry::{Entry, Intent};
use super::replay::{OpenIntent, Replay};
use crate::lock::LockedResource;
use crate::resource::Kind;
use crate::resource::body::Body;
use crate::resource::key::{DigitalHumanId, RemoteId, ResourceKey};

impl Replay {
    pub(super) fn fold(&mut self, entry: &Entry) {
        match entry {
            Entry::Begin {
                api, organization, ..
            } => {
                self.lock.api = Some(api.clone());
                if organization.is_some() {
                    self.lock.organization.clone_from(organization);
                }
            }
            Entry::Intended { seq, at, intent } => self.intended(OpenIntent {
                seq: *seq,
                at: *at,
                unanswered_at: None,
                intent: intent.clone(),
            }),
            Entry::Sending { seq, at } => {
                if let Some(open) = self.open.get_mut(seq) {
                    open.at = *at;
                    open.unanswered_at = None;
                }
            }
            Entry::Unanswered { seq, at } => {
                if let Some(open) = self.open.get_mut(seq) {
                    open.unanswered_at = Some(*at);
                }
            }
            Entry::Created {
                seq,
                simulation_id,
                applied,
            } => self.create_done(*seq, *simulation_id, applied.as_ref()),
            Entry::Done { seq, applied } => self.done(*seq, applied.as_ref()),
            Entry::NotDone { seq, .. } => self.not_done(*seq),
            Entry::Moved { from, to } => self.moved(from, to),
            Entry::Saved { .. } => {}
            Entry::Adopted {
                key,
                simulation_id,
                applied,
                replaces,
                is_gone,
            } => {
                self.adopted(key.clone(), *simulation_id, applied.clone(), *replaces);
                if let Some(gone) = replaces.filter(|_| *is_gone) {
                    self.deleted(key, gone);
                }
            }
        }
    }

    fn intended(&mut self, open: OpenIntent) {
        self.next_seq = open.seq + 1;
        match open.intent {
            // The new update sends the fields of the open update again, and so closes it.
            Intent::Update { simulation_id, .. } => {
                let resent = &mut self.resent;
                self.open.retain(|_, open| match &open.intent {
                    Intent::Update {
                        simulation_id: id,
                        fields,
                        ..
                    } if *id == simulation_id => {
                        resent
                            .entry(*id)
                            .or_default()
                            .extend(fields.iter().cloned());
                        false
                    }
                    _ => true,
                });
            }
            Intent::Attach { simulation_id, .. } => {
                let reattached = &mut self.reattached;
                self.open.retain(|_, open| match open.intent {
                    Intent::Attach {
                        simulation_id: id, ..
                    } if id == simulation_id => {
                        reattached.insert(id);
                        false
                    }
                    _ => true,
                });
            }
            Intent::Create { .. } | Intent::Delete { .. } => {}
        }
        self.open.insert(open.seq, open);
    }

    fn create_done(&mut self, seq: u64, id: RemoteId, applied: Option<&Body>) {
        let Some(OpenIntent {
            intent:
                Intent::Create {
                    key,
                    body,
                    replaces,
                    is_gone,
                    ..
                },
            ..
        }) = self.open.remove(&seq)
        else {
            return;
        };
        let applied = applied.cloned().unwrap_or(body);
        self.created(key.clone(), id, applied, replaces);
        if let Some(gone) = replaces.filter(|_| is_gone) {
            self.deleted(&key, gone);
        }
    }

    fn done(&mut self, seq: u64, applied: Option<&Body>) {
        match self.open.remove(&seq).map(|open| open.intent) {
            Some(Intent::Update {
                key,
                simulation_id,
                body,
                ..
            }) => {
                self.resent.remove(&simulation_id);
                self.updated(key, simulation_id, applied.cloned().unwrap_or(body));
            }
            Some(Intent::Attach {
                key,
                simulation_id,
                humans,
                ..
            }) => {
                self.reattached.remove(&simulation_id);
                self.attached(&key, simulation_id, humans);
            }
            Some(Intent::Delete { key, simulation_id }) => self.deleted(&key, simulation_id),
            Some(Intent::Create { .. }) | None => {}
        }
    }

    /// Closes an intent whose request was not executed. If an update sent the fields of an
    /// open update again, the open update may still have been executed. The lockfile then
    /// omits these fields, so the next plan sends them.
    fn not_done(&mut self, seq: u64) {
        let Some(OpenIntent {
            intent: Intent::Update {
                key, simulation_id, ..
            },
            ..
        }) = self.open.remove(&seq)
        else {
            return;
        };
        let fields = self.resent.remove(&simulation_id).unwrap_or_default();
        if let Some(locked) = self.lock.resources.get_mut(&key)
            && locked.id == simulation_id
        {
            for path in &fields {
                forget(key.kind(), &mut locked.applied, path);
            }
        }
    }

    /// Gives a key an id. If the key has an id that the new id does not replace, the key
    /// keeps its id, and the new id becomes an old instance.
    fn created(&mut self, key: ResourceKey, id: RemoteId, body: Body, replaces: Option<RemoteId>) {
        let Some(locked) = self.lock.resources.get_mut(&key) else {
            let mut locked = LockedResource::new(id, body);
            locked.replaced.extend(replaces);
            self.lock.resources.insert(key, locked);
            return;
        };
        if locked.id == id || locked.replaced.contains(&id) {
            return;
        }
        if replaces != Some(locked.id) {
            locked.replaced.push(id);
            return;
        }
        let old = locked.id;
        locked.replaced.push(old);
        locked.id = id;
        locked.applied = body;
        locked.digital_humans.clear();
        self.drop_open_updates(old);
    }

    /// Gives a key an adopted id. If the key has the id, records its observed fields.
    fn adopted(
        &mut self,
        key: ResourceKey,
        id: RemoteId,
        applied: Body,
        replaces: Option<RemoteId>,
    ) {
        match self.lock.resources.get_mut(&key) {
            Some(locked) if locked.id == id => locked.applied = applied,
            _ => {
                self.created(key.clone(), id, applied, replaces);
                if let Some(locked) = self.lock.resources.remove(&key) {
                    self.lock.resources.insert(key, locked.adopted());
                }
            }
        }
    }

    fn updated(&mut self, key: ResourceKey, id: RemoteId, body: Body) {
        match self.lock.resources.get_mut(&key) {
            Some(locked) if locked.id == id => locked.applied = body,
            Some(_) => {}
            None => {
                let locked = LockedResource::new(id, body);
                self.lock.resources.insert(key, locked);
            }
        }
    }

    fn attached(&mut self, key: &ResourceKey, id: RemoteId, humans: BTreeSet<DigitalHumanId>) {
        if let Some(locked) = self.lock.resources.get_mut(key)
            && locked.id == id
        {
            locked.digital_humans = humans;
        }
    }

    /// Removes an id. If the key has old instances, the key gets the newest old instance
    /// until that is deleted too. The fields of an old instance are not recorded, so the
    /// next plan replaces it.
    fn deleted(&mut self, key: &ResourceKey, id: RemoteId) {
        self.drop_open_updates(id);
        let Some(locked) = self.lock.resources.get_mut(key) else {
            return;
        };
        locked.replaced.retain(|replaced| *replaced != id);
        locked.adopted.remove(&id);
        if locked.id == id {
            match locked.replaced.pop() {
                Some(left) => {
                    locked.id = left;
                    locked.applied = Body::default();
                    locked.digital_humans.clear();
                }
                None => drop(self.lock.resources.remove(key)),
            }
        }
    }

    /// Renames a key in the lockfile and in the open intents.
    fn moved(&mut self, from: &ResourceKey, to: &ResourceKey) {
        let simulations = &mut self.lock.resources;
        match (simulations.get(from), simulations.get(to)) {
            (Some(_), None) => {
                if let Some(locked) = simulations.remove(from) {
                    simulations.insert(to.clone(), locked);
                }
            }
            // The lockfile has the move. An earlier entry of the journal restored the old key.
            (Some(old), Some(new)) if old.id == new.id => {
                simulations.remove(from);
            }
            _ => {}
        }
        for open in self.open.values_mut() {
            if open.intent.key() == from {
                *open.intent.key_mut() = to.clone();
            }
        }
    }
}

/// Removes a field that is in doubt. A duration goes with its unit, and a setting of the
/// digital humans with all of them, because the API takes them together.
fn forget(kind: Kind, applied: &mut Body, path: &str) {
    let field = path.split_once('.').map_or(path, |(field, _)| field);
    let fields = applied.fields_mut();
    fields.remove(field);
    for of_group in kind.group(field) {
        fields.remove(of_group);
    }
}
