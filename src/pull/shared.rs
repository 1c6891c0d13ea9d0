//! The sources that several values can come from, and the decision about their edits.
//!
//! An edit of a variable, of a default or of an included file is accepted only if every value
//! that the edit changes is pulled, and gets its observed value.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::Value;

use super::decide::Pull;
use super::file::{differences, is_equal};
use super::left::LeftReason;
use crate::lock::Lockfile;
use crate::resource::desired::DesiredState;
use crate::resource::key::ResourceKey;
use crate::spec::edit::Edit;
use crate::spec::path::Path;

/// A place that several values can come from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum SharedSource {
    /// A variable of the project file: its path and its name.
    Var(Path, String),
    /// A default of the project file.
    Default(Path),
    /// A file with a text: the path as the document writes it.
    File(String),
}

/// The edit of a shared source.
#[derive(Debug, Clone, PartialEq)]
pub struct Shared {
    /// The source.
    pub source: SharedSource,
    /// Its new value.
    pub value: Value,
    /// The edit of the document that overrides the source, if the source must not change.
    pub instead: Option<Edit>,
}

/// The place of a shared source on the disk.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Site {
    /// A value of the project file.
    Project(Path),
    /// A file, by its canonical path.
    File(PathBuf),
}

/// The use of a shared source by one field.
#[derive(Debug, Clone, PartialEq)]
pub struct SharedUse {
    /// The resource.
    pub key: ResourceKey,
    /// The path of the field in the state.
    pub path: String,
    /// The place of the source.
    pub site: Site,
    /// The edit that the field needs.
    pub shared: Shared,
}

/// The paths whose values the files take, by resource.
pub type Taken = BTreeMap<ResourceKey, BTreeSet<String>>;

/// Why the edits of a group are refused.
#[derive(Debug, Clone, PartialEq)]
pub enum Refusal {
    /// Other values use the sources, or the fields need different values.
    UsedElsewhere,
    /// Another reason.
    Reason(LeftReason),
}

impl Refusal {
    /// Returns the reason for one use.
    #[must_use]
    pub fn reason(&self, source: &SharedSource) -> LeftReason {
        match (self, source) {
            (Self::Reason(reason), _) => reason.clone(),
            (_, SharedSource::Var(_, name)) => LeftReason::SharedVar(name.clone()),
            (_, SharedSource::Default(path)) => LeftReason::SharedDefault(path.to_string()),
            (_, SharedSource::File(path)) => LeftReason::SharedFile(path.clone()),
        }
    }
}

/// Returns the uses in groups: the edits of a group are made together or not at all. Uses of
/// one source, and uses by one field, are in one group.
#[must_use]
pub fn grouped(uses: Vec<SharedUse>) -> Vec<Vec<SharedUse>> {
    let mut groups: Vec<Vec<SharedUse>> = Vec::new();
    for one in uses {
        let is_connected = |other: &SharedUse| {
            other.site == one.site || (&other.key, &other.path) == (&one.key, &one.path)
        };
        let (connected, mut others): (Vec<_>, Vec<_>) = groups
            .into_iter()
            .partition(|group| group.iter().any(is_connected));
        let mut group: Vec<_> = connected.into_iter().flatten().collect();
        group.push(one);
        others.push(group);
        groups = others;
    }
    groups
}

/// Returns the new value of each source of a group. Refuses the group if two fields need
/// different values of one source.
pub fn site_values(group: &[SharedUse]) -> Result<BTreeMap<&Site, &Value>, Refusal> {
    let mut values = BTreeMap::new();
    for one in group {
        let value = &one.shared.value;
        if *values.entry(&one.site).or_insert(value) != value {
            return Err(Refusal::UsedElsewhere);
        }
    }
    Ok(values)
}

/// What edited files should declare.
pub struct Expected<'a> {
    before: &'a DesiredState,
    pulls: BTreeMap<&'a ResourceKey, &'a Pull>,
    lock: &'a Lockfile,
}

