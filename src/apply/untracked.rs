//! The simulations of an agent that no lockfile tracks, by their names.

use std::collections::BTreeMap;

use crate::api::wire::ListedSimulation;
use crate::plan::NormalizedName;
use crate::resource::key::SimulationId;

/// From how many untracked simulations of an agent on only those are noted with an
/// intent that have its name or one that a server may have made of it.
const MANY_UNTRACKED: usize = 200;

/// What is listed for an agent and tracked by no lockfile.
#[derive(Default)]
pub(super) struct Untracked<'a> {
    ids: Vec<SimulationId>,
    /// Those without a name under an empty one, which no name is.
    by_name: BTreeMap<&'a str, Vec<SimulationId>>,
    /// All names but the empty one, by the bucket of their normal form.
    by_bucket: BTreeMap<String, Vec<(NormalizedName, &'a str)>>,
}

impl<'a> Untracked<'a> {
    pub fn of(listed: &'a [ListedSimulation], is_tracked: impl Fn(&SimulationId) -> bool) -> Self {
        let mut untracked = Self::default();
        for simulation in listed.iter().filter(|found| !is_tracked(&found.id)) {
            let name = simulation.name.as_deref().unwrap_or_default();
            untracked.ids.push(simulation.id);
            let of_name = untracked.by_name.entry(name).or_default();
            of_name.push(simulation.id);
        }
        for name in untracked.by_name.keys().filter(|name| !name.is_empty()) {
            let normal = NormalizedName::of(name);
            let bucket = normal.bucket().to_owned();
            let names = untracked.by_bucket.entry(bucket).or_default();
            names.push((normal, name));
        }
        untracked
    }

    pub fn of_name(&self, name: Option<&str>) -> &[SimulationId] {
        let name = name.unwrap_or_default();
        self.by_name.get(name).map_or(&[], Vec::as_slice)
    }

    /// Those of other names that a server may have made of this one; without a name,
    /// all.
    pub fn renamed(&self, name: Option<&str>) -> Vec<SimulationId> {
        let Some(name) = name else {
            return self.ids.clone();
        };
        let normal = NormalizedName::of(name);
        let names = self.by_bucket.get(normal.bucket()).into_iter().flatten();
        let alike = names.filter(|(other, text)| *text != name && normal.is_alike(other));
        let ids = alike.flat_map(|(_, text)| self.of_name(Some(text)));
        ids.copied().collect()
    }

    /// Those that can't be a simulation of this name that is created later: all, but
    /// where there are many, those by which it could be mistaken.
    pub fn known(&self, name: Option<&str>) -> Vec<SimulationId> {
        if name.is_none() || self.ids.len() <= MANY_UNTRACKED {
            return self.ids.clone();
        }
        let mut known = self.of_name(name).to_vec();
        known.extend(self.renamed(name));
        known
    }
}
