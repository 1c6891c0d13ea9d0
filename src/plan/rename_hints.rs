//! Finds creates that are probably renames.

use std::collections::{BTreeMap, BTreeSet};

use super::change::{Action, Change, Plan};
use super::input::PlanInput;
use super::rename_hint::{RenameHint, RenameHintReason};
use crate::resource::key::ResourceKey;
use crate::spec::nearest::nearest;

/// Returns the hints for the creates of a plan, in the order of the plan.
pub(super) fn rename_hints(input: PlanInput<'_>, plan: &Plan) -> Vec<RenameHint> {
    let is_new = |change: &&Change| change.action == Action::Create && change.gone.is_none();
    let mut creates = plan.changes.iter().filter(is_new).peekable();
    if creates.peek().is_none() || input.locked.resources.is_empty() {
        return Vec::new();
    }
    let index = LockfileIndex::of(input, plan);
    creates
        .filter_map(|change| index.hint(input, &change.key))
        .collect()
}

/// The lockfile entries that a create is compared with.
struct LockfileIndex<'a> {
    /// The entries that no file declares and that no key moves from.
    free: BTreeSet<&'a ResourceKey>,
    /// The keys by agent and name.
    by_name: BTreeMap<(&'a str, &'a str), Vec<&'a ResourceKey>>,
}

impl<'a> LockfileIndex<'a> {
    fn of(input: PlanInput<'a>, plan: &Plan) -> Self {
        let moved: BTreeSet<_> = plan
            .changes
            .iter()
            .filter_map(|it| it.moved_from.as_ref())
            .collect();
        let locked = &input.locked.resources;
        let is_free = |key: &&ResourceKey| !input.desired.declares(key) && !moved.contains(*key);
        let mut by_name: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (key, entry) in locked {
            if let Some(name) = entry.applied.name().filter(|_| !moved.contains(key)) {
                let agent = entry.applied.agent_id();
                by_name.entry((agent, name)).or_default().push(key);
            }
        }
        Self {
            free: locked.keys().filter(is_free).collect(),
            by_name,
        }
    }

    fn hint(&self, input: PlanInput<'_>, key: &ResourceKey) -> Option<RenameHint> {
        let desired = input.desired.resources.get(key)?;
        let hint = |meant: &ResourceKey, reason| RenameHint {
            key: key.clone(),
            meant: meant.clone(),
            reason,
        };
        if let Some(named) = &desired.moved_from {
            let free = self.free.iter().map(|key| key.as_str());
            if let Some(meant) = nearest(named.as_str(), free) {
                let named = named.clone();
                return Some(hint(&meant.into(), RenameHintReason::SimilarKey { named }));
            }
        }
        let name = desired.body.name()?;
        let same = self.by_name.get(&(desired.body.agent_id(), name))?;
        let undeclared = same.iter().find(|key| self.free.contains(*key));
        match undeclared {
            Some(meant) => Some(hint(meant, RenameHintReason::SameNameUndeclared)),
            None => Some(hint(same.first()?, RenameHintReason::SameNameDeclared)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lock::{LockedResource, Lockfile};
    use crate::plan::{
        DeleteBound, ObservedStates, PlanOptions, Refusal, UnknownFieldsByKey, plan,
    };
    use crate::resource::body::Body;
    use crate::resource::desired::{DesiredResource, DesiredState};
    use crate::resource::key::RemoteId;
    use serde_json::json;

    fn body(name: &str, description: &str) -> Body {
        let fields = [
            ("agent_id", "42"),
            ("name", name),
            ("description", description),
        ];
        let fields = fields.into_iter();
        fields
            .map(|(field, value)| (field.to_owned(), json!(value)))
            .collect()
    }

    fn locked(entries: &[(&str, &str)]) -> Lockfile {
        let mut lockfile = Lockfile::default();
        for (number, (key, name)) in entries.iter().enumerate() {
            let id = RemoteId::simulation(number as u64 + 1);
            let entry = LockedResource::new(id, body(name, "applied"));
            lockfile.resources.insert((*key).into(), entry);
        }
        lockfile
    }

    fn desired(declared: &[(&str, &str, Option<&str>)]) -> DesiredState {
        let mut desired = DesiredState::default();
        for (key, name, moved_from) in declared {
            let simulation = DesiredResource {
                moved_from: moved_from.map(ResourceKey::from),
                ..DesiredResource::in_a_file(body(name, "declared"))
            };
            desired.resources.insert((*key).into(), simulation);
        }
        desired
    }

    fn planned(desired: &DesiredState, locked: &Lockfile, options: &PlanOptions) -> Plan {
        let (unknown, observed) = (UnknownFieldsByKey::new(), ObservedStates::new());
        let input = PlanInput {
            desired,
            locked,
            unknown: &unknown,
            observed: &observed,
            found: &BTreeMap::new(),
        };
        plan(input, options)
    }

    #[track_caller]
    fn check(declared: &[(&str, &str, Option<&str>)], entries: &[(&str, &str)], expected: &[&str]) {
        let options = PlanOptions::default();
        let plan = planned(&desired(declared), &locked(entries), &options);
        let shown = plan
            .hints
            .iter()
            .map(|hint| format!("{hint}; {}", hint.help()));
        assert_eq!(shown.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_create_with_the_agent_and_name_of_an_orphan_names_the_orphan() {
        check(
            &[("new", "front desk", None)],
            &[("old", "front desk")],
            &[
                "`new` will be created beside `old`, which has the same agent and name and is declared \
               by no file; if `old` was renamed: write `moved_from: old` into `new`",
            ],
        );
        check(&[("new", "other", None)], &[("old", "front desk")], &[]);
        check(
            &[("new", "front desk", Some("old"))],
            &[("old", "front desk")],
            &[],
        );
    }

    #[test]
    fn a_create_with_the_agent_and_name_of_a_declared_simulation_names_that() {
        check(
            &[("new", "front desk", None), ("old", "front desk", None)],
            &[("old", "front desk")],
            &[
                "`new` will be created beside `old`, which has the same agent and name; if `old` was \
               renamed: take its declaration away and write `moved_from: old` into `new`",
            ],
        );
    }

    #[test]
    fn a_misspelt_moved_from_names_the_similar_entry() {
        check(
            &[("new", "other", Some("front-dekk"))],
            &[("front-desk", "front desk")],
            &[
                "`new` will be created, since its `moved_from` names `front-dekk`, which is not in the \
               lockfile; `front-desk` is; if `front-desk` was renamed: write `moved_from: front-desk` \
               into `new`",
            ],
        );
        // A move that was made leaves its line.
        check(
            &[("new", "front desk", Some("old"))],
            &[("new", "front desk"), ("older", "other")],
            &[],
        );
    }

    #[test]
    fn a_prune_without_any_declared_simulation_needs_force() {
        let refusals = |declared: &[_], delete_bound| {
            let options = PlanOptions {
                prune: true,
                delete_bound,
                ..PlanOptions::default()
            };
            planned(
                &desired(declared),
                &locked(&[("a", "a"), ("b", "b")]),
                &options,
            )
            .refusals
        };
        assert_eq!(
            refusals(&[], DeleteBound::Default),
            [Refusal::NothingDeclared { planned: 2 }]
        );
        assert_eq!(refusals(&[], DeleteBound::Unbounded), []);
        assert_eq!(refusals(&[("a", "a", None)], DeleteBound::Default), []);
    }
}
