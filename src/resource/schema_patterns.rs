//! The regular expressions of references.

/// Matches a text with a `${var:NAME}`. Editors check the text before the replacement.
pub const REFERENCE_PATTERN: &str = "\\$\\{var:";

/// Matches a text that is one `${var:NAME}` and nothing else, which takes the type of the
/// variable.
pub const VAR_PATTERN: &str = "^\\$\\{var:[A-Za-z_][A-Za-z0-9_-]*\\}$";

/// Matches the key of a resource in a list of references.
pub const KEY_PATTERN: &str = "\\S";

/// Matches a text with a reference to a variable or a resource.
pub const ANY_REFERENCE_PATTERN: &str = "\\$\\{";
