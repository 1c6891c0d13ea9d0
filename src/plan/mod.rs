//! Decides what an apply does.
//!
//! A plan is a pure function of desired state, prior state, observed state and options.
//! `report` shows a plan, `apply` executes a plan; neither decides anything.

mod adopted;
mod adoption;
mod change;
mod coverage;
mod digital_humans;
mod drift_report;
mod input;
mod moves;
mod names;
mod normalized_name;
mod observed_state;
mod order;
mod owned;
mod planner;
mod prior;
mod reading_order;
mod refusal;
mod rename_hint;
mod rename_hints;
mod requests;
mod retained;
mod safety;
mod saved;
mod still_used;
#[cfg(test)]
mod tests;

pub use crate::resource::{FieldChange, NullMeaning, Observed, UnknownFields, UnknownFieldsByKey};
pub use adopted::{adopted_body, created_body};
pub use adoption::{
    AdoptionDecision, AdoptionPolicy, Undecided, UndecidedReason, WantedResource, decide_adoptions,
};
pub use change::{Action, Change, DigitalHumansPatch, OldInstance, Plan, ProtectChange, Summary};
pub use coverage::Coverage;
pub use drift_report::{DriftReport, DriftedSimulation, FieldDrift, drift_report, show_keys};
pub use input::{DEFAULT_MAX_DELETES, DeleteBound, DeleteScope, OnChange, PlanInput, PlanOptions};
pub use normalized_name::NormalizedName;
pub use observed_state::{Comparison, ObservedState, ObservedStates};
pub use order::{Step, stages};
pub use owned::adoption_by_owner;
pub use planner::plan;
pub use refusal::{Refusal, User};
pub use rename_hint::{RenameHint, RenameHintReason};
pub use requests::{BULK, LIST_ALL_FROM, Sharing, read_requests};
pub use retained::{RetainedField, describe_retained, overlay_retained, retained_fields};
pub use saved::{InputDigests, SavedOptions, SavedPlan, SavedPlanError};
