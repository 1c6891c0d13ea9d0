//! The cells of tables about fields and reads.

use super::escape::{code, prose};
use super::page::shortened;
use crate::api::ApiError;
use crate::report::model::in_one_line;
use crate::resource::FieldValue;
use crate::resource::key::ResourceKey;

/// The longest value in a cell, in characters.
const LONGEST: usize = 80;

/// The longest sentence in a cell, in characters.
pub const MAX_SENTENCE: usize = 500;

/// Returns the value of a field.
pub fn value(value: &FieldValue) -> String {
    match value {
        FieldValue::NotSet => value.to_string(),
        value => code(&shortened(&in_one_line(value, false), LONGEST)),
    }
}

/// Returns a sentence, shortened and escaped.
pub fn short_prose(text: &str) -> String {
    prose(&shortened(text, MAX_SENTENCE))
}

/// Returns the row of a resource that could not be read: the key, empty cells, and the
/// cause in the last of `columns` columns.
pub fn failed_row((key, error): (&ResourceKey, &ApiError), columns: usize) -> String {
    let empty = " |".repeat(columns.saturating_sub(2));
    let reason = short_prose(&error.to_string());
    format!(
        "| {} |{empty} could not be read: {reason} |\n",
        code(key.as_str())
    )
}
