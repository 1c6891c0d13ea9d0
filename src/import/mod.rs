//! Converts existing resources into the YAML that a person would write.
//!
//! The YAML contains only fields that differ from the API's defaults, in the order of
//! the schema, with whole minutes as minutes and multi-line texts as blocks. Resources of
//! the project are named by key. A value of a variable that no file sets becomes a reference,
//! or its field is omitted. The module is pure: the command reads the API and writes
//! the files.

mod document;
mod draft;
mod fields;
mod file_name;
mod leaf;
mod long_texts;
mod references;
mod render;
mod target;
#[cfg(test)]
mod tests;
mod text;
mod variables;

pub use document::import;
pub use file_name::{file_key, is_path, schedule_key, slug};
pub use long_texts::{LongText, TextFolder};
pub use references::{Keys, in_formula, receiver};
pub use target::{ImportTarget, Imported, OmissionReason, OmittedField};
