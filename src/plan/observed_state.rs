//! The observed state of tracked resources, compared with their prior state.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::resource::body::{AGENT_ID, Body, NAME};
use crate::resource::field::{Field, ReadAt};
use crate::resource::key::{DigitalHumanId, ResourceKey};
use crate::resource::simulation::DIGITAL_HUMANS;
use crate::resource::{Normalized, Observed, drift_from};

/// The observed state of the resource of one lockfile entry.
#[derive(Debug, Clone, PartialEq)]
pub enum ObservedState {
    /// The resource exists.
    Present(Comparison),
    /// The API key can see no resource of this id. The resource was deleted, or the
    /// resource belongs to another organisation.
    Gone,
}

impl ObservedState {
    /// Returns the comparison; `None` for a resource that is gone.
    pub(super) fn comparison(&self) -> Option<&Comparison> {
        match self {
            Self::Present(comparison) => Some(comparison),
            Self::Gone => None,
        }
    }
}

/// The comparison of the observed state of a resource with its prior state. Holds only
/// the mismatches: of ten thousand resources, most have none.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Comparison {
    /// The observed values of the fields that differ from the prior state.
    pub drift: BTreeMap<String, Value>,
    /// The recorded fields that the API does not show. Whether such a field has drifted is
    /// unknown.
    pub not_visible: Vec<String>,
    /// The digital humans of the simulation; `None` if they were not requested, or if the
    /// API did not show them.
    pub humans: Option<BTreeSet<DigitalHumanId>>,
}

impl Comparison {
    /// Compares the observed state with the prior state.
    #[must_use]
    pub fn of(
        recorded: &Body,
        observed: &Observed,
        humans: Option<BTreeSet<DigitalHumanId>>,
    ) -> Self {
        let kind = observed.id.kind();
        let meaning = Normalized::of(kind, recorded);
        Self {
            drift: drift_from(kind, &meaning, recorded, observed),
            not_visible: not_visible(&meaning, observed),
            humans,
        }
    }
}

impl Comparison {
    /// Compares a row of a listing with the prior state of a simulation. Not visible are
    /// also the unrecorded fields with a default that only a read shows: a read would show
    /// that such a field was changed.
    #[must_use]
    pub fn of_listed(recorded: &Body, row: &Observed, has_humans: bool) -> Self {
        let mut comparison = Self::of(recorded, row, None);
        let paths = row.id.kind().fields().iter().flat_map(readable_defaults);
        let hidden = paths.filter(|path| !row.fields.contains_key(path));
        let humans = has_humans.then_some(DIGITAL_HUMANS);
        comparison.not_visible.extend(hidden);
        comparison.not_visible.extend(humans.map(str::to_owned));
        comparison.not_visible.sort();
        comparison.not_visible.dedup();
        comparison
    }
}

/// Returns the paths of a field, or of the fields inside, that have a default and that a
/// read shows.
fn readable_defaults(field: &'static Field) -> Vec<String> {
    let name = field.canonical_name();
    let is_readable_default = |field: &&Field| {
        field.has_default() && matches!(field.read, ReadAt::Anywhere | ReadAt::Settings)
    };
    match field.inner() {
        [] if is_readable_default(&field) => vec![name.to_owned()],
        inner => {
            let inner = inner.iter().filter(is_readable_default);
            inner
                .map(|inner| format!("{name}.{}", inner.name))
                .collect()
        }
    }
}

/// Observed states by key of the lockfile. A resource that was not read has no entry.
pub type ObservedStates = BTreeMap<ResourceKey, ObservedState>;

fn not_visible(meaning: &Normalized, observed: &Observed) -> Vec<String> {
    meaning
        .fields()
        .map(|(path, _)| path)
        .filter(|path| match *path {
            AGENT_ID => observed.agent_id.is_none(),
            NAME => observed.name.is_none(),
            path => !observed.fields.contains_key(path),
        })
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::resource::key::RemoteId;

    #[test]
    fn a_field_that_the_api_does_not_show_is_not_visible() {
        let recorded = json!({"agent_id": "42", "name": "a", "description": "d"});
        let recorded: Body = serde_json::from_value(recorded).unwrap();
        let observed = Observed {
            id: RemoteId::simulation(1),
            agent_id: Some("42".into()),
            name: Some("a".into()),
            created_at: None,
            fields: BTreeMap::new(),
            unknown_settings: std::collections::BTreeSet::new(),
        };
        let comparison = Comparison::of(&recorded, &observed, None);
        assert_eq!(comparison.not_visible, ["description"]);
        assert_eq!(comparison.drift, BTreeMap::new());
        let listed = Comparison::of_listed(&recorded, &observed, true);
        for path in [
            "description",
            "digital_humans",
            "digital_humans_settings.default_name",
            "max_call_duration",
            "ringing_timeout",
        ] {
            assert!(
                listed.not_visible.iter().any(|hidden| hidden == path),
                "{path}"
            );
        }
    }
}
