//! Decides which observed values a file should declare.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::left::{Left, LeftReason};
use crate::lock::{LockedResource, Lockfile};
use crate::plan::{Comparison, FieldDrift, ObservedState, ObservedStates, drift_report};
use crate::resource::desired::{DesiredResource, DesiredState};
use crate::resource::field::ValueType;
use crate::resource::key::{DigitalHumanId, RemoteId, ResourceKey};
use crate::resource::schedule::{WINDOW, may_have_window};
use crate::resource::simulation::DIGITAL_HUMANS;
use crate::resource::{Kind, Normalized, diff, is_left_to_api, is_recorded, overlay_with_names};

/// The observed values of one resource that its file should declare.
#[derive(Debug, Clone, PartialEq)]
pub struct Pull {
    /// The key.
    pub key: ResourceKey,
    /// The id.
    pub id: RemoteId,
    /// The desired state before the pull, with ids in place of references.
    pub declared: DesiredResource,
    /// The observed values by path, as the API shows them.
    pub values: BTreeMap<String, Value>,
    /// The digital humans that the API shows, if they differ from the recorded ones.
    pub attached: BTreeSet<DigitalHumanId>,
    /// The digital humans to declare, if they change.
    pub humans: Option<BTreeSet<DigitalHumanId>>,
    /// The paths whose desired and observed values are equal already.
    pub agreed: BTreeSet<String>,
    /// The three states of each field, by path.
    pub fields: BTreeMap<String, FieldDrift>,
}

/// The decision about all resources of a pull.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Decision {
    /// The resources whose files or lockfile entries change.
    pub pulls: Vec<Pull>,
    /// The values that the pull leaves alone.
    pub left: Vec<Left>,
    /// The number of resources without drift.
    pub in_sync: usize,
}

/// Compares desired, prior and observed state. With `force`, an observed value replaces a
/// value that the file changed, too.
#[must_use]
pub fn decide(
    desired: &DesiredState,
    lock: &Lockfile,
    observed: &ObservedStates,
    force: bool,
) -> Decision {
    let report = drift_report(desired, lock, observed);
    let mut decision = Decision {
        in_sync: report.in_sync,
        ..Decision::default()
    };
    for drifted in report.drifted {
        let key = drifted.key;
        let mut leave = |reason| {
            decision.left.push(Left {
                key: key.clone(),
                field: None,
                reason,
                place: None,
            });
        };
        let (Some(locked), Some(ObservedState::Present(comparison))) =
            (lock.resources.get(&key), observed.get(&key))
        else {
            leave(LeftReason::Gone);
            continue;
        };
        let Some(declared) = desired.resources.get(&key) else {
            leave(LeftReason::Undeclared);
            continue;
        };
        if has_other_marker(key.kind(), comparison) {
            leave(LeftReason::OtherMarker);
            continue;
        }
        let fields = drifted.fields.into_iter();
        let pull = Pull {
            key: key.clone(),
            id: drifted.id,
            declared: declared.resolved(|key| lock.id_of(key)).into_owned(),
            values: BTreeMap::new(),
            attached: BTreeSet::new(),
            humans: None,
            agreed: BTreeSet::new(),
            fields: fields.map(|field| (field.path.clone(), field)).collect(),
        };
        let pull = pull.filled(locked, comparison, force, &mut decision.left);
        if !pull.is_empty() {
            decision.pulls.push(pull);
        }
    }
    decision
}

impl Decision {
    /// Takes over the places of the declarations that did not change since the decision.
    pub fn relocate(&mut self, desired: &DesiredState) {
        for pull in &mut self.pulls {
            if let Some(declared) = desired.resources.get(&pull.key) {
                pull.declared.source = declared.source.clone();
            }
        }
    }
}

fn has_other_marker(kind: Kind, comparison: &Comparison) -> bool {
    let marker = kind.marker();
    marker.is_some_and(|marker| comparison.drift.contains_key(marker.name))
}

