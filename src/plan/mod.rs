//! The decision: what an apply would do, and nothing else.
//!
//! Everything that apply does was decided here, from desired state, lockfile
//! and options, without looking at the world. Showing a plan is `report`'s
//! business, carrying it out `apply`'s.

mod adopted;
mod change;
mod guard;
mod matching;
mod meaning;
mod observed;
mod patch;
mod planner;
#[cfg(test)]
mod tests;

pub use adopted::plan_with_adoptions;
pub use change::{Action, Change, Farewell, FieldChange, Plan, Summary};
pub use guard::{DEFAULT_MAX_DELETES, DeleteBound, Refusal};
pub use matching::{Adopt, Adoption, Wanted, adoption};
pub use meaning::{Meaning, changed_fields, default_of};
pub use observed::{Nulls, Observed, differences};
pub use patch::patch;
pub use planner::{OnChange, PlanInput, PlanOptions, UnsureFields, plan};
