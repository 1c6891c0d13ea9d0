//! Refuses to delete an instance that a remaining resource uses.

use std::collections::{BTreeMap, BTreeSet};

use super::change::{Action, Change};
use super::input::{DeleteScope, PlanInput, PlanOptions};
use super::refusal::{Refusal, User};
use crate::resource::Kind;
use crate::resource::key::{RemoteId, ResourceKey};
use crate::resource::reference::ids_in;

/// Returns a refusal for each deleted instance that something still uses after the plan: a
/// declared resource, a lockfile entry that the plan does not change, a document that the
/// selected environment leaves out, or another lockfile.
pub(super) fn still_used(
    changes: &[Change],
    input: PlanInput<'_>,
    options: &PlanOptions,
) -> Vec<Refusal> {
    let mut deletes = changes
        .iter()
        .filter(|change| change.deletes() && change.key.kind() != Kind::Schedule)
        .filter_map(|change| Some((change, change.id?)))
        .filter(|(change, id)| change.gone != Some(*id))
        .peekable();
    if deletes.peek().is_none() {
        return Vec::new();
    }
    let users = users_by_id(changes, input, options);
    let elsewhere = |id: RemoteId| match &options.delete_scope {
        // Another refusal reports an id that another lockfile tracks.
        DeleteScope::Owned { claimed, used } if !claimed.contains(&id) => {
            used.contains(&id).then_some(User::OtherLockfile)
        }
        DeleteScope::Owned { .. } | DeleteScope::Any => None,
    };
    deletes
        .filter_map(|(change, id)| {
            let user = users.get(&id).cloned().or_else(|| elsewhere(id))?;
            let key = change.key.clone();
            Some(Refusal::StillUsed { key, id, user })
        })
        .collect()
}

/// Returns the first resource that uses each id after the plan.
fn users_by_id(
    changes: &[Change],
    input: PlanInput<'_>,
    options: &PlanOptions,
) -> BTreeMap<RemoteId, User> {
    let mut users = BTreeMap::new();
    let mut add = |ids: BTreeSet<RemoteId>, user: User| {
        for id in ids {
            users.entry(id).or_insert_with(|| user.clone());
        }
    };
    let mut declared = BTreeSet::new();
    for change in changes
        .iter()
        .filter(|change| !change.is_delete_or_orphan())
    {
        declared.extend(
            [Some(&change.key), change.moved_from.as_ref()]
                .into_iter()
                .flatten(),
        );
        if let Some(after) = &change.after {
            let ids = ids_in(change.key.kind(), after, &change.declared_humans);
            let (key, source) = (change.key.clone(), change.source.clone());
            add(ids, User::Declared { key, source });
        }
    }
    let deleted = changes
        .iter()
        .filter(|change| change.action == Action::Delete);
    let deleted: BTreeSet<_> = deleted.filter_map(|change| change.id).collect();
    for (key, locked) in &input.locked.resources {
        if declared.contains(key) || deleted.contains(&locked.id) {
            continue;
        }
        add(locked.used_ids(key.kind()), unchanged(key, input, options));
    }
    for (id, (key, source)) in &input.desired.left_out_ids {
        let (key, source) = (key.clone(), Some(source.clone()));
        add([*id].into(), User::LeftOut { key, source });
    }
    users
}

/// Returns the user that a lockfile entry without a change is.
fn unchanged(key: &ResourceKey, input: PlanInput<'_>, options: &PlanOptions) -> User {
    let key = key.clone();
    let targets = options.targets.as_ref();
    if input.desired.left_out.contains(&key) {
        User::LeftOut { key, source: None }
    } else if targets.is_some_and(|targets| !targets.contains(&key)) {
        User::Untargeted(key)
    } else {
        let declared = input.desired.resources.get(&key);
        let source = declared.map(|declared| declared.source.clone());
        User::Declared { key, source }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::planner::plan;
    use super::*;
    use crate::lock::{LockedResource, Lockfile};
    use crate::resource::UnknownFieldsByKey;
    use crate::resource::desired::{DesiredState, Source};
    use crate::resource::key::{DigitalHumanId, PlainId};

    fn human(number: u64) -> RemoteId {
        RemoteId::of(Kind::DigitalHuman, PlainId::Number(number))
    }

    fn locked(id: RemoteId, applied: &Value) -> LockedResource {
        LockedResource::new(id, serde_json::from_value(applied.clone()).unwrap())
    }

    /// Returns a lockfile in which the resource `a` uses the digital human `x`.
    fn lockfile() -> Lockfile {
        let mut a = locked(RemoteId::simulation(1), &json!({"agent_id": "42"}));
        a.digital_humans.insert(DigitalHumanId(7));
        let x = locked(human(7), &json!({"name": "X", "intent": "Ask."}));
        let mut lock = Lockfile::default();
        lock.resources.insert("a".into(), a);
        lock.resources.insert("digital_human:x".into(), x);
        lock
    }

    /// Returns what keeps a plan from deleting `x`.
    fn user(desired: &DesiredState, lock: &Lockfile, options: PlanOptions) -> Option<User> {
        let unknown = UnknownFieldsByKey::new();
        let input = PlanInput::offline(desired, lock, &unknown);
        let prune = true;
        let plan = plan(input, &PlanOptions { prune, ..options });
        let mut refusals = plan.refusals.into_iter();
        refusals.find_map(|refusal| match refusal {
            Refusal::StillUsed { key, id, user } => {
                assert_eq!((key.as_str(), id), ("digital_human:x", human(7)));
                Some(user)
            }
            _ => None,
        })
    }

    fn left_out(key: &str) -> DesiredState {
        DesiredState {
            left_out: [key.into()].into(),
            ..DesiredState::default()
        }
    }

    #[test]
    fn what_a_remaining_resource_uses_is_not_deleted() {
        let (lock, options) = (lockfile(), PlanOptions::default);
        assert_eq!(user(&DesiredState::default(), &lock, options()), None);
        let (key, source) = (ResourceKey::from("a"), None);
        let by_left_out = Some(User::LeftOut { key, source });
        assert_eq!(user(&left_out("a"), &lock, options()), by_left_out);
        let targets = Some(["digital_human:x".into()].into());
        let targeted = PlanOptions {
            targets,
            ..options()
        };
        let untargeted = Some(User::Untargeted("a".into()));
        assert_eq!(user(&DesiredState::default(), &lock, targeted), untargeted);
    }

    #[test]
    fn an_id_in_a_document_that_is_left_out_is_used() {
        let mut lock = lockfile();
        lock.resources.remove("a");
        let source = Source {
            file: "b.yaml".into(),
            document: 0,
            line: 3,
        };
        let mut desired = left_out("b");
        let place = ("b".into(), source.clone());
        desired.left_out_ids.insert(human(7), place);
        let found = user(&desired, &lock, PlanOptions::default());
        let (key, source) = ("b".into(), Some(source));
        assert_eq!(found, Some(User::LeftOut { key, source }));
    }

    #[test]
    fn what_another_lockfile_uses_is_only_deleted_with_force() {
        let mut lock = lockfile();
        let used: BTreeSet<_> = lock.used_ids().collect();
        lock.resources.remove("a");
        let claimed = BTreeSet::new();
        for (delete_scope, expected) in [
            (
                DeleteScope::Owned { claimed, used },
                Some(User::OtherLockfile),
            ),
            (DeleteScope::Any, None),
        ] {
            let options = PlanOptions {
                delete_scope,
                ..PlanOptions::default()
            };
            assert_eq!(user(&DesiredState::default(), &lock, options), expected);
        }
    }
}