impl Pull {
    fn filled(
        mut self,
        locked: &LockedResource,
        comparison: &Comparison,
        force: bool,
        left: &mut Vec<Left>,
    ) -> Self {
        let kind = self.key.kind();
        let of_file = diff(kind, &locked.applied, &self.declared.body);
        let changed: BTreeSet<_> = of_file.into_iter().map(|change| change.path).collect();
        let normalized = Normalized::of(kind, &self.declared.body);
        for (path, observed) in &comparison.drift {
            if !changed.contains(path) || force {
                self.values.insert(path.clone(), observed.clone());
            } else if self.agrees(&normalized, path, observed) {
                self.agreed.insert(path.clone());
            } else {
                left.push(self.left(path, LeftReason::Conflict));
            }
        }
        if let Some(observed) = &comparison.humans
            && self.fields.contains_key(DIGITAL_HUMANS)
        {
            self.merge_humans(&locked.digital_humans, observed);
        }
        self
    }

    /// Returns whether the file declares an observed value. A field that the file no longer
    /// declares agrees only with a value that means the same as an absent field.
    fn agrees(&self, normalized: &Normalized, path: &str, observed: &Value) -> bool {
        let kind = self.key.kind();
        let is_declared = normalized.get(path).is_some() || is_left_to_api(kind, normalized, path);
        let is_absent = || {
            let body = &self.declared.body;
            let there = [(path.to_owned(), observed.clone())].into();
            let there = overlay_with_names(kind, body, &there, [body]);
            let changes = diff(kind, body, &there);
            changes.iter().all(|change| change.path != path)
        };
        is_recorded(kind, normalized, path, observed) && (is_declared || is_absent())
    }

    /// Merges the changes of file and API: a set has no conflicts.
    fn merge_humans(
        &mut self,
        applied: &BTreeSet<DigitalHumanId>,
        observed: &BTreeSet<DigitalHumanId>,
    ) {
        self.attached.clone_from(observed);
        let declared = &self.declared.digital_humans;
        let stays = |human: &&DigitalHumanId| observed.contains(human) || !applied.contains(human);
        let mut merged: BTreeSet<_> = declared.iter().filter(stays).copied().collect();
        if self.declared.is_exclusive {
            merged.extend(observed.difference(applied));
        }
        if merged == *declared {
            self.agreed.insert(DIGITAL_HUMANS.to_owned());
        } else {
            self.humans = Some(merged);
        }
    }

    fn is_empty(&self) -> bool {
        self.values.is_empty() && self.humans.is_none() && self.agreed.is_empty()
    }

    /// Returns the paths that change in the files.
    #[must_use]
    pub fn paths(&self) -> BTreeSet<String> {
        let humans = self.humans.as_ref().map(|_| DIGITAL_HUMANS.to_owned());
        self.values.keys().cloned().chain(humans).collect()
    }

    /// Returns the entry for a value that the pull leaves alone.
    #[must_use]
    pub fn left(&self, path: &str, reason: LeftReason) -> Left {
        Left {
            key: self.key.clone(),
            field: self.fields.get(path).cloned(),
            reason,
            place: None,
        }
    }

    /// Returns the desired state after a pull of these paths.
    #[must_use]
    pub fn wanted(&self, paths: &BTreeSet<String>) -> DesiredResource {
        let kind = self.key.kind();
        let chosen = self.values.iter();
        let chosen = chosen.filter(|(path, _)| paths.contains(*path));
        let values = chosen.map(|(path, value)| (path.clone(), value.clone()));
        let mut wanted = self.declared.clone();
        let body = &self.declared.body;
        wanted.body = overlay_with_names(kind, body, &values.collect(), [body]);
        // The API does not show the window of a schedule. A schedule without an interval has
        // none.
        for field in kind.fields() {
            if let ValueType::Recurrence(_) = field.value
                && let Some(window) = body.get(field.name).and_then(|value| value.get(WINDOW))
                && let Some(Value::Object(new)) = wanted.body.fields_mut().get_mut(field.name)
                && may_have_window(new)
            {
                new.entry(WINDOW).or_insert_with(|| window.clone());
            }
        }
        if let Some(humans) = self
            .humans
            .as_ref()
            .filter(|_| paths.contains(DIGITAL_HUMANS))
        {
            wanted.digital_humans.clone_from(humans);
        }
        wanted
    }
}
