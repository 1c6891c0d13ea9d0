//! The names of digital humans in reports on runs.

use std::collections::BTreeMap;

use crate::resource::key::{RemoteId, ResourceKey};
use crate::visible;

/// The keys and names of the digital humans of the lockfile, by id.
#[derive(Debug, Clone, Default)]
pub struct CallerNames(BTreeMap<RemoteId, CallerName>);

/// The key and the name of a digital human.
#[derive(Debug, Clone)]
pub struct CallerName {
    /// The key.
    pub key: ResourceKey,
    /// The name; `None` if the files declare no name.
    pub name: Option<String>,
}

impl CallerNames {
    /// Returns the key and the name of a digital human; `None` if the lockfile does not
    /// track the digital human.
    pub(super) fn get(&self, id: Option<RemoteId>) -> Option<&CallerName> {
        self.0.get(&id?)
    }

    /// Returns the key of a digital human; its id if the lockfile does not track the digital
    /// human.
    pub(super) fn key(&self, id: Option<RemoteId>) -> String {
        match (self.get(id), id) {
            (Some(caller), _) => caller.key.to_string(),
            (None, Some(id)) => format!("digital human {}", id.plain()),
            (None, None) => "unknown digital human".to_owned(),
        }
    }

    /// Returns the text that stands for a digital human in a line.
    pub(super) fn label(&self, id: Option<RemoteId>) -> String {
        let name = self.get(id).and_then(|caller| caller.name.as_deref());
        match name {
            Some(name) => format!("{} ({})", self.key(id), visible::line(name)),
            None => self.key(id),
        }
    }
}

impl FromIterator<(RemoteId, CallerName)> for CallerNames {
    fn from_iter<T: IntoIterator<Item = (RemoteId, CallerName)>>(names: T) -> Self {
        Self(names.into_iter().collect())
    }
}
