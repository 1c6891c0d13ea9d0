//! The kinds of resources, and the fields of each.

use std::sync::LazyLock;

use super::field::{Field, SentIn, ValueType};
use super::simulation;

/// A kind of resource. The list is closed: how a lost create is found differs by kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A test of a voice or chat agent.
    Simulation,
}

/// The fields of a kind by name.
struct Index(Vec<&'static Field>);

impl Index {
    fn of(fields: &'static [Field]) -> Self {
        let mut index: Vec<_> = fields.iter().collect();
        index.sort_by_key(|field| field.name);
        Self(index)
    }

    fn get(&self, name: &str) -> Option<&'static Field> {
        let found = self.0.binary_search_by(|field| field.name.cmp(name));
        found.ok().map(|at| self.0[at])
    }
}

static SIMULATION: LazyLock<Index> = LazyLock::new(|| Index::of(simulation::FIELDS));

impl Kind {
    /// The fields, in the order in which a document is written.
    #[must_use]
    pub fn fields(self) -> &'static [Field] {
        match self {
            Self::Simulation => simulation::FIELDS,
        }
    }

    /// The field of this name.
    #[must_use]
    pub fn field(self, name: &str) -> Option<&'static Field> {
        match self {
            Self::Simulation => SIMULATION.get(name),
        }
    }

    /// The field at a path; the path of a field inside a map is `MAP.FIELD`.
    #[must_use]
    pub fn field_at(self, path: &str) -> Option<&'static Field> {
        match self.split(path) {
            Some((map, inner)) => map.inner().iter().find(|field| field.name == inner),
            None => self.field(path),
        }
    }

    /// The first field of this name at any level.
    #[must_use]
    pub fn field_anywhere(self, name: &str) -> Option<&'static Field> {
        let inner = || self.fields().iter().flat_map(Field::inner);
        self.field(name)
            .or_else(|| inner().find(|field| field.name == name))
    }

    /// The map that a path leads into, and the name of the field inside. In any
    /// other path a point is a part of the name.
    #[must_use]
    pub fn split(self, path: &str) -> Option<(&'static Field, &str)> {
        let (outer, inner) = path.split_once('.')?;
        let map = self.field(outer)?;
        matches!(map.value, ValueType::Map { .. }).then_some((map, inner))
    }

    /// The names of the fields that these requests carry.
    pub fn names(self, sent: SentIn) -> impl Iterator<Item = &'static str> {
        let fields = self.fields().iter().filter(move |field| field.sent == sent);
        fields.map(|field| field.name)
    }

    /// Whether a field belongs to one document alone: it can't be a default.
    #[must_use]
    pub fn is_document_only(self, name: &str) -> bool {
        self.is_sent(name, SentIn::Never)
    }

    /// Whether a field names a resource, so that nothing in it is replaced.
    #[must_use]
    pub fn is_literal(self, name: &str) -> bool {
        let field = self.field(name);
        field.is_some_and(|field| matches!(field.value, ValueType::Key))
    }

    /// Whether a value of this field is taken as it is written, numbers included.
    #[must_use]
    pub fn is_verbatim(self, name: &str) -> bool {
        let field = self.field(name);
        field.is_some_and(|field| matches!(field.value, ValueType::AgentId | ValueType::FreeMap))
    }

    /// What a document of this kind begins with: a required field and its example.
    #[must_use]
    pub fn beginning(self) -> Option<String> {
        let mut required = self.fields().iter();
        let first = required.find(|field| field.required.is_some())?;
        Some(first.written_example())
    }

    /// Whether a change of this path can't be made in place.
    #[must_use]
    pub fn replaces(self, path: &str) -> bool {
        self.is_sent(path, SentIn::Create)
    }

    /// Whether a create doesn't carry this path.
    #[must_use]
    pub fn is_update_only(self, path: &str) -> bool {
        self.is_sent(path, SentIn::Update)
    }

    fn is_sent(self, path: &str, sent: SentIn) -> bool {
        self.field(path).is_some_and(|field| field.sent == sent)
    }

    /// The fields that are maps of known fields.
    pub fn maps(self) -> impl Iterator<Item = &'static Field> {
        let fields = self.fields().iter();
        fields.filter(|field| !field.inner().is_empty())
    }

    /// The names that a field of this name goes by: its own, and those of its aliases.
    pub fn names_of(self, name: &str) -> impl Iterator<Item = &'static str> + Clone + '_ {
        let aliases = self
            .fields()
            .iter()
            .filter(move |field| field.name == name || field.alias_of == Some(name));
        aliases.map(|field| field.name)
    }

    /// The fields that mean one thing together with this one, in the order of the
    /// table: the names of a version of the agent, the number and the unit of a duration.
    #[must_use]
    pub fn group(self, name: &str) -> Vec<&'static str> {
        let Some(field) = self.field(name) else {
            return Vec::new();
        };
        let canonical = field.canonical_name();
        let members = self.fields().iter();
        let members = members.filter(|field| field.canonical_name() == canonical);
        members.map(|field| field.name).collect()
    }
}
