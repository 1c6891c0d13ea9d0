//! The fields that a document of any kind has beside those of the API.

/// The identity in the lockfile.
pub const KEY: &str = "key";

/// The key before a rename.
pub const MOVED_FROM: &str = "moved_from";

/// Whether the resource may be deleted or replaced.
pub const PROTECT: &str = "protect";

/// Fields of the API that the schema doesn't know.
pub const EXTRA: &str = "extra";
