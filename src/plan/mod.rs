//! The decision: what an apply would do, and nothing else.
//!
//! Everything that apply does was decided here, from desired state, lockfile
//! and options, without looking at the world. Showing a plan is `report`'s
//! business, carrying it out `apply`'s.

mod adopted;
mod change;
mod drifted;
mod guard;
mod humans;
mod kept;
mod matching;
mod meaning;
mod moves;
mod observed;
mod patch;
mod plain;
mod planner;
mod refusal;
mod saved;
mod sighting;
#[cfg(test)]
mod tests;

pub use crate::spec::fields::creatable;
pub use adopted::{adopted_body, as_created, plan_with_adoptions};
pub use change::{Action, Change, Farewell, FieldChange, HumansPatch, Plan, Summary};
pub use drifted::{DriftReport, Drifted, FieldDrift, drifted};
pub use guard::{DEFAULT_MAX_DELETES, DeleteBound};
pub use humans::HUMANS_FIELD;
pub use kept::{KeptField, described, kept, overlay_kept};
pub use matching::{Adopt, Adoption, Wanted, adoption};
pub use meaning::{
    Meaning, SETTINGS, changed_fields, default_of, metric_set, setting, setting_of, tag_set,
};
pub use observed::{Nulls, Observed, differences};
pub use patch::{patch, patch_at};
pub use plain::plain;
pub use planner::{OnChange, PlanInput, PlanOptions, Unsure, UnsureFields, plan};
pub use refusal::Refusal;
pub use saved::{Inputs, SavedOptions, SavedPlan, SavedPlanError};
pub use sighting::{Seen, Sighting, Sightings, drift, is_minutes_fault, overlay};
