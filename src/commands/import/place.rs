//! Chooses the key and the file of an imported simulation.

use std::collections::{BTreeMap, BTreeSet};

use super::found::Found;
use crate::commands::load::Workspace;
use crate::import::{ImportTarget, file_key, import, is_path};
use crate::lock::Lockfile;
use crate::resource::desired::DesiredResource;
use crate::resource::key::{RemoteId, ResourceKey};

/// The place of an imported simulation.
pub(super) enum Place<'a> {
    /// A file already declares the simulation under this key.
    DeclaredDocument(ResourceKey, &'a DesiredResource),
    /// Several declarations match: their keys, or one key with the reason why the key is
    /// not certain.
    Ambiguous(Vec<String>),
    /// A new file is written.
    New(New),
}

/// A new file.
pub(super) struct New {
    /// The path below the simulations folder, without extension.
    pub file_key: String,
    /// The key, if the key differs from the path.
    pub key: Option<String>,
}

/// The existing keys and files.
pub(super) struct Places<'a> {
    workspace: &'a Workspace,
    /// Keys and paths without extension, in lower case.
    taken: BTreeSet<String>,
    /// The declared simulations without an entry in the lockfile, by agent and name.
    unlocked: BTreeMap<AgentAndName, Vec<ResourceKey>>,
    /// The simulations that a file declares exactly as an import writes them. Such a file
    /// is probably the file of an interrupted import.
    written: BTreeMap<RemoteId, ResourceKey>,
    /// The number of imported simulations by agent and name.
    rivals: BTreeMap<AgentAndName, usize>,
}

/// The agent and the name of a simulation. A simulation may have no name.
type AgentAndName = (String, Option<String>);

impl<'a> Places<'a> {
    pub fn new(workspace: &'a Workspace, lock: &Lockfile, found: &[Found]) -> Self {
        let desired = &workspace.desired.resources;
        let files = workspace.files.iter().map(|file| file.default_key.as_str());
        let keys = desired.keys().chain(lock.resources.keys());
        let taken = keys.map(ResourceKey::as_str).chain(files);
        let mut unlocked: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (key, wanted) in desired {
            if !lock.resources.contains_key(key) {
                let name = wanted.body.name().map(str::to_owned);
                let known = (wanted.body.agent_id().to_owned(), name);
                unlocked.entry(known).or_default().push(key.clone());
            }
        }
        let mut places = Self {
            workspace,
            taken: taken.map(str::to_lowercase).collect(),
            unlocked,
            written: BTreeMap::new(),
            rivals: BTreeMap::new(),
        };
        for one in found {
            let Some(known) = agent_and_name(one) else {
                continue;
            };
            match places.take_written(one, &known) {
                Some(key) => {
                    places.written.insert(one.observed.id, key);
                }
                None => *places.rivals.entry(known).or_default() += 1,
            }
        }
        places
    }

    /// Takes the key of a file that declares this simulation exactly as an import writes
    /// it. Equal simulations are interchangeable, so each simulation takes the next file.
    fn take_written(&mut self, found: &Found, known: &AgentAndName) -> Option<ResourceKey> {
        let candidates = self.unlocked.get_mut(known)?;
        let to = ImportTarget {
            file: "",
            file_key: "imported",
            key: None,
            schema: "",
            settings: &self.workspace.settings,
            humans: found.humans.as_ref(),
        };
        let (_, imported, _) = import(&found.observed, &to).ok()?;
        let desired = &self.workspace.desired.resources;
        let is_same = |key: &ResourceKey| {
            desired.get(key).is_some_and(|declared| {
                declared.body == imported.body && declared.digital_humans == imported.digital_humans
            })
        };
        let same = candidates.iter().position(is_same)?;
        Some(candidates.remove(same))
    }

    /// Returns the place of a simulation; `wanted` is the requested key.
    pub fn of(&mut self, found: &Found, wanted: Option<&str>) -> Place<'a> {
        let desired = &self.workspace.desired.resources;
        if let Some(key) = wanted {
            return match desired.get_key_value(key) {
                Some((key, declared)) => Place::DeclaredDocument(key.clone(), declared),
                None => Place::New(self.file_of(key, found)),
            };
        }
        if let Some(key) = self.written.get(&found.observed.id)
            && let Some(declared) = desired.get(key)
        {
            return Place::DeclaredDocument(key.clone(), declared);
        }
        // Simulations without a name differ only by their content.
        let known = agent_and_name(found).filter(|(_, name)| name.is_some());
        let candidates = known.as_ref().and_then(|known| self.unlocked.get(known));
        let rivals = known.as_ref().and_then(|known| self.rivals.get(known));
        match (
            candidates
                .map(Vec::as_slice)
                .filter(|keys| !keys.is_empty()),
            rivals,
        ) {
            (Some([key]), Some(1)) => {
                let key = key.clone();
                match desired.get(&key) {
                    Some(declared) => Place::DeclaredDocument(key, declared),
                    None => Place::New(self.file_of(key.as_str(), found)),
                }
            }
            (Some(keys), _) => {
                Place::Ambiguous(keys.iter().map(|key| format!("`{key}`")).collect())
            }
            (None, _) => Place::New(New {
                file_key: self.named(found),
                key: None,
            }),
        }
    }

    fn file_of(&mut self, key: &str, found: &Found) -> New {
        if is_path(key) {
            New {
                file_key: key.to_owned(),
                key: None,
            }
        } else {
            New {
                file_key: self.named(found),
                key: Some(key.to_owned()),
            }
        }
    }

    /// Returns an unused name; no file has the same name in another case.
    fn named(&mut self, found: &Found) -> String {
        let observed = &found.observed;
        file_key(observed.name.as_deref(), observed.id, &mut self.taken)
    }
}

fn agent_and_name(found: &Found) -> Option<AgentAndName> {
    let observed = &found.observed;
    Some((observed.agent_id.clone()?, observed.name.clone()))
}
