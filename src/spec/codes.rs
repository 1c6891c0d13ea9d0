//! The stable codes of mistakes about kinds, references and files of texts.

/// The value of `kind` is not a kind.
pub const UNKNOWN_KIND: &str = "unknown-kind";

/// A rule between the fields of a document is broken.
pub const BROKEN_RULE: &str = "broken-rule";

/// A value is not among the known values of the API.
pub const UNKNOWN_VALUE: &str = "unknown-value";

/// A reference leads to a resource that no file declares.
pub const UNKNOWN_REFERENCE: &str = "unknown-reference";

/// A reference leads to a resource of another kind.
pub const WRONG_KIND: &str = "wrong-kind";

/// Resources refer to each other in a circle.
pub const CIRCULAR_REFERENCE: &str = "circular-reference";

/// A reference to the text of a file is not usable.
pub const BAD_FILE_REFERENCE: &str = "bad-file-reference";
