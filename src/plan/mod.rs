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
mod matching;
mod moves;
mod observed_state;
mod planner;
mod prior;
mod refusal;
mod requests;
mod retained;
mod saved;
#[cfg(test)]
mod tests;

pub use crate::resource::{FieldChange, Nulls, Observed, UnknownFields, UnknownFieldsByKey};
pub use adopted::{adopted_body, as_created};
pub use alike::NormalName;
pub use change::{Action, Change, HumansPatch, OldInstance, Plan, ProtectChange, Summary};
pub use drifted::{DriftReport, Drifted, FieldDrift, drifted};
pub use guard::{DEFAULT_MAX_DELETES, DeleteBound, DeleteScope};
pub use hint::{Hint, HintReason};
pub use matching::{Adopt, Adoption, Undecided, UndecidedReason, Wanted, adoption};
pub use observed_state::{Comparison, ObservedState, ObservedStates};
pub use planner::{OnChange, PlanInput, PlanOptions, plan};
pub use refusal::Refusal;
pub use requests::LIST_ALL_FROM;
pub use retained::{RetainedField, describe_retained, overlay_retained, retained_fields};
pub use saved::{Inputs, SavedOptions, SavedPlan, SavedPlanError};
