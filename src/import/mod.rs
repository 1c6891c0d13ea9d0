//! From a simulation that exists to the YAML that a person would have written.
//!
//! Only what differs from the API's defaults, in the schema's order, durations in
//! minutes where they are whole, several lines as block text. Pure: reading the
//! API and writing the files is the command's business.

mod document;
mod file_name;

pub use document::{ImportTarget, OmittedField, import};
pub use file_name::{file_key, is_path, slug};
