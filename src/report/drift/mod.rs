//! Drift, shown: what was written, what was applied, what is there.

mod human;
mod json;
mod markdown;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use human::human;
pub use json::{Document, json};
pub use markdown::markdown;

use crate::api::ApiError;
use crate::apply::Untracked;
use crate::plan::DriftReport;
use crate::resource::key::SimulationKey;

/// Everything that a drift report shows.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    /// What differs.
    pub report: &'a DriftReport,
    /// Simulations that look like tracked ones.
    pub untracked: &'a [Untracked],
    /// What could not be read.
    pub failed: &'a BTreeMap<SimulationKey, ApiError>,
    /// Nothing of the lockfile can be seen, and the key may be another organisation's.
    pub is_nothing_visible: bool,
}

impl Shown<'_> {
    /// How many there are of each kind, in a sentence.
    fn sentence(&self) -> String {
        let gone = self.report.drifted.iter().filter(|one| one.is_gone).count();
        let changed = self.report.drifted.len() - gone;
        let counts = [
            (changed, "drifted"),
            (gone, "gone"),
            (self.untracked.len(), "untracked"),
            (self.failed.len(), "could not be read"),
        ];
        let counts: Vec<_> = counts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        let in_sync = self.report.in_sync;
        if counts.is_empty() {
            format!("No drift: {in_sync} as applied.")
        } else {
            format!("Drift: {}; {in_sync} as applied.", counts.join(", "))
        }
    }

    /// What can't be compared, in a sentence; `None` when all can.
    fn hidden(&self) -> Option<String> {
        let hidden: Vec<_> = self
            .report
            .not_visible
            .iter()
            .map(|(path, count)| format!("{path} ({count})"))
            .collect();
        (!hidden.is_empty()).then(|| {
            format!(
                "Fields not visible at the API, so not compared (and of how many simulations): {}.",
                hidden.join(", ")
            )
        })
    }
}
