//! Tests of the life of a simulation after its creation: updates that the API ignores,
//! digital humans, drift, a lost lockfile, saved plans, and the delete.

mod destroy;
mod drift;
mod humans;
mod lost_runner;
mod moves;
mod organization;
mod saved_plan;
mod update;
