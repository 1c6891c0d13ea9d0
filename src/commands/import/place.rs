//! Chooses the key and the file of an imported resource.

use std::collections::{BTreeMap, BTreeSet};

use super::found::Found;
use crate::commands::load::Workspace;
use crate::import::{ImportTarget, Keys, file_key, import, is_path, schedule_key};
use crate::lock::Lockfile;
use crate::resource::desired::DesiredResource;
use crate::resource::key::{RemoteId, ResourceKey};
use crate::resource::schedule::{SCHEDULE, SIMULATION_ID};
use crate::resource::{Kind, Scope, identity};
use crate::spec::outside_vars::OutsideVars;
use crate::spec::selection::Selection;

/// The place of an imported resource.
pub(super) enum Place<'a> {
    /// A file already declares the resource under this key.
    DeclaredDocument(ResourceKey, &'a DesiredResource),
    /// Several declarations match: their keys, or one key with the reason why the key is
    /// not certain.
    Ambiguous(Vec<String>),
    /// A new file is written.
    New(NewFile),
}

/// A new file.
pub(super) struct NewFile {
    /// The path below the simulations folder, without extension.
    pub file_key: String,
    /// The key without the kind, if the key differs from the path.
    pub key: Option<String>,
    /// Whether a document that the chosen environment leaves out may declare the same
    /// resource for other environments.
    pub is_declared_elsewhere: bool,
}

/// The existing keys and files of one kind.
pub(super) struct Places<'a> {
    workspace: &'a Workspace,
    kind: Kind,
    /// Keys without the kind, and paths without extension, in lower case. The paths are
    /// relative to the folder of the kind.
    taken: BTreeSet<String>,
    /// The declared resources without an entry in the lockfile, by name.
    unlocked: BTreeMap<ScopedName, Vec<ResourceKey>>,
    /// The resources that a file declares exactly as an import writes them. Such a file
    /// is probably the file of an interrupted import.
    written: BTreeMap<RemoteId, ResourceKey>,
    /// The keys that only other environments declare, in lower case. The value is the key
    /// if the chosen environment may declare it too.
    left_out: BTreeMap<String, Option<String>>,
    /// The number of imported resources by name.
    rivals: BTreeMap<ScopedName, usize>,
}

/// The listing that shows a resource, and the name of the resource. A resource may have no
/// name.
type ScopedName = (Scope, Option<String>);

/// Returns the folder of the files of a kind below the simulations folder, with a slash at
/// the end.
fn folder(kind: Kind) -> &'static str {
    match kind {
        Kind::Simulation => "",
        Kind::DigitalHuman => "digital-humans/",
        Kind::CustomMetric => "metrics/",
        Kind::Schedule => "schedules/",
    }
}

