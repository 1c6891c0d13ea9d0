//! Converts an existing simulation into the YAML that a person would write.
//!
//! The YAML contains only fields that differ from the API's defaults, in the order of
//! the schema, with whole minutes as minutes and multi-line texts as blocks. The module
//! is pure: the command reads the API and writes the files.

mod document;
mod file_name;

pub use document::{ImportTarget, OmittedField, import};
pub use file_name::{file_key, is_path, slug};
