//! The disk: the only user of `std::fs`.
//!
//! Every write goes through a [`writable::WritablePath`], whose methods state what holds
//! after a crash.

mod atomic;
pub mod bounds;
mod crash;
pub mod discover;
mod error;
pub mod exclusive;
pub mod git;
pub mod git_program;
pub mod ignored;
pub mod limits;
mod near_file;
mod path;
mod read;
pub mod search;
pub mod source;
pub mod writable;

pub(crate) use crash::crash_point;
pub use error::StoreError;
pub use path::{canonical, exists, folder_of, has_link, is_folder, real_path, repository_top};
pub use read::{
    holds, is_readable_by_all, names_in, read_bytes_or_empty, read_record_if_any, read_text, size,
};
