//! The decision: what an apply would do, and nothing else.
//!
//! Everything that apply does was decided here, from desired state, lockfile
//! and options, without looking at the world. Showing a plan is `report`'s
//! business, carrying it out `apply`'s.

mod adopted;
mod alike;
mod change;
mod drifted;
mod guard;
mod hint;
mod humans;
mod kept;
mod matching;
mod moves;
mod planner;
mod prior;
mod refusal;
mod saved;
mod sighting;
#[cfg(test)]
mod tests;

pub use crate::resource::{FieldChange, Nulls, Observed, Unsure, UnsureFields};
pub use adopted::{adopted_body, as_created};
pub use alike::NormalName;
pub use change::{Action, Change, Farewell, HumansPatch, Plan, Summary};
pub use drifted::{DriftReport, Drifted, FieldDrift, drifted};
pub use guard::{DEFAULT_MAX_DELETES, DeleteBound, DeleteScope};
pub use hint::{Hint, HintReason};
pub use kept::{KeptField, described, kept, overlay_kept};
pub use matching::{Adopt, Adoption, Undecided, UndecidedReason, Wanted, adoption};
pub use planner::{OnChange, PlanInput, PlanOptions, plan};
pub use refusal::Refusal;
pub use saved::{Inputs, SavedOptions, SavedPlan, SavedPlanError};
pub use sighting::{Seen, Sighting, Sightings};