impl<'a> Expected<'a> {
    /// Returns the expectation for files that declare `before` without edits.
    #[must_use]
    pub fn new(before: &'a DesiredState, pulls: &'a [Pull], lock: &'a Lockfile) -> Self {
        Self {
            before,
            pulls: pulls.iter().map(|pull| (&pull.key, pull)).collect(),
            lock,
        }
    }

    /// Returns the resources that edited files do not declare as expected: with the observed
    /// values at the taken paths, and as before otherwise. Each has the paths of the other
    /// values; none for a difference that is not in a field.
    #[must_use]
    pub fn unexpected(&self, after: &DesiredState, taken: &Taken) -> Taken {
        let (before, after) = (&self.before.resources, &after.resources);
        let keys: BTreeSet<_> = before.keys().chain(after.keys()).collect();
        let difference = |key: &ResourceKey| {
            let (Some(before), Some(after)) = (before.get(key), after.get(key)) else {
                return Some(BTreeSet::new());
            };
            match self.pulls.get(key).zip(taken.get(key)) {
                Some((pull, paths)) => differences(pull, paths, after, self.lock),
                None => (!is_equal(key.kind(), after, before, self.lock)).then(BTreeSet::new),
            }
        };
        keys.into_iter()
            .filter_map(|key| Some((key.clone(), difference(key)?)))
            .collect()
    }

    /// Decides about the edits of a group, given what the files declare with these edits.
    /// Returns the taken paths with those of the group.
    pub fn decide(
        &self,
        group: &[SharedUse],
        after: &DesiredState,
        taken: &Taken,
    ) -> Result<Taken, Refusal> {
        let mut of_group = Taken::new();
        for one in group {
            let paths = of_group.entry(one.key.clone()).or_default();
            paths.insert(one.path.clone());
        }
        let mut all = taken.clone();
        for (key, paths) in &of_group {
            all.entry(key.clone())
                .or_default()
                .extend(paths.iter().cloned());
        }
        let unexpected = self.unexpected(after, &all);
        let is_own = |(key, paths): (&ResourceKey, &BTreeSet<String>)| {
            let own = of_group.get(key);
            !paths.is_empty() && own.is_some_and(|own| paths.is_subset(own))
        };
        if unexpected.is_empty() {
            Ok(all)
        } else if unexpected.iter().all(is_own) {
            let reason = "the files would declare another value".to_owned();
            Err(Refusal::Reason(LeftReason::Undeclarable(reason)))
        } else {
            Err(Refusal::UsedElsewhere)
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn one(key: &str, path: &str, var: &str, value: u64) -> SharedUse {
        let at = Path::from(["vars", var]);
        SharedUse {
            key: key.into(),
            path: path.to_owned(),
            site: Site::Project(at.clone()),
            shared: Shared {
                source: SharedSource::Var(at, var.to_owned()),
                value: json!(value),
                instead: None,
            },
        }
    }

    #[test]
    fn uses_of_one_source_or_one_field_are_one_group() {
        let uses = vec![
            one("a", "name", "X", 1),
            one("b", "name", "Y", 1),
            one("c", "name", "Z", 1),
            one("b", "tags", "X", 1),
            one("a", "name", "Y", 1),
        ];
        let mut sizes: Vec<_> = grouped(uses).iter().map(Vec::len).collect();
        sizes.sort_unstable();
        assert_eq!(sizes, [1, 4]);
    }

    #[test]
    fn fields_that_need_different_values_refuse_their_group() {
        let (first, second) = (one("a", "name", "X", 1), one("b", "name", "X", 2));
        let group = [first.clone(), first.clone()];
        let values = site_values(&group).map(|values| values.len());
        assert_eq!(values, Ok(1));
        let refusal = site_values(&[first.clone(), second]).map(|values| values.len());
        assert_eq!(refusal, Err(Refusal::UsedElsewhere));
        let reason = Refusal::UsedElsewhere.reason(&first.shared.source);
        assert_eq!(reason, LeftReason::SharedVar("X".to_owned()));
        let default = SharedSource::Default(Path::from(["defaults", "name"]));
        let reason = Refusal::UsedElsewhere.reason(&default);
        assert_eq!(
            reason,
            LeftReason::SharedDefault("defaults.name".to_owned())
        );
    }
}
