//! What the user declares: YAML in, checked desired state or diagnostics out.
//!
//! Pure functions of texts; reading files is `store`'s business.

pub mod body;
pub mod desired;
pub mod key;
pub mod project;
pub mod schema;
pub mod simulation;
