//! A plan, shown.

mod destination;
mod human;
mod json;

use crate::plan::Action;

pub use destination::Destination;
pub use human::{hints, human, refusals, summary_line};
pub use json::{JsonRefusal, PlanDocument, PlanOutput, invalid_json};

pub(in crate::report) use human::{at, created_fields, is_long, shown};

/// What can't be undone comes first, so that a thousand creates don't hide it.
pub(in crate::report) fn weight(action: &Action) -> u8 {
    match action {
        Action::Delete => 0,
        Action::Replace { .. } => 1,
        Action::Update { .. } => 2,
        Action::Adopt => 3,
        Action::Move => 4,
        Action::Create => 5,
        // Nothing is done about them, so they are what is cut first.
        Action::Orphan => 6,
    }
}
