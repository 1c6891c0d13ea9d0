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
    /// Compares what the files declare in an environment before and after the edits. Returns
    /// `None` if all of it is known to be equal. `lock` is that of the chosen environment: on
    /// both sides, a reference becomes the same id.
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
