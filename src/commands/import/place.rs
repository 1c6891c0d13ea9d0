//! Which key and which file a simulation gets.

use std::collections::{BTreeMap, BTreeSet};

use super::found::Found;
use crate::commands::load::Workspace;
use crate::import::{Import, file_key, import, is_path};
use crate::lock::Lockfile;
use crate::resource::desired::DesiredSimulation;
use crate::resource::key::{SimulationId, SimulationKey};

/// Where a simulation belongs.
pub(super) enum Place<'a> {
    /// A file declares it.
    DeclaredDocument(SimulationKey, &'a DesiredSimulation),
    /// Several declarations could be it: their keys, or the one key and why not.
    Ambiguous(Vec<String>),
    /// It gets a file.
    New(New),
}

/// A file that is to be written.
pub(super) struct New {
    /// The file's path below the simulations folder, without ending.
    pub file_key: String,
    /// The key, where it can't be the path.
    pub key: Option<String>,
}

/// The keys and files that there are.
pub(super) struct Places<'a> {
    workspace: &'a Workspace,
    /// Keys and paths without ending, in lower case.
    taken: BTreeSet<String>,
    /// What is declared and not in the lockfile, by agent and name.
    unlocked: BTreeMap<AgentAndName, Vec<SimulationKey>>,
    /// The simulations that a file declares exactly as an import writes them: most
    /// likely the file of an import that was cut off before it recorded them.
    written: BTreeMap<SimulationId, SimulationKey>,
    /// How many of the other simulations have an agent and name.
    rivals: BTreeMap<AgentAndName, usize>,
}

/// A simulation may have no name.
type AgentAndName = (String, Option<String>);

impl<'a> Places<'a> {
    pub fn new(workspace: &'a Workspace, lock: &Lockfile, found: &[Found]) -> Self {
        let desired = &workspace.desired.simulations;
        let files = workspace.files.iter().map(|file| file.default_key.as_str());
        let keys = desired.keys().chain(lock.simulations.keys());
        let taken = keys.map(SimulationKey::as_str).chain(files);
        let mut unlocked: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (key, wanted) in desired {
            if !lock.simulations.contains_key(key) {
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

    /// Takes the key of a file that declares this simulation exactly as an import
    /// writes it. Equal simulations are interchangeable, so each takes the next file.
    fn take_written(&mut self, found: &Found, known: &AgentAndName) -> Option<SimulationKey> {
        let candidates = self.unlocked.get_mut(known)?;
        let to = Import {
            file: "",
            file_key: "imported",
            key: None,
            schema: "",
            settings: &self.workspace.settings,
            humans: found.humans.as_ref(),
        };
        let (_, imported, _) = import(&found.observed, &to).ok()?;
        let desired = &self.workspace.desired.simulations;
        let is_same = |key: &SimulationKey| {
            desired.get(key).is_some_and(|declared| {
                declared.body == imported.body && declared.digital_humans == imported.digital_humans
            })
        };
        let same = candidates.iter().position(is_same)?;
        Some(candidates.remove(same))
    }

    /// Where this one belongs; `wanted` is the key that was asked for.
    pub fn of(&mut self, found: &Found, wanted: Option<&str>) -> Place<'a> {
        let desired = &self.workspace.desired.simulations;
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
        // Nothing but its content tells one without a name from another.
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

    /// A free name, for which there is no file in any writing of its letters.
    fn named(&mut self, found: &Found) -> String {
        let observed = &found.observed;
        file_key(observed.name.as_deref(), observed.id.0, &mut self.taken)
    }
}

fn agent_and_name(found: &Found) -> Option<AgentAndName> {
    let observed = &found.observed;
    Some((observed.agent_id.clone()?, observed.name.clone()))
}
