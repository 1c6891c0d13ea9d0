//! The search for existing resources that refer to each other.
//!
//! The content of a resource contains the ids of the resources that it refers to. After a
//! lost lockfile these ids are only known when those resources are found, so the search goes
//! on with what refers to them.

use std::collections::{BTreeMap, BTreeSet};

use super::lookup::{Lookup, Search, look_up};
use crate::plan::{Change, Observed, Plan};
use crate::resource::key::ResourceKey;

/// Searches for the resources that a plan would create, except for the keys in `skipped`.
///
/// `plan_with` returns the plan that adopts the given resources. A plan of simulations alone
/// is searched once, and so is a plan whose resources do not exist.
pub async fn look_up_all(
    mut search: Search<'_>,
    first: &Plan,
    skipped: &BTreeSet<ResourceKey>,
    plan_with: impl Fn(&BTreeMap<ResourceKey, Observed>) -> Plan,
) -> Lookup {
    let pending = first.pending();
    let pending: Vec<_> = pending
        .filter(|change| !skipped.contains(&change.key))
        .collect();
    let mut known = std::mem::take(&mut search.known);
    let mut lookup = look_up(&search, &mut known, &pending).await;
    let mut found: BTreeSet<_> = lookup.adopted.keys().cloned().collect();
    let mut references = references(&pending);
    while !found.is_empty() && !search.client.is_stopped() {
        references.retain(|key, _| !lookup.adopted.contains_key(key));
        let affected = references.iter();
        let affected = affected.filter(|(_, refers_to)| !refers_to.is_disjoint(&found));
        let affected: BTreeSet<_> = affected.map(|(key, _)| key.clone()).collect();
        if affected.is_empty() {
            break;
        }
        let plan = plan_with(&lookup.adopted);
        let adopted = lookup.adopted.values();
        search.tracked.extend(adopted.map(|observed| observed.id));
        let pending = plan.pending();
        let pending: Vec<_> = pending
            .filter(|change| affected.contains(&change.key))
            .collect();
        let again = look_up(&search, &mut known, &pending).await;
        found = again.adopted.keys().cloned().collect();
        lookup.replace(&affected, again);
    }
    lookup
}

/// Returns the keys that the contents of these changes wait for.
fn references(changes: &[&Change]) -> BTreeMap<ResourceKey, BTreeSet<ResourceKey>> {
    let with_references = changes
        .iter()
        .filter(|change| !change.references.is_empty());
    with_references
        .map(|change| {
            let keys = change.references.iter().flat_map(|one| one.keys().cloned());
            (change.key.clone(), keys.collect())
        })
        .collect()
}
