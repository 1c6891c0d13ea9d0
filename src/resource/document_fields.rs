//! The fields of a document that are not fields of the API.

/// The identity in the lockfile.
pub const KEY: &str = "key";

/// The key before a rename.
pub const MOVED_FROM: &str = "moved_from";

/// Whether a plan refuses to delete or replace the resource.
pub const PROTECT: &str = "protect";

/// API fields that the schema does not contain.
pub const EXTRA: &str = "extra";
