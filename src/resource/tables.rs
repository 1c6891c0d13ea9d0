//! The field tables of all kinds, and look-ups in the tables.

use std::sync::LazyLock;

use super::document_fields::{ENVIRONMENTS, KIND};
use super::field::{Field, SentIn, ValueType};
use super::kind::Kind;
use super::table::{Identity, Table};
use super::{custom_metric, digital_human, schedule, simulation};

/// The fields of a kind, sorted for look-ups: by the length of the name, which decides most
/// comparisons, then by the name.
struct Index(Vec<(&'static str, &'static Field)>);

impl Index {
    fn of(fields: impl Iterator<Item = &'static Field>) -> Self {
        let mut index: Vec<_> = fields.map(|field| (field.name, field)).collect();
        index.sort_by_key(|(name, _)| (name.len(), *name));
        Self(index)
    }

    fn get(&self, name: &str) -> Option<&'static Field> {
        let wanted = (name.len(), name);
        let found = self
            .0
            .binary_search_by(|(name, _)| (name.len(), *name).cmp(&wanted));
        found.ok().map(|at| self.0[at].1)
    }
}

static INDICES: LazyLock<[Index; 4]> =
    LazyLock::new(|| Kind::ALL.map(|kind| Index::of(kind.all_fields())));

impl Kind {
    pub(super) fn table(self) -> &'static Table {
        match self {
            Self::Simulation => &simulation::TABLE,
            Self::DigitalHuman => &digital_human::TABLE,
            Self::CustomMetric => &custom_metric::TABLE,
            Self::Schedule => &schedule::TABLE,
        }
    }

    /// Returns the title of the schema of a document.
    #[must_use]
    pub fn title(self) -> &'static str {
        self.table().title
    }

    /// Returns the description of the schema of a document.
    #[must_use]
    pub fn doc(self) -> &'static str {
        self.table().doc
    }

    /// Returns the fields by which a resource is found whose id is unknown.
    #[must_use]
    pub fn identity(self) -> Identity {
        self.table().identity
    }

    /// Returns the fields of a document, in the order in which import writes them.
    #[must_use]
    pub fn fields(self) -> &'static [Field] {
        self.table().fields
    }

    /// Returns the fields of the state: those of a document, and the marker of the
    /// project.
    pub fn all_fields(self) -> impl Iterator<Item = &'static Field> {
        self.fields().iter().chain(self.marker())
    }

    /// Returns the marker of the project; `None` if the API has no field for a marker.
    #[must_use]
    pub fn marker(self) -> Option<&'static Field> {
        self.table().marker
    }

    /// Returns the field of this name.
    #[must_use]
    pub fn field(self, name: &str) -> Option<&'static Field> {
        INDICES[self as usize].get(name)
    }

    /// Returns the field at a path. The path of a field inside a map is `MAP.FIELD`.
    #[must_use]
    pub fn field_at(self, path: &str) -> Option<&'static Field> {
        match self.split(path) {
            Some((map, inner)) => map.inner().iter().find(|field| field.name == inner),
            None => self.field(path),
        }
    }

    /// Returns the first field with this name, at the top level or inside a map.
    #[must_use]
    pub fn field_anywhere(self, name: &str) -> Option<&'static Field> {
        let inner = || self.fields().iter().flat_map(Field::inner);
        self.field(name)
            .or_else(|| inner().find(|field| field.name == name))
    }

    /// Splits the path of a field inside a map into the map and the field's name.
    /// Returns `None` for any other path, whose dots are part of a name.
    #[must_use]
    pub fn split(self, path: &str) -> Option<(&'static Field, &str)> {
        let (outer, inner) = path.split_once('.')?;
        let map = self.field(outer)?;
        matches!(map.value, ValueType::Map { .. }).then_some((map, inner))
    }

    /// Returns the names of the fields that these requests contain.
    pub fn names(self, sent: SentIn) -> impl Iterator<Item = &'static str> {
        let fields = self.all_fields().filter(move |field| field.sent == sent);
        fields.map(|field| field.name)
    }

    /// Returns whether a field belongs to one document and can't be a project default.
    #[must_use]
    pub fn is_document_only(self, name: &str) -> bool {
        self.is_sent(name, SentIn::Never)
    }

    /// Returns whether a field contains a key, a kind or names of environments, in which
    /// no variables are replaced.
    #[must_use]
    pub fn is_literal(self, name: &str) -> bool {
        let field = self.field(name);
        field.is_some_and(|field| {
            matches!(field.value, ValueType::Key) || [KIND, ENVIRONMENTS].contains(&field.name)
        })
    }

    /// Returns whether the values of a field are sent as written, numbers included.
    #[must_use]
    pub fn is_verbatim(self, name: &str) -> bool {
        let field = self.field(name);
        field.is_some_and(|field| matches!(field.value, ValueType::AgentId | ValueType::FreeMap))
    }

    /// Returns the first line of an example document: the first required field with its
    /// example.
    #[must_use]
    pub fn beginning(self) -> Option<String> {
        let mut required = self.fields().iter();
        let first = required.find(|field| field.required.is_some())?;
        Some(first.written_example())
    }

    /// Returns whether a change of this path replaces the resource. The marker never
    /// does: a resource that was created without its marker stays as it is.
    #[must_use]
    pub fn replaces(self, path: &str) -> bool {
        self.is_sent(path, SentIn::Create) && !self.is_marker(path)
    }

    /// Returns whether this is the path of the marker, and only creates contain the
    /// marker.
    #[must_use]
    pub fn is_fixed_marker(self, path: &str) -> bool {
        self.is_sent(path, SentIn::Create) && self.is_marker(path)
    }

    fn is_marker(self, path: &str) -> bool {
        self.marker().is_some_and(|marker| marker.name == path)
    }

    /// Returns whether only updates contain this path.
    #[must_use]
    pub fn is_update_only(self, path: &str) -> bool {
        self.is_sent(path, SentIn::Update)
    }

    fn is_sent(self, path: &str, sent: SentIn) -> bool {
        self.field(path).is_some_and(|field| field.sent == sent)
    }

    /// Returns the fields that are maps of known fields.
    pub fn maps(self) -> impl Iterator<Item = &'static Field> {
        let fields = self.fields().iter();
        fields.filter(|field| !field.inner().is_empty())
    }

    /// Returns all names of a field: the name itself and its aliases.
    pub fn names_of(self, name: &str) -> impl Iterator<Item = &'static str> + Clone + '_ {
        let aliases = self
            .fields()
            .iter()
            .filter(move |field| field.name == name || field.alias_of == Some(name));
        aliases.map(|field| field.name)
    }

    /// Returns the fields that have a meaning only together with this field, in the
    /// order of the table: all names of the agent version, or the number and the unit
    /// of a duration.
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
