//! The drift report: declared, applied and observed values.

mod human;
mod json;
mod markdown;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use human::human;
pub use json::{Document, json};
pub use markdown::markdown;

use crate::api::{ApiError, Sent};
use crate::apply::Untracked;
use crate::plan::{Coverage, DriftReport};
use crate::report::Destination;
use crate::resource::key::ResourceKey;

/// The content of a drift report.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    /// Where the state was read.
    pub destination: &'a Destination,
    /// The differences.
    pub report: &'a DriftReport,
    /// Untracked resources with the scope and the name of tracked resources.
    pub untracked: &'a [Untracked],
    /// The failed reads.
    pub failed: &'a BTreeMap<ResourceKey, ApiError>,
    /// What was compared.
    pub coverage: Coverage,
    /// The plural of what is compared: of one kind, or of all kinds.
    pub plural: &'static str,
    /// Whether only listings were read.
    pub is_quick: bool,
    /// The requests that were sent.
    pub sent: Sent,
    /// Whether no resource of the lockfile is visible. The key may then belong to
    /// another organisation.
    pub is_nothing_visible: bool,
}

impl Shown<'_> {
    /// Returns the counts by kind in one sentence.
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
        let gap = self.coverage.gap();
        let gap = gap.map(|gap| format!("; {gap}")).unwrap_or_default();
        if !counts.is_empty() {
            format!("Drift: {}; {in_sync} as applied{gap}.", counts.join(", "))
        } else if self.coverage.is_nothing() {
            format!("Unknown{}.", gap.replacen(';', ":", 1))
        } else {
            format!("No drift: {in_sync} as applied{gap}.")
        }
    }

    /// Returns a sentence about fields that can't be compared; `None` if all fields were
    /// compared.
    fn hidden_fields(&self) -> Option<String> {
        let hidden: Vec<_> = self
            .report
            .not_visible
            .iter()
            .map(|(path, count)| format!("{path} ({count})"))
            .collect();
        let why = if self.is_quick {
            "Fields that lists do not show, so `--quick` did not compare them"
        } else {
            "Fields not visible at the API, so not compared"
        };
        let hidden = (!hidden.is_empty()).then(|| hidden.join(", "));
        let plural = self.plural;
        hidden.map(|hidden| format!("{why} (and of how many {plural}): {hidden}."))
    }
}
