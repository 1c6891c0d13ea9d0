//! The order of a plan: a resource is created before the resources that refer to it, and
//! deleted after them.

use std::collections::{BTreeMap, BTreeSet};

use super::change::{Action, Change, OldInstance};
use crate::resource::Kind;
use crate::resource::body::Body;
use crate::resource::desired::{DesiredResource, DesiredState};
use crate::resource::key::{RemoteId, ResourceKey};
use crate::resource::reference::may_refer_to;

/// A part of a change that is executed in one stage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Step<'a> {
    /// The whole change.
    Change(&'a Change),
    /// A replace without the delete of the old instance, to which others still refer.
    Replacement(&'a Change),
    /// The delete of the old instance of a replace.
    OldInstance(&'a Change),
}

impl<'a> Step<'a> {
    /// Returns the resources whose failed changes block the step.
    #[must_use]
    pub fn waits_for(self) -> &'a BTreeSet<ResourceKey> {
        match self {
            Self::Change(change) if change.is_delete_or_orphan() => &change.used_by,
            Self::Change(change) | Self::Replacement(change) => &change.depends_on,
            Self::OldInstance(change) => &change.used_by,
        }
    }

    /// Returns the change.
    #[must_use]
    pub fn change(self) -> &'a Change {
        match self {
            Self::Change(change) | Self::Replacement(change) | Self::OldInstance(change) => change,
        }
    }
}

/// Returns the declared keys, each after the keys that it refers to.
///
/// The files have no circular references, so the order exists.
pub(super) fn declared_in_order(desired: &DesiredState) -> Vec<&ResourceKey> {
    let mut order = Vec::with_capacity(desired.resources.len());
    let mut visited = BTreeSet::new();
    for key in desired.resources.keys() {
        visit(desired, key, &mut visited, &mut order);
    }
    order
}

fn visit<'a>(
    desired: &'a DesiredState,
    key: &'a ResourceKey,
    visited: &mut BTreeSet<&'a ResourceKey>,
    order: &mut Vec<&'a ResourceKey>,
) {
    // The stack is explicit, so that a long chain of references can't overflow the call
    // stack.
    let mut stack = vec![(key, false)];
    while let Some((key, are_references_done)) = stack.pop() {
        if are_references_done {
            order.push(key);
            continue;
        }
        if !visited.insert(key) {
            continue;
        }
        stack.push((key, true));
        let references = desired.resources.get(key);
        let references = references.filter(|resource| resource.has_references());
        let references = references.map(DesiredResource::refers_to);
        for reference in references.iter().flatten() {
            if let Some((key, _)) = desired.resources.get_key_value(reference)
                && !visited.contains(key)
            {
                stack.push((key, false));
            }
        }
    }
}

/// Returns the steps of these changes by stage. The steps of one stage are independent of
/// each other.
///
/// A change comes after the creates of the resources that it refers to. Deletes come last,
/// each after the deletes of the resources that refer to the deleted resource. A plan of
/// simulations alone has one stage, because simulations do not refer to each other.
#[must_use]
pub fn stages<'a>(changes: &[&'a Change]) -> Vec<Vec<Step<'a>>> {
    let is_simple = changes
        .iter()
        .all(|change| change.key.kind() == Kind::Simulation);
    if is_simple {
        return vec![changes.iter().copied().map(Step::Change).collect()];
    }
    let levels = levels(changes);
    let first_delete = levels.values().max().map_or(0, |level| level + 1);
    let depths = depths(changes);
    let mut stages: BTreeMap<(usize, usize), Vec<Step<'a>>> = BTreeMap::new();
    for change in changes.iter().copied() {
        let depth = change.id.and_then(|id| depths.get(&id).copied());
        let rank = delete_rank(change.key.kind());
        let deleted_at = (first_delete + rank, depth.unwrap_or_default());
        if change.is_delete_or_orphan() {
            stages
                .entry(deleted_at)
                .or_default()
                .push(Step::Change(change));
            continue;
        }
        let level = levels.get(&change.key).copied().unwrap_or_default();
        let stage = stages.entry((level, 0)).or_default();
        let deletes_old = matches!(
            change.action,
            Action::Replace {
                old_instance: OldInstance::Delete,
                ..
            }
        );
        if deletes_old && change.key.kind() != Kind::Schedule {
            stage.push(Step::Replacement(change));
            let old = Step::OldInstance(change);
            stages.entry(deleted_at).or_default().push(old);
        } else {
            stage.push(Step::Change(change));
        }
    }
    stages.into_values().collect()
}

