//! How lists lag behind the stored resources, and the stored form of times.

use jiff::{SignedDuration, Timestamp};

/// The lag of lists behind the state, as with eventual consistency. Only new simulations
/// lag; updates and deletes are visible at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lag {
    /// Lists omit simulations younger than this.
    Age(SignedDuration),
    /// Lists omit this number of the newest simulations of all agents.
    Creates(u64),
}

/// Returns a time in the stored form. All texts have the same length, so the order of
/// texts is the order of times.
pub(super) fn format_time(time: Timestamp) -> String {
    format!("{time:.6}")
}
