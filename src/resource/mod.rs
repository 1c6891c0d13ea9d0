//! The vocabulary of the domain: keys, ids, fields, states, and how states compare.
//!
//! A table describes the fields of each kind. The functions derive from the table when
//! two states are equal, what an update sends and what an answer shows. All functions
//! are pure. Reading YAML is the task of `spec`, deciding what to do is the task of
//! `plan`.

mod accepts;
pub mod agent;
pub mod body;
mod body_text;
pub mod catalog;
mod comparable;
pub mod cron;
mod custom_metric;
pub mod desired;
mod diff;
mod digital_human;
pub mod document_fields;
mod drift;
mod extra_value;
pub mod field;
pub mod field_subset;
mod field_value;
pub mod graph;
mod identity;
pub mod key;
mod kind;
mod minutes_fault;
mod normalize;
mod observed;
pub mod ownership;
mod patch;
mod problems;
mod range;
mod read;
pub mod reference;
mod remote_id;
pub mod rule;
mod same;
pub mod schedule;
pub mod schema;
mod schema_patterns;
mod schema_types;
pub mod simulation;
pub mod spelling;
mod table;
mod tables;
#[cfg(test)]
mod tests;
pub mod text;
pub mod text_format;
mod type_words;
mod unknown_fields;

pub use comparable::is_alike;
pub use diff::{FieldChange, declared_name, diff, written_value};
pub use drift::{drift, drift_from, is_recorded, overlay, overlay_with_names};
pub use field::{Field, SentIn};
pub use field_value::FieldValue;
pub use identity::{Scope, identity, recognised};
pub use kind::Kind;
pub use normalize::{Normalized, default_seconds};
pub use observed::{NullMeaning, Observed, is_left_to_api, is_same_but_name, mismatches};
pub use patch::{confirmed_by_create, create_body, patch, patch_at};
pub use problems::{FieldProblem, Severity, problems};
pub use read::{read_fields, unknown_settings};
pub use table::Identity;
pub use unknown_fields::{UnknownFields, UnknownFieldsByKey};
