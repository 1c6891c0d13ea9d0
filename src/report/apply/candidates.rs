//! The candidates that a person has to decide about.

use std::collections::BTreeSet;

use crate::plan::Observed;

/// The largest number of candidates that a message names.
pub(super) const NAMED_CANDIDATES: usize = 10;

/// Returns the candidates that a message names, each id once, and the number of other
/// candidates.
pub(super) fn shown_candidates(candidates: &[Observed]) -> (Vec<&Observed>, usize) {
    let mut ids = BTreeSet::new();
    let distinct = candidates
        .iter()
        .filter(|candidate| ids.insert(candidate.id));
    let mut named: Vec<_> = distinct.collect();
    let more = named.len().saturating_sub(NAMED_CANDIDATES);
    named.truncate(NAMED_CANDIDATES);
    (named, more)
}

/// Returns the ids of the candidates that a message names: `3, 4 and 2 more`.
#[must_use]
pub fn named_ids(candidates: &[Observed]) -> String {
    let (named, more) = shown_candidates(candidates);
    let ids: Vec<_> = named.iter().map(|found| found.id.to_string()).collect();
    match more {
        0 => ids.join(", "),
        more => format!("{} and {more} more", ids.join(", ")),
    }
}

/// Returns the words for a candidate.
pub(super) fn describe(candidate: &Observed) -> String {
    let name = candidate.name.as_deref().unwrap_or("(no name)");
    let created = candidate.created_at.as_deref().unwrap_or("an unknown time");
    format!("{:#} {name:?}, created {created}", candidate.id)
}
