//! What the API was seen to hold now, against what was recorded.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::resource::body::{AGENT_ID, Body, NAME};
use crate::resource::key::{DigitalHumanId, SimulationKey};
use crate::resource::{Kind, Normalized, Observed, drift_from};

const KIND: Kind = Kind::Simulation;

/// What the API was seen to hold for one lockfile entry.
#[derive(Debug, Clone, PartialEq)]
pub enum Sighting {
    /// It is there.
    Present(Seen),
    /// There is none of its id that the key may see: it was deleted, or it
    /// belongs to another organisation.
    Gone,
}

impl Sighting {
    /// What was seen of it, where it is there.
    pub(super) fn seen(&self) -> Option<&Seen> {
        match self {
            Self::Present(seen) => Some(seen),
            Self::Gone => None,
        }
    }
}

/// A simulation that was read, held against what was recorded of it. What is as
/// recorded isn't kept: of ten thousand simulations most are.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Seen {
    /// What is not as it was recorded: see [`drift`].
    pub drift: BTreeMap<String, Value>,
    /// The recorded fields that the API doesn't show: nobody knows whether they
    /// are still what was recorded.
    pub not_visible: Vec<String>,
    /// Its digital humans; `None` where nobody asked or the API didn't say.
    pub humans: Option<BTreeSet<DigitalHumanId>>,
}

impl Seen {
    /// Compares what was read with what was recorded.
    #[must_use]
    pub fn of(
        recorded: &Body,
        observed: &Observed,
        humans: Option<BTreeSet<DigitalHumanId>>,
    ) -> Self {
        let meaning = Normalized::of(KIND, recorded);
        Self {
            drift: drift_from(KIND, &meaning, recorded, observed),
            not_visible: not_visible(&meaning, observed),
            humans,
        }
    }
}

/// What was seen, by key in the lockfile; nothing for what was not looked at.
pub type Sightings = BTreeMap<SimulationKey, Sighting>;

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
    use crate::resource::key::SimulationId;

    #[test]
    fn what_is_not_shown_is_not_visible() {
        let recorded = json!({"agent_id": "42", "name": "a", "description": "d"});
        let recorded: Body = serde_json::from_value(recorded).unwrap();
        let observed = Observed {
            id: SimulationId(1),
            agent_id: Some("42".into()),
            name: Some("a".into()),
            created_at: None,
            fields: BTreeMap::new(),
        };
        let seen = Seen::of(&recorded, &observed, None);
        assert_eq!(seen.not_visible, ["description"]);
        assert_eq!(seen.drift, BTreeMap::new());
    }
}
