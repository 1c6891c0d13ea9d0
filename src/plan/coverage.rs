//! Which declared resources a comparison of the prior state with the observed state covers.

use std::collections::BTreeSet;

use crate::lock::Lockfile;
use crate::resource::desired::DesiredState;
use crate::resource::key::ResourceKey;
use crate::suggestion::{Message, Suggestion, Verb, counted};

/// The numbers of resources that a comparison covers, and does not cover.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Coverage {
    /// The resources of the lockfile, which are compared.
    pub recorded: usize,
    /// The declared resources that the lockfile does not record, so that there is nothing
    /// to compare them with.
    pub unrecorded: usize,
}

impl Coverage {
    /// Returns the coverage of a comparison that is restricted to targets; `None` for all
    /// keys.
    #[must_use]
    pub fn of(
        desired: &DesiredState,
        lock: &Lockfile,
        targets: Option<&BTreeSet<ResourceKey>>,
    ) -> Self {
        let is_meant = |key: &ResourceKey| targets.is_none_or(|targets| targets.contains(key));
        let recorded = lock.resources.keys().filter(|key| is_meant(key)).count();
        let declared = desired.resources.iter().filter(|(key, _)| is_meant(key));
        let unrecorded = declared.filter(|(key, resource)| {
            let mut names = std::iter::once(*key).chain(&resource.moved_from);
            !names.any(|key| lock.resources.contains_key(key))
        });
        Self {
            recorded,
            unrecorded: unrecorded.count(),
        }
    }

    /// Returns whether resources are declared, and none was compared: "no drift" would then
    /// be untrue.
    #[must_use]
    pub fn is_nothing(self) -> bool {
        self.recorded == 0 && self.unrecorded > 0
    }

    /// Describes the resources that were not compared; `None` if everything was compared.
    #[must_use]
    pub fn gap(self) -> Option<String> {
        let resources = counted(self.unrecorded, "declared resource");
        match self.unrecorded {
            0 => None,
            _ if self.is_nothing() => Some(format!(
                "nothing was compared: the lockfile records none of {resources}"
            )),
            1 => Some("1 declared resource is not in the lockfile, so it was not compared".into()),
            _ => Some(format!(
                "{resources} are not in the lockfile, so they were not compared"
            )),
        }
    }

    /// Returns the way out if nothing was compared.
    #[must_use]
    pub fn help() -> Message {
        Message::from("restore the lockfile if it was lost; otherwise ")
            .command(Suggestion::new(Verb::Apply))
            .text(" adopts or creates the resources, and records them")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lock::LockedResource;
    use crate::resource::body::Body;
    use crate::resource::desired::DesiredResource;
    use crate::resource::key::RemoteId;

    #[test]
    fn a_gap_is_reported_with_its_size() {
        let gap = |recorded, unrecorded| {
            Coverage {
                recorded,
                unrecorded,
            }
            .gap()
        };
        assert_eq!(gap(0, 0), None);
        assert_eq!(gap(3, 0), None);
        let nothing = "nothing was compared: the lockfile records none of 2 declared resources";
        assert_eq!(gap(0, 2).as_deref(), Some(nothing));
        let one = "1 declared resource is not in the lockfile, so it was not compared";
        assert_eq!(gap(3, 1).as_deref(), Some(one));
        let some = "2 declared resources are not in the lockfile, so they were not compared";
        assert_eq!(gap(3, 2).as_deref(), Some(some));
    }

    #[test]
    fn a_declared_resource_is_covered_by_its_entry_or_its_entry_before_a_move() {
        let declared = |moved_from: Option<&str>| DesiredResource {
            moved_from: moved_from.map(ResourceKey::from),
            ..DesiredResource::in_a_file(Body::default())
        };
        let mut desired = DesiredState::default();
        for (key, moved_from) in [("kept", None), ("moved", Some("old")), ("new", None)] {
            desired.resources.insert(key.into(), declared(moved_from));
        }
        let mut lock = Lockfile::default();
        for (id, key) in [(1, "kept"), (2, "old"), (3, "orphan")] {
            let locked = LockedResource::new(RemoteId::simulation(id), Body::default());
            lock.resources.insert(key.into(), locked);
        }
        let counts = |targets: Option<&BTreeSet<ResourceKey>>| {
            let coverage = Coverage::of(&desired, &lock, targets);
            (coverage.recorded, coverage.unrecorded)
        };
        assert_eq!(counts(None), (3, 1));
        let targets = BTreeSet::from(["new".into(), "orphan".into()]);
        assert_eq!(counts(Some(&targets)), (1, 1));
        let nothing = Coverage::of(&desired, &Lockfile::default(), None);
        assert!(nothing.is_nothing());
        let orphans = Coverage::of(&DesiredState::default(), &lock, None);
        assert!(!orphans.is_nothing());
    }
}
