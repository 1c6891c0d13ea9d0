//! The vocabulary of the domain: what a resource of the API is, whoever speaks of it.
//!
//! Keys and ids; the fields of each kind as a table, and everything that follows
//! from the table: when two states are equal, what an update sends, what an answer
//! shows. Pure functions of values: reading YAML is `spec`'s business, deciding what
//! to do `plan`'s.

pub mod body;
pub mod desired;
mod difference;
mod drift;
pub mod field;
mod field_value;
pub mod key;
mod kind;
mod minutes_fault;
mod normalize;
mod observed;
pub mod own;
mod patch;
mod plain;
mod read;
pub mod schema;
pub mod simulation;
pub mod spelling;
mod text;
mod unknown_fields;

pub use difference::{FieldChange, as_written, changed_fields, name_given};
pub use drift::{drift, drift_from, is_recorded, overlay, overlay_as};
pub use field::{Field, Sent};
pub use field_value::FieldValue;
pub use kind::Kind;
pub use minutes_fault::is_minutes_fault;
pub use normalize::{Normalized, usual_seconds};
pub use observed::{Nulls, Observed, differences};
pub use patch::{creatable, patch, patch_at, surely_created};
pub use read::{read_fields, unknown_settings};
pub use unknown_fields::{UnknownFields, UnknownFieldsByKey};
