//! The effect of a pull on the environments that are not chosen.

use super::shared::{Expected, Taken};
use crate::lock::Lockfile;
use crate::resource::desired::DesiredState;
use crate::resource::key::ResourceKey;

/// Another environment whose desired state the edited files change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherEnvironment {
    /// The name; `None` for the project without an environment.
    pub name: Option<String>,
    /// The resources whose desired state changes.
    pub keys: Vec<ResourceKey>,
    /// Whether all resources could be compared: the files have no mistake in the environment.
    pub is_complete: bool,
}

impl OtherEnvironment {
    /// Compares the declarations of an environment before and after the edits. Returns
    /// `None` if they are certainly equal. `lock` is the lockfile of the chosen
    /// environment: both sides get the same ids for references.
    #[must_use]
    pub fn compared(
        name: Option<String>,
        before: &DesiredState,
        after: &DesiredState,
        is_complete: bool,
        lock: &Lockfile,
    ) -> Option<Self> {
        let changed = Expected::new(before, &[], lock).unexpected(after, &Taken::new());
        let found = Self {
            name,
            keys: changed.into_keys().collect(),
            is_complete,
        };
        (!found.keys.is_empty() || !is_complete).then_some(found)
    }
}
