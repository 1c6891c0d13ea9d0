//! The desired state: everything that the YAML files declare, after all checks.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::agent::{AgentIds, AgentSelector};
use super::body::{AGENT_ID, Body};
use super::key::{DigitalHumanId, RemoteId, ResourceKey};
use super::observed::Observed;
use super::ownership::{Owner, Ownership};
use super::reference::{Reference, keys_of, resolve};

/// The place of a declaration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The path of the file, as messages show the path.
    pub file: Arc<str>,
    /// The index of the document in the file, from 0.
    pub document: usize,
    /// The line of the document's first field, from 1.
    pub line: usize,
}

/// One declared resource.
#[derive(Debug, Clone, PartialEq)]
pub struct DesiredResource {
    /// The declared API fields, defaults of the project file included. A reference to
    /// another resource has a placeholder.
    pub body: Body,
    /// The agent that the file names in place of an id. Until the id is known, the body has
    /// the text of the selector.
    pub agent: Option<AgentSelector>,
    /// The references of the body.
    pub references: Vec<Reference>,
    /// The digital humans to attach that have ids.
    pub digital_humans: BTreeSet<DigitalHumanId>,
    /// The digital humans to attach that the files declare.
    pub digital_human_keys: BTreeSet<ResourceKey>,
    /// Whether an apply detaches all other digital humans.
    pub is_exclusive: bool,
    /// Whether a plan refuses to delete or replace the resource.
    pub is_protected: bool,
    /// The key that the resource had before a rename.
    pub moved_from: Option<ResourceKey>,
    /// The place of the declaration.
    pub source: Source,
}

impl DesiredResource {
    /// Returns a resource with these fields and nothing else, in `a.yaml`.
    #[cfg(test)]
    pub(crate) fn in_a_file(body: Body) -> Self {
        Self {
            body,
            agent: None,
            references: Vec::new(),
            digital_humans: BTreeSet::new(),
            digital_human_keys: BTreeSet::new(),
            is_exclusive: false,
            is_protected: false,
            moved_from: None,
            source: Source {
                file: "a.yaml".into(),
                document: 0,
                line: 1,
            },
        }
    }

    /// Returns whether the resource refers to another resource.
    #[must_use]
    pub fn has_references(&self) -> bool {
        !self.references.is_empty() || !self.digital_human_keys.is_empty()
    }

    /// Returns the resources that this resource refers to.
    #[must_use]
    pub fn refers_to(&self) -> BTreeSet<ResourceKey> {
        let mut keys = keys_of(&self.references);
        keys.extend(self.digital_human_keys.iter().cloned());
        keys
    }

    /// Returns the resource with the known ids in place of its references. The references
    /// that are not known stay.
    #[must_use]
    pub fn resolved(&self, id_of: impl Fn(&ResourceKey) -> Option<RemoteId>) -> Cow<'_, Self> {
        if !self.has_references() {
            return Cow::Borrowed(self);
        }
        let mut resolved = self.clone();
        resolved.references = resolve(&mut resolved.body, &self.references, &id_of);
        for key in &self.digital_human_keys {
            if let Some(number) = id_of(key).and_then(RemoteId::number) {
                resolved.digital_human_keys.remove(key);
                resolved.digital_humans.insert(DigitalHumanId(number));
            }
        }
        Cow::Owned(resolved)
    }

    /// Writes the known id of the agent that the file names. Returns the selector and the id.
    pub fn resolve_agent(&mut self, known: &AgentIds) -> Option<(AgentSelector, String)> {
        let selector = self.agent.as_ref()?;
        let id = known.get(selector)?;
        let fields = self.body.fields_mut();
        fields.insert(AGENT_ID.to_owned(), id.as_str().into());
        Some((selector.clone(), id.clone()))
    }
}

/// All declared resources.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DesiredState {
    /// The resources by key, in the order of the keys.
    pub resources: BTreeMap<ResourceKey, DesiredResource>,
    /// The keys that files declare, or declared before a move, but not in the selected
    /// environment. They are no orphans.
    pub left_out: BTreeSet<ResourceKey>,
    /// The file of each document that the selected environment leaves out.
    pub left_out_files: Vec<Arc<str>>,
    /// The declared keys whose documents name the environments that declare them.
    pub restricted: BTreeSet<ResourceKey>,
    /// The keys in `left_out` whose documents protect them.
    pub left_out_protected: BTreeSet<ResourceKey>,
    /// The ids of other resources in the documents that the selected environment leaves
    /// out, each with the first such document.
    pub left_out_ids: BTreeMap<RemoteId, (ResourceKey, Source)>,
    /// The known ids of the agents that the files name in place of an id.
    pub agents: AgentIds,
    /// The project, if it marks its resources.
    pub ownership: Option<Ownership>,
}

impl DesiredState {
    /// Returns whether a file declares a key, in the selected environment or in another
    /// one. The lockfile entry of such a key belongs to its document: the entry is neither
    /// pruned nor given to another key, unless a document names it as its `moved_from`.
    #[must_use]
    pub fn declares(&self, key: &ResourceKey) -> bool {
        self.resources.contains_key(key) || self.left_out.contains(key)
    }

    /// Returns the keys that a document protects, whatever environment is selected. The
    /// key before a move is as protected as the key after the move.
    #[must_use]
    pub fn protected(&self) -> BTreeSet<ResourceKey> {
        let protected = self.resources.iter().filter(|(_, one)| one.is_protected);
        let keys = protected.flat_map(|(key, one)| std::iter::once(key).chain(&one.moved_from));
        keys.chain(&self.left_out_protected).cloned().collect()
    }

    /// Writes the known ids of agents into the resources that name these agents.
    pub fn resolve_agents(&mut self, known: &AgentIds) {
        for resource in self.resources.values_mut() {
            if let Some((selector, id)) = resource.resolve_agent(known) {
                self.agents.insert(selector, id);
            }
        }
    }

    /// Returns the agents that the files name in place of an id, each with the first
    /// resource that names it.
    #[must_use]
    pub fn named_agents(&self) -> BTreeMap<&AgentSelector, &DesiredResource> {
        let mut named = BTreeMap::new();
        for resource in self.resources.values() {
            if let Some(selector) = &resource.agent {
                named.entry(selector).or_insert(resource);
            }
        }
        named
    }

    /// Returns who manages an observed resource. The project manages it if its marker is
    /// that of `key`, of `moved_from`, or of the former key that a file declares for
    /// `key`.
    #[must_use]
    pub fn owner(
        &self,
        key: &ResourceKey,
        moved_from: Option<&ResourceKey>,
        observed: &Observed,
    ) -> Owner {
        let Some(ownership) = &self.ownership else {
            return Owner::Unknown;
        };
        let declared = self.resources.get(key);
        let declared = declared.and_then(|declared| declared.moved_from.as_ref());
        let keys = [Some(key), moved_from, declared].into_iter().flatten();
        ownership.owner(keys, observed)
    }
}
