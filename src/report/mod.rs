//! What the user sees: the only module that makes text for people and machines.

pub mod diagnostics;
pub mod diagnostics_json;
pub mod snippet;
