//! Decides which observed values become desired values, and edits the files.
//!
//! Three states decide about each value: the prior state of the lockfile, the desired state
//! of the files, and the observed state of the API.
//!
//! | the file | the API | what happens |
//! | --- | --- | --- |
//! | as recorded | as recorded | nothing |
//! | as recorded | changed | the file gets the observed value |
//! | changed | as recorded | nothing: the next apply sends the value |
//! | changed | changed to the same value | the value is recorded |
//! | changed | changed to another value | a conflict: nothing, unless forced |
//!
//! An edit changes the value where it is written: see `source`, and `shared` for a place that
//! several values come from. After an edit the file is read again, and must declare exactly
//! the wanted state. No edit writes the value of a variable that no file sets. The files are
//! written before the lockfile. After an interruption between the two, the next pull finds the
//! same values in files and API, and records them.

mod decide;
mod file;
mod left;
mod other_environment;
mod parts;
mod record;
mod respell;
mod shared;
mod source;
mod text;

pub use decide::{Decision, Pull, decide};
pub use file::{EditedFile, FileEdits, edit_file, field_place};
pub use left::{Left, LeftReason};
pub use other_environment::OtherEnvironment;
pub use parts::{Part, parts};
pub use record::record;
pub use shared::{
    Expected, Refusal, Shared, SharedSource, SharedUse, Site, Taken, grouped, site_values,
};
pub use source::{Edits, Sources, edits_of};
pub use text::with_lines_of;
