//! The untracked simulations of an agent, by name.

use std::collections::BTreeMap;

use crate::api::wire::ListedResource;
use crate::plan::{NormalizedName, Observed};
use crate::resource::key::RemoteId;

/// The largest number of untracked simulations of an agent that an intent records. If an
/// agent has more, the intent records only the simulations with the same name or a similar
/// name.
const MANY_UNTRACKED: usize = 200;

/// The untracked simulations in the listing of an agent.
#[derive(Default)]
pub(super) struct Untracked<'a> {
    ids: Vec<RemoteId>,
    /// The ids by name. The empty text stands for simulations without a name.
    by_name: BTreeMap<&'a str, Vec<RemoteId>>,
    /// The ids by marker, as far as the listing shows markers.
    by_marker: BTreeMap<&'a str, Vec<RemoteId>>,
    /// All names except the empty text, by the bucket of their normal form.
    by_bucket: BTreeMap<String, Vec<(NormalizedName, &'a str)>>,
}

impl<'a> Untracked<'a> {
    pub fn of(listed: &'a [ListedResource], is_tracked: impl Fn(&RemoteId) -> bool) -> Self {
        let mut untracked = Self::default();
        for simulation in listed.iter().filter(|found| !is_tracked(&found.id)) {
            let name = simulation.name.as_deref().unwrap_or_default();
            untracked.ids.push(simulation.id);
            let of_name = untracked.by_name.entry(name).or_default();
            of_name.push(simulation.id);
            let observed = simulation.observed.as_deref();
            if let Some(marker) = observed.and_then(Observed::marker) {
                let of_marker = untracked.by_marker.entry(marker).or_default();
                of_marker.push(simulation.id);
            }
        }
        for name in untracked.by_name.keys().filter(|name| !name.is_empty()) {
            let normal = NormalizedName::of(name);
            let bucket = normal.bucket().to_owned();
            let names = untracked.by_bucket.entry(bucket).or_default();
            names.push((normal, name));
        }
        untracked
    }

    pub fn of_name(&self, name: Option<&str>) -> &[RemoteId] {
        let name = name.unwrap_or_default();
        self.by_name.get(name).map_or(&[], Vec::as_slice)
    }

    /// Returns the resources with a marker.
    pub fn of_marker(&self, marker: &str) -> &[RemoteId] {
        self.by_marker.get(marker).map_or(&[], Vec::as_slice)
    }

    /// Returns the simulations whose names the API may have made from this name, and the
    /// simulations whose names the listing does not show. Without a name, returns all
    /// simulations.
    pub fn renamed(&self, name: Option<&str>) -> Vec<RemoteId> {
        let Some(name) = name else {
            return self.ids.clone();
        };
        let normal = NormalizedName::of(name);
        let names = self.by_bucket.get(normal.bucket()).into_iter().flatten();
        let alike = names.filter(|(other, text)| *text != name && normal.is_alike(other));
        let ids = alike.flat_map(|(_, text)| self.of_name(Some(text)));
        // A listing may show a name as null that a read shows.
        let nameless = self.of_name(None).iter().take(MANY_UNTRACKED);
        ids.chain(nameless).copied().collect()
    }

    /// Returns the simulations to record with the intent of a create of this name: all, or
    /// the candidates if there are many.
    pub fn existing(&self, name: Option<&str>) -> Vec<RemoteId> {
        if name.is_none() || self.ids.len() <= MANY_UNTRACKED {
            return self.ids.clone();
        }
        let mut existing = self.of_name(name).to_vec();
        existing.extend(self.renamed(name));
        existing
    }
}
