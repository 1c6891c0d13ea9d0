//! The plan in several formats.

mod human;
mod json;
#[cfg(test)]
mod tests;

use crate::plan::Action;

pub use human::{hints, human, refusals, summary_line, unread, write_human};
pub use json::{JsonRefusal, PlanDocument, PlanOutput, invalid_json};

pub(in crate::report) use human::{diff_rows, id_in_brackets, place_text, titled};

/// Returns the position of a change in reports. Irreversible changes come first, so that
/// many creates do not hide them.
pub(in crate::report) fn weight(action: &Action) -> u8 {
    match action {
        Action::Delete => 0,
        Action::Replace { .. } => 1,
        Action::Update { .. } => 2,
        Action::Adopt => 3,
        Action::Move => 4,
        Action::Create => 5,
        // Orphans need no work, so they are omitted first.
        Action::Orphan => 6,
    }
}
