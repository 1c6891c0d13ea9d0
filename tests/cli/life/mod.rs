//! The life of a simulation after it is created: updates that are not taken,
//! digital humans, drift, a lost lockfile, saved plans, the end.

mod destroy;
mod drift;
mod humans;
mod lost_runner;
mod moves;
mod organization;
mod saved_plan;
mod update;
