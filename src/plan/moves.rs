//! Decides which lockfile entries get another key.

use std::collections::{BTreeMap, BTreeSet};

use super::input::PlanInput;
use super::planner::Planner;
use super::refusal::Refusal;
use crate::resource::Normalized;
use crate::resource::desired::DesiredResource;
use crate::resource::key::ResourceKey;

impl<'a> Planner<'a> {
    /// Returns the moves as a map from new key to old key. Moves by `moved_from` come
    /// first, moves by equal content second.
    pub(super) fn moves(&mut self) -> BTreeMap<ResourceKey, ResourceKey> {
        let PlanInput {
            desired, locked, ..
        } = self.input;
        let by_old: BTreeMap<_, _> = desired
            .resources
            .iter()
            .filter_map(|(key, simulation)| Some((simulation.moved_from.as_ref()?, key)))
            .collect();
        let mut moves = BTreeMap::new();
        for (from, to) in &by_old {
            // A key that is still declared moves only as a part of a chain.
            let is_first = !desired.resources.contains_key(*from);
            if is_first && locked.resources.contains_key(*from) {
                moves.extend(self.chain(from, to, &by_old));
            }
        }
        let is_new = |key| !locked.resources.contains_key(key) && !moves.contains_key(key);
        let unnamed: Vec<_> = desired
            .resources
            .iter()
            .filter(|(key, _)| is_new(*key))
            .collect();
        self.moves_by_content(&unnamed, &mut moves);
        moves
    }

    /// Returns a move and the moves that must come before it.
    ///
    /// If the new key has a lockfile entry, that entry must move too. If one of the
    /// moves is impossible, the plan refuses all of them.
    fn chain(
        &mut self,
        from: &'a ResourceKey,
        to: &'a ResourceKey,
        by_old: &BTreeMap<&'a ResourceKey, &'a ResourceKey>,
    ) -> Vec<(ResourceKey, ResourceKey)> {
        let mut chain = vec![(to, from)];
        let mut taken = to;
        while self.input.locked.resources.contains_key(taken) {
            let Some(next) = by_old.get(taken) else {
                self.refuse_move(from, to);
                return Vec::new();
            };
            chain.push((next, taken));
            taken = next;
        }
        let mut missing = None;
        for (to, from) in chain.iter().rev() {
            let is_targeted = self.is_targeted(to);
            if let Some(missing) = missing.filter(|_| is_targeted) {
                self.plan.refusals.push(Refusal::MoveNeedsTarget {
                    from: (*from).clone(),
                    to: (*to).clone(),
                    missing: ResourceKey::clone(missing),
                });
            }
            missing = (!is_targeted).then_some(*to);
        }
        let owned = chain.into_iter();
        owned.map(|(to, from)| (to.clone(), from.clone())).collect()
    }

    fn refuse_move(&mut self, from: &ResourceKey, to: &ResourceKey) {
        let (from, to) = (from.clone(), to.clone());
        let refusal = Refusal::MoveOntoExisting { from, to };
        self.plan.refusals.push(refusal);
    }

    /// Pairs new keys with lockfile entries of equal content that no file declares.
    /// Entries with equal content are paired in the order of their keys.
    fn moves_by_content(
        &self,
        new: &[(&'a ResourceKey, &'a DesiredResource)],
        moves: &mut BTreeMap<ResourceKey, ResourceKey>,
    ) {
        if new.is_empty() {
            return;
        }
        let taken: BTreeSet<_> = moves.values().cloned().collect();
        let mut by_content: BTreeMap<_, Vec<&ResourceKey>> = BTreeMap::new();
        for (key, locked) in self.input.locked.resources.iter().rev() {
            if !self.input.desired.declares(key) && !taken.contains(key) {
                let content = Normalized::of(key.kind(), &locked.applied).fingerprint();
                by_content
                    .entry((key.kind(), content))
                    .or_default()
                    .push(key);
            }
        }
        if by_content.is_empty() {
            return;
        }
        for (key, simulation) in new {
            let content = Normalized::of(key.kind(), &simulation.body).fingerprint();
            if let Some(from) = by_content
                .get_mut(&(key.kind(), content))
                .and_then(Vec::pop)
            {
                moves.insert((*key).clone(), from.clone());
            }
        }
    }
}
