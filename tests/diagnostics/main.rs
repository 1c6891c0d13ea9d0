//! Tests of the diagnostics of mistakes in the user's files.

mod accepted;
mod api_model;
mod check;
mod fixtures;
mod hostile;
mod hostile_answers;
mod mutated;
mod places;