/// Returns the level of each declared change: one more than the highest level that it
/// waits for.
fn levels<'a>(changes: &[&'a Change]) -> BTreeMap<&'a ResourceKey, usize> {
    let by_key: BTreeMap<_, _> = changes
        .iter()
        .filter(|change| !change.is_delete_or_orphan())
        .map(|change| (&change.key, *change))
        .collect();
    let mut levels = BTreeMap::new();
    let mut waiting: Vec<_> = by_key.values().copied().collect();
    let mut level = 0;
    while !waiting.is_empty() {
        let is_ready = |change: &&Change| {
            let needed = change.depends_on.iter();
            let mut needed = needed.filter(|key| by_key.contains_key(key));
            needed.all(|key| levels.contains_key(key))
        };
        let (mut ready, mut later): (Vec<_>, Vec<_>) = waiting.into_iter().partition(is_ready);
        // The plan has no circular references. If it had, the loop would never end without
        // this.
        if ready.is_empty() {
            ready = std::mem::take(&mut later);
        }
        waiting = later;
        levels.extend(ready.into_iter().map(|change| (&change.key, level)));
        level += 1;
    }
    levels
}

/// Returns how many metrics come before a metric when both are deleted: a metric is deleted
/// after the metrics whose formulas contain its id.
fn depths(changes: &[&Change]) -> BTreeMap<RemoteId, usize> {
    let parted = changes
        .iter()
        .filter(|change| change.is_delete_or_orphan() || change.deletes());
    let metrics = parted.filter(|change| change.key.kind() == Kind::CustomMetric);
    let by_id: BTreeMap<_, _> = metrics
        .filter_map(|change| Some((change.id?, change.before.as_ref())))
        .collect();
    let ids: BTreeMap<_, _> = by_id.keys().map(|id| (id.to_string(), *id)).collect();
    let parts: BTreeMap<_, BTreeSet<_>> = by_id
        .iter()
        .filter_map(|(id, before)| Some((*id, formula(before.as_ref()?)?)))
        .map(|(id, formula)| {
            let named = formula.split('"').filter_map(|text| ids.get(text).copied());
            (id, named.filter(|named| *named != id).collect())
        })
        .collect();
    let mut depths = BTreeMap::new();
    let mut level: BTreeSet<_> = parts.keys().copied().collect();
    // A formula refers only to earlier metrics, so the number of formulas bounds the
    // depth.
    for depth in 1..=parts.len() {
        if level.is_empty() {
            break;
        }
        let named = level.iter().filter_map(|id| parts.get(id)).flatten();
        level = named.copied().collect();
        depths.extend(level.iter().map(|id| (*id, depth)));
    }
    depths
}

/// Returns the formula of a composite metric.
fn formula(body: &Body) -> Option<&str> {
    body.get("settings")?.get("composite")?.as_str()
}

/// Returns the position of a kind among deletes.
fn delete_rank(kind: Kind) -> usize {
    match kind {
        Kind::Schedule => 0,
        Kind::Simulation => 1,
        Kind::CustomMetric => 2,
        Kind::DigitalHuman => 3,
    }
}

/// Returns the other changed resources whose prior state uses the instance that a change
/// deletes.
pub(super) fn users(changes: &[Change], delete: &Change) -> BTreeSet<ResourceKey> {
    let Some(id) = delete.id else {
        return BTreeSet::new();
    };
    let human = id.number().filter(|_| id.kind() == Kind::DigitalHuman);
    let is_user = |change: &&Change| {
        let mut attached = change.recorded_humans.iter();
        let before = change.before.as_ref();
        attached.any(|attached| Some(attached.0) == human)
            || before.is_some_and(|before| may_refer_to(before, id))
    };
    let others = changes
        .iter()
        .filter(|change| !change.is_delete_or_orphan() && change.key != delete.key);
    others
        .filter(is_user)
        .map(|change| change.key.clone())
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::resource::key::PlainId;

    #[test]
    fn a_metric_is_deleted_after_the_formulas_that_contain_it() {
        let delete = |id: &str, formula: &str| {
            let key = ResourceKey::of(Kind::CustomMetric, id);
            let mut change = Change::new(key, Action::Delete);
            change.id = Some(RemoteId::of(Kind::CustomMetric, PlainId::text(id).unwrap()));
            let before = json!({"name": id, "settings": {"composite": formula}});
            change.before = serde_json::from_value(before).ok();
            change
        };
        let changes = [
            delete("a", ""),
            delete("b", "\"a\" * 0.5 + \"x\""),
            delete("c", "\"a\" + \"b\" + \"c\""),
        ];
        let stages = stages(&changes.iter().collect::<Vec<_>>());
        let keys = stages.iter().flatten().map(|step| step.change().key.key());
        assert_eq!(keys.collect::<Vec<_>>(), ["c", "b", "a"]);
        assert_eq!(stages.len(), 3);
    }
}
