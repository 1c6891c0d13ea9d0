//! The hint that a create is probably a rename.

use std::fmt;

use crate::resource::key::ResourceKey;

/// A create that is probably a rename.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenameHint {
    /// The key that would be created.
    pub key: ResourceKey,
    /// The key of the lockfile entry that was probably renamed.
    pub meant: ResourceKey,
    /// Why the create is probably a rename.
    pub reason: RenameHintReason,
}

/// Why a create is probably a rename.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RenameHintReason {
    /// `moved_from` names a key without a lockfile entry, and a similar key has an
    /// entry.
    SimilarKey {
        /// The key that `moved_from` names.
        named: ResourceKey,
    },
    /// A lockfile entry has the same agent and name, and no file declares its key.
    SameNameUndeclared,
    /// A lockfile entry has the same agent and name, and a file declares its key.
    SameNameDeclared,
}

impl fmt::Display for RenameHint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, meant, reason } = self;
        match reason {
            RenameHintReason::SimilarKey { named } => write!(
                f,
                "`{key}` will be created, since its `moved_from` names `{named}`, which is not in \
                 the lockfile; `{meant}` is"
            ),
            RenameHintReason::SameNameUndeclared => write!(
                f,
                "`{key}` will be created beside `{meant}`, which has the same agent and name and \
                 is declared by no file"
            ),
            RenameHintReason::SameNameDeclared => write!(
                f,
                "`{key}` will be created beside `{meant}`, which has the same agent and name"
            ),
        }
    }
}

impl RenameHint {
    /// Returns how to rename the resource instead.
    #[must_use]
    pub fn help(&self) -> String {
        let Self { key, meant, reason } = self;
        match reason {
            RenameHintReason::SimilarKey { .. } | RenameHintReason::SameNameUndeclared => {
                format!("if `{meant}` was renamed: write `moved_from: {meant}` into `{key}`")
            }
            RenameHintReason::SameNameDeclared => format!(
                "if `{meant}` was renamed: take its declaration away and write \
                 `moved_from: {meant}` into `{key}`"
            ),
        }
    }
}
