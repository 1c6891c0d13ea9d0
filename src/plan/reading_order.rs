//! The order in which people read a plan.

use std::collections::BTreeMap;

use super::change::{Change, Plan};
use crate::resource::Kind;
use crate::resource::key::ResourceKey;

impl Plan {
    /// Returns the changes in the order in which people read a suite: each simulation with
    /// the new resources that it refers to, and with the new schedules that refer to it.
    /// All other changes follow in the order of their keys.
    #[must_use]
    pub fn in_reading_order(&self) -> Vec<&Change> {
        let declared = self.changes.iter().enumerate();
        let declared = declared.filter(|(_, change)| !change.is_delete_or_orphan());
        let mut schedules: BTreeMap<&ResourceKey, Vec<usize>> = BTreeMap::new();
        for (index, change) in declared.clone() {
            if change.key.kind() == Kind::Schedule {
                for simulation in &change.depends_on {
                    schedules.entry(simulation).or_default().push(index);
                }
            }
        }
        let mut order = Order {
            changes: &self.changes,
            by_key: declared
                .map(|(index, change)| (&change.key, index))
                .collect(),
            is_placed: vec![false; self.changes.len()],
            placed: Vec::with_capacity(self.changes.len()),
        };
        for (index, change) in self.changes.iter().enumerate() {
            if change.key.kind() == Kind::Simulation {
                order.place(index);
                for schedule in schedules.get(&change.key).into_iter().flatten() {
                    order.place(*schedule);
                }
            }
        }
        for index in 0..self.changes.len() {
            order.place(index);
        }
        order.placed
    }
}

struct Order<'a> {
    changes: &'a [Change],
    by_key: BTreeMap<&'a ResourceKey, usize>,
    is_placed: Vec<bool>,
    placed: Vec<&'a Change>,
}

impl Order<'_> {
    /// Places a change, and after it the changes of the resources that it refers to.
    fn place(&mut self, index: usize) {
        let mut waiting = vec![index];
        while let Some(index) = waiting.pop() {
            if std::mem::replace(&mut self.is_placed[index], true) {
                continue;
            }
            let change = &self.changes[index];
            self.placed.push(change);
            if !change.is_delete_or_orphan() {
                let needed = change.depends_on.iter().rev();
                waiting.extend(needed.filter_map(|key| self.by_key.get(key).copied()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Action;

    fn change(key: &str, depends_on: &[&str]) -> Change {
        Change {
            depends_on: depends_on
                .iter()
                .map(|key| ResourceKey::from(*key))
                .collect(),
            ..Change::new(ResourceKey::from(key), Action::Create)
        }
    }

    #[test]
    fn a_simulation_stands_above_what_it_uses() {
        let mut plan = Plan {
            changes: vec![
                change("back", &["digital_human:jo"]),
                change("custom_metric:tone", &["custom_metric:whole"]),
                change("custom_metric:whole", &[]),
                change("digital_human:ann", &[]),
                change("digital_human:jo", &[]),
                change("front", &["custom_metric:tone", "digital_human:jo"]),
                change("schedule:nightly", &["front"]),
            ],
            ..Plan::default()
        };
        let mut gone = change("back", &[]);
        gone.action = Action::Delete;
        plan.changes.push(gone);
        let keys = plan.in_reading_order();
        let keys: Vec<_> = keys.iter().map(|change| change.key.as_str()).collect();
        assert_eq!(
            keys,
            [
                "back",
                "digital_human:jo",
                "front",
                "custom_metric:tone",
                "custom_metric:whole",
                "schedule:nightly",
                "back",
                "digital_human:ann",
            ]
        );
    }
}
