//! The claims of a lockfile and its journal: resources that no other lockfile may adopt.

use std::collections::{BTreeMap, BTreeSet};

use super::entry::{Entry, Intent};
use crate::lock::{ApiAddress, Lockfile};
use crate::resource::key::RemoteId;
use crate::resource::{Scope, identity};

/// The scope and the name of an open create.
type OpenBody = (Scope, Option<String>);

/// The resources that lockfiles and journals have, or may have, at one API.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Claims {
    /// The recorded ids.
    pub ids: BTreeSet<RemoteId>,
    /// The ids that the recorded resources use.
    pub used: BTreeSet<RemoteId>,
    /// Open creates, whose resources may exist.
    open: Vec<OpenBody>,
}

impl Claims {
    /// Adds the claims of a lockfile at this API.
    pub fn add_lockfile(&mut self, lock: &Lockfile, api: &ApiAddress) {
        if lock.api.as_ref() == Some(api) {
            self.ids.extend(lock.ids().map(|(id, _)| id));
            self.used.extend(lock.used_ids());
        }
    }

    /// Adds the claims of a journal at this API.
    ///
    /// The journal is not folded. The claim of a deleted id has no effect, and a refused
    /// history still has its ids.
    pub fn add_journal(&mut self, entries: &[Entry], api: &ApiAddress) {
        let mut is_here = false;
        let mut open = BTreeMap::new();
        for entry in entries {
            match entry {
                Entry::Begin { api: begun, .. } => is_here = begun == api,
                _ if !is_here => {}
                Entry::Intended {
                    seq,
                    intent: Intent::Create { key, body, .. },
                    ..
                } => {
                    let kind = key.kind();
                    open.insert(*seq, (Scope::of(kind, body), identity(kind, body)));
                }
                Entry::Created {
                    seq, simulation_id, ..
                } => {
                    open.remove(seq);
                    self.ids.insert(*simulation_id);
                }
                Entry::Adopted { simulation_id, .. } => drop(self.ids.insert(*simulation_id)),
                Entry::NotDone { seq, .. } => drop(open.remove(seq)),
                _ => {}
            }
        }
        self.open.extend(open.into_values());
    }

    /// Returns whether an open create may have made a resource of this scope and name.
    /// The resource of a create without a name may have any name.
    #[must_use]
    pub fn may_have_made(&self, scope: &Scope, name: Option<&str>) -> bool {
        let mut open = self.open.iter();
        open.any(|(sent_to, sent)| {
            sent_to == scope && sent.as_deref().is_none_or(|sent| Some(sent) == name)
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::resource::Kind;
    use crate::resource::key::ResourceKey;

    fn begin(api: &str) -> Entry {
        Entry::Begin {
            version: 1,
            api: ApiAddress::new(api),
            organization: None,
            lockfile: None,
            origin: None,
        }
    }

    fn intended(seq: u64, name: &str) -> Entry {
        let body = json!({"agent_id": "42", "name": name});
        Entry::Intended {
            seq,
            at: 1,
            intent: Intent::Create {
                key: ResourceKey::from(name),
                body: serde_json::from_value(body).unwrap(),
                replaces: None,
                is_gone: false,
                existing: Vec::new(),
            },
        }
    }

    fn created(seq: u64, id: u64) -> Entry {
        Entry::Created {
            seq,
            simulation_id: RemoteId::simulation(id),
            applied: None,
        }
    }

    fn claims(entries: &[Entry]) -> Claims {
        let mut claims = Claims::default();
        let api = ApiAddress::new("https://a.example");
        claims.add_journal(entries, &api);
        claims
    }

    #[test]
    fn created_simulations_and_open_creates_are_claimed() {
        let not_done = Entry::NotDone {
            seq: 2,
            reason: String::new(),
        };
        let claims = claims(&[
            begin("https://a.example"),
            intended(0, "done"),
            intended(1, "open"),
            intended(2, "refused"),
            created(0, 7),
            not_done,
        ]);
        assert_eq!(claims.ids, [RemoteId::simulation(7)].into());
        let agent = |id: &str| Scope {
            kind: Kind::Simulation,
            agent: id.into(),
        };
        assert!(claims.may_have_made(&agent("42"), Some("open")));
        assert!(!claims.may_have_made(&agent("43"), Some("open")));
        for name in [None, Some("done"), Some("refused")] {
            assert!(!claims.may_have_made(&agent("42"), name));
        }
    }

    #[test]
    fn simulations_of_another_api_are_not_claimed() {
        let entries = [begin("https://b.example"), intended(0, "a"), created(0, 7)];
        assert_eq!(claims(&entries), Claims::default());
    }
}
