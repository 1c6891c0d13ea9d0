//! The properties of a kind, as plain data.

use super::field::Field;
use super::rule::Rule;

/// The properties of a kind, as plain data.
pub(super) struct Table {
    /// The title of the schema of a document.
    pub title: &'static str,
    /// The name of the schema of a document among the definitions of another schema.
    pub definition: &'static str,
    /// The description of the schema of a document.
    pub doc: &'static str,
    /// The fields of a document, in the order in which import writes them.
    pub fields: &'static [Field],
    /// The marker of the project, which no document declares.
    pub marker: Option<&'static Field>,
    /// The fields by which a resource is found whose id is unknown.
    pub identity: Identity,
    /// The members of an answer that are not fields of the resource. `*` at the end
    /// stands for any end of the name.
    pub envelope: &'static [&'static str],
    /// The map of an answer that contains more fields of the resource.
    pub nested: Option<&'static str>,
    /// The rules between the fields.
    pub rules: &'static [Rule],
}

/// The fields by which a resource is found whose id is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// The field that contains the display name; `None` if the kind has no names.
    pub name: Option<&'static str>,
    /// The field that distinguishes resources of one display name.
    pub title: Option<&'static str>,
    /// The fields whose values together are the name, if the kind has no names.
    pub content: &'static [&'static str],
    /// The field inside whose value the name is looked up; `None` if the name is looked
    /// up among all resources.
    pub scope: Option<&'static str>,
}
