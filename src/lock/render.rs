//! Writes the text of a lockfile.

use std::collections::BTreeMap;

use serde::Serialize;

use super::format::FORMAT_VERSION;
use super::lockfile::{ApiAddress, LockedSimulation, Lockfile};
use crate::resource::key::SimulationKey;

/// The object of a lockfile of version 1. The fields are in the order of their names, as
/// in every object of the file.
#[derive(Serialize)]
struct LockfileV1<'a> {
    api: &'a ApiAddress,
    #[serde(skip_serializing_if = "Option::is_none")]
    organization: Option<&'a str>,
    simulations: &'a BTreeMap<SimulationKey, LockedSimulation>,
    version: u64,
}

/// Returns the text of a lockfile; `None` for a lockfile without an address.
#[must_use]
pub fn render(lockfile: &Lockfile) -> Option<String> {
    let v1 = LockfileV1 {
        api: lockfile.api.as_ref()?,
        organization: lockfile.organization.as_deref(),
        simulations: &lockfile.simulations,
        version: FORMAT_VERSION,
    };
    // Maps with text keys and plain values always serialize.
    let text = serde_json::to_string_pretty(&v1).unwrap_or_default();
    Some(text + "\n")
}