impl<'a> Places<'a> {
    /// Reads the declarations of the kind of the resources in `found`. `keys` has the
    /// resources of other kinds. `selection` is the selection of the chosen environment.
    pub fn new<'b>(
        workspace: &'a Workspace,
        selection: Option<&Selection>,
        lock: &Lockfile,
        kind: Kind,
        found: impl IntoIterator<Item = &'b Found>,
        keys: &Keys,
    ) -> Self {
        let desired = &workspace.desired.resources;
        let files = workspace.files.iter();
        let files = files.filter_map(|file| file.default_key.strip_prefix(folder(kind)));
        let left_out = &workspace.desired.left_out;
        let keys_of_kind = desired.keys().chain(left_out).chain(lock.resources.keys());
        let keys_of_kind = keys_of_kind.filter(|key| key.kind() == kind);
        let taken = keys_of_kind.map(ResourceKey::key).chain(files);
        let mut places = Self {
            workspace,
            kind,
            taken: taken.map(str::to_lowercase).collect(),
            unlocked: BTreeMap::new(),
            written: BTreeMap::new(),
            left_out: BTreeMap::new(),
            rivals: BTreeMap::new(),
        };
        let has_environment = workspace.settings.environment_name.is_some();
        for key in left_out.iter().filter(|key| key.kind() == kind) {
            let is_selected = selection.is_none_or(|selection| selection.selects(key));
            let is_free = has_environment && is_selected && !lock.resources.contains_key(key);
            let free = is_free.then(|| key.key().to_owned());
            places.left_out.insert(key.key().to_lowercase(), free);
        }
        for (key, wanted) in desired {
            if key.kind() == kind && !lock.resources.contains_key(key) {
                let known = declared_name(kind, wanted, keys);
                places.unlocked.entry(known).or_default().push(key.clone());
            }
        }
        places.find_written(found, keys);
        places
    }

    fn find_written<'b>(&mut self, found: impl IntoIterator<Item = &'b Found>, keys: &Keys) {
        // A composite metric refers only to earlier metrics, so each resource adds its key.
        let mut keys = keys.clone();
        for one in found {
            let Some(known) = observed_name(one) else {
                continue;
            };
            match self.take_written(one, &known, &keys) {
                Some(key) => {
                    keys.insert(one.observed.id, key.clone());
                    self.written.insert(one.observed.id, key);
                }
                None => *self.rivals.entry(known).or_default() += 1,
            }
        }
    }

    /// Takes the key of a file that declares this resource exactly as an import writes
    /// it. Equal resources are interchangeable, so each resource takes the next file.
    fn take_written(
        &mut self,
        found: &Found,
        known: &ScopedName,
        keys: &Keys,
    ) -> Option<ResourceKey> {
        let candidates = self.unlocked.get_mut(known)?;
        let to = ImportTarget {
            file: "",
            file_key: "imported",
            key: None,
            schema: "",
            settings: &self.workspace.settings,
            humans: found.humans.as_ref(),
            keys: &Keys::default(),
            texts: None,
            is_declared_elsewhere: false,
        };
        let imported = import(&found.observed, &to).ok()?.resource;
        let desired = &self.workspace.desired.resources;
        let is_same = |key: &ResourceKey| {
            desired.get(key).is_some_and(|declared| {
                let declared = declared.resolved(|key| keys.id_of(key));
                declared.body == imported.body
                    && declared.digital_humans == imported.digital_humans
                    && !declared.has_references()
            })
        };
        let same = candidates.iter().position(is_same)?;
        Some(candidates.remove(same))
    }

    /// Returns the place of a resource; `wanted` is the requested key.
    pub fn of(&mut self, found: &Found, wanted: Option<&ResourceKey>, keys: &Keys) -> Place<'a> {
        let desired = &self.workspace.desired.resources;
        if let Some(key) = wanted {
            return match desired.get(key) {
                Some(declared) => Place::DeclaredDocument(key.clone(), declared),
                None => Place::New(self.file_of(key, found, keys)),
            };
        }
        if let Some(key) = self.written.get(&found.observed.id)
            && let Some(declared) = desired.get(key)
        {
            return Place::DeclaredDocument(key.clone(), declared);
        }
        // Resources without a name differ only by their content.
        let known = observed_name(found).filter(|(_, name)| name.is_some());
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
                    None => Place::New(self.file_of(&key, found, keys)),
                }
            }
            (Some(keys), _) => {
                Place::Ambiguous(keys.iter().map(|key| format!("`{key}`")).collect())
            }
            (None, _) => Place::New(self.new_file(found, keys)),
        }
    }

    /// Returns the new file of a resource that no file declares. If other environments
    /// declare the key that the resource would get, the new document takes this key.
    fn new_file(&mut self, found: &Found, keys: &Keys) -> NewFile {
        let first = self.name_among(found, keys, &mut BTreeSet::new());
        let name = self.named(found, keys);
        let candidates = [format!("{}{first}", folder(self.kind)), first];
        let elsewhere = candidates.iter().find_map(|key| {
            let key = key.to_lowercase();
            self.left_out.contains_key(&key).then_some(key)
        });
        let free = elsewhere
            .as_ref()
            .and_then(|key| self.left_out.get_mut(key)?.take());
        NewFile {
            is_declared_elsewhere: elsewhere.is_some(),
            ..self.file(name.clone(), free.as_deref().unwrap_or(&name))
        }
    }

    fn file_of(&mut self, key: &ResourceKey, found: &Found, keys: &Keys) -> NewFile {
        let name = if is_path(key.key()) {
            key.key().to_owned()
        } else {
            self.named(found, keys)
        };
        self.file(name, key.key())
    }

    /// Returns the file of this name in the folder of the kind.
    fn file(&self, name: String, key: &str) -> NewFile {
        let file_key = format!("{}{name}", folder(self.kind));
        let key = (file_key != key).then(|| key.to_owned());
        NewFile {
            file_key,
            key,
            is_declared_elsewhere: false,
        }
    }

    /// Returns an unused name; no file has the same name in another case.
    fn named(&mut self, found: &Found, keys: &Keys) -> String {
        let mut taken = std::mem::take(&mut self.taken);
        let name = self.name_among(found, keys, &mut taken);
        self.taken = taken;
        name
    }

    /// Returns a name that is not taken, and adds it to the taken names.
    fn name_among(&self, found: &Found, keys: &Keys, taken: &mut BTreeSet<String>) -> String {
        let observed = &found.observed;
        if self.kind == Kind::Schedule {
            let body = observed.to_body(self.kind);
            let simulation = body.get(SIMULATION_ID).cloned().unwrap_or_default();
            let key = keys.key_of(Kind::Simulation, &simulation);
            return schedule_key(
                key.map(ResourceKey::key),
                simulation.as_str().unwrap_or_default(),
                body.get(SCHEDULE).unwrap_or_default(),
                taken,
            );
        }
        let name = match self.kind {
            Kind::Simulation => observed.name.clone(),
            _ => observed.identity(),
        };
        // The name of a file is as public as its text.
        let outside = OutsideVars::of(&self.workspace.settings.vars);
        let is_public = |name: &String| outside.exposed(None, &name.as_str().into()).is_none();
        let name = name.filter(is_public);
        file_key(name.as_deref(), observed.id, taken)
    }
}

fn declared_name(kind: Kind, declared: &DesiredResource, keys: &Keys) -> ScopedName {
    let declared = declared.resolved(|key| keys.id_of(key));
    (
        Scope::of(kind, &declared.body),
        identity(kind, &declared.body),
    )
}

/// Returns `None` for a simulation whose agent is not known.
fn observed_name(found: &Found) -> Option<ScopedName> {
    let observed = &found.observed;
    match observed.id.kind() {
        kind @ Kind::Simulation => {
            let agent = observed.agent_id.as_deref()?.into();
            Some((Scope { kind, agent }, observed.name.clone()))
        }
        kind => Some((Scope::whole(kind), observed.identity())),
    }
}
