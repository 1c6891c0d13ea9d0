//! The prior state: the lockfile as a value, its text, and the merge of two lockfiles.
//!
//! This module has pure functions of texts and values. `state` knows where the file
//! is, and replaces the file atomically.

mod conflict;
mod entry;
mod fields3;
mod file_name;
mod find;
mod format;
mod lockfile;
mod merge3;
mod read;
mod render;
mod strict;
#[cfg(test)]
mod tests;

pub use conflict::{conflict_text, has_conflict_markers, split_conflict_sides};
pub use entry::EntrySchema;
pub use file_name::{file_name_for, is_file_name_of};
pub use format::{FORMAT_VERSION, FormatError, SCHEMA, ids_in_text};
pub use lockfile::{ApiAddress, LockedResource, Lockfile, SharedId};
pub use merge3::{FieldClash, Merge3, Merge3Conflict, Reason, join, merge3};
pub use read::{LockfileText, parse, parse_allowing_shared_ids};
pub use render::render;
