//! The vocabulary of the domain: what a resource of the API is, whoever speaks of it.
//!
//! Keys and ids, a resource's fields as they are sent and recorded, desired and
//! observed state, and how two of these are compared. Pure functions of values:
//! reading YAML is `spec`'s business, deciding what to do `plan`'s.

pub mod body;
pub mod desired;
pub mod fields;
pub mod key;
mod meaning;
mod observed;
mod patch;
mod plain;
pub mod spelling;
mod unsure;

pub use meaning::{
    FieldChange, Meaning, SETTINGS, as_written, changed_fields, default_of, metric_set, setting,
    setting_of, tag_set, version_name,
};
pub use observed::{Nulls, Observed, differences};
pub use patch::{patch, patch_at};
pub use plain::plain;
pub use unsure::{Unsure, UnsureFields};
