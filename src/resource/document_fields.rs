//! The fields of a document that are not fields of the API.

use super::field::{Constant, Default, Field, ItemType, ReadAt, SentIn, ValueType};

/// The kind of the resource that a document declares.
pub const KIND: &str = "kind";

/// The identity in the lockfile.
pub const KEY: &str = "key";

/// The key before a rename.
pub const MOVED_FROM: &str = "moved_from";

/// Whether a plan refuses to delete or replace the resource.
pub const PROTECT: &str = "protect";

/// The environments that declare the resource. In the project file, a map of the same name
/// has all environments.
pub const ENVIRONMENTS: &str = "environments";

/// API fields that the schema does not contain.
pub const EXTRA: &str = "extra";

/// A field that no request contains: the base of the fields of a document.
const DOCUMENT: Field = Field {
    sent: SentIn::Never,
    read: ReadAt::Nowhere,
    ..Field::BASE
};

/// Returns [`KIND`] of the documents of one kind, as a list of its name alone.
pub(super) const fn kind_field(name: &'static [&'static str]) -> Field {
    Field {
        name: KIND,
        doc: "The kind of resource that this document declares. Without `kind`, a document \
              declares a simulation.",
        value: ValueType::OneOf(name),
        required: Some("the kind of the document"),
        example: Some(Constant::Text(name[0])),
        ..DOCUMENT
    }
}

/// [`KEY`].
pub(super) const KEY_FIELD: Field = Field {
    name: KEY,
    doc: "The identity of this resource in the lockfile, unique among the resources of its \
          kind. Other documents refer to the resource by its key. Left out, the key is the \
          file's path below `simulations/`, without the ending. In a file with several \
          documents, each document needs a `key`.",
    value: ValueType::Key,
    example: Some(Constant::Text("front-desk")),
    ..DOCUMENT
};

/// [`PROTECT`].
pub(super) const PROTECT_FIELD: Field = Field {
    name: PROTECT,
    doc: "Whether a plan that would delete or replace this resource is refused.",
    value: ValueType::Flag,
    default: Default::Documented(Constant::Flag(false)),
    ..DOCUMENT
};

/// [`MOVED_FROM`].
pub(super) const MOVED_FROM_FIELD: Field = Field {
    name: MOVED_FROM,
    doc: "The key that this resource had before: its lockfile entry is renamed, and nothing \
          new is created.",
    value: ValueType::Key,
    example: Some(Constant::Text("reception")),
    ..DOCUMENT
};

/// [`ENVIRONMENTS`].
pub(super) const ENVIRONMENTS_FIELD: Field = Field {
    name: ENVIRONMENTS,
    doc: "The environments of bluejay.yaml in which this resource is declared. If another \
          environment is chosen, or none, the document is left out: the resource is not \
          created, changed or deleted. Without this field, all environments declare the \
          resource.",
    value: ValueType::Set {
        of: ItemType::Text,
        is_unset_when_empty: true,
    },
    ..DOCUMENT
};

/// [`EXTRA`].
pub(super) const EXTRA_FIELD: Field = Field {
    name: EXTRA,
    doc: "API fields that this schema does not know yet. They are sent as they are.",
    value: ValueType::FreeMap,
    ..DOCUMENT
};
