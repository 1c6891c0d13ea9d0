//! The rules between the fields of one map, as plain data.

use serde_json::{Map, Value};

/// A rule between the fields of one map, which a type can't express.
#[derive(Debug, Clone, Copy)]
pub enum Rule {
    /// The field must be declared.
    Needed {
        /// The field.
        field: &'static str,
        /// The cases in which the rule holds.
        when: When,
    },
    /// The field may be declared in no other case.
    Only {
        /// The field.
        field: &'static str,
        /// The only cases.
        when: When,
    },
    /// The value of the first field must be less than the value of the second.
    Less(&'static str, &'static str),
    /// Exactly one of the fields must be declared.
    ExactlyOne(&'static [&'static str]),
    /// A rule of another form.
    Check(fn(&Map<String, Value>) -> Option<Breach>),
}

/// The condition of a rule: a field has one of these values. An undeclared field has its
/// documented default.
#[derive(Debug, Clone, Copy)]
pub struct When {
    /// The field.
    pub field: &'static str,
    /// The values.
    pub is: &'static [&'static str],
}

/// A breach of a rule of the form [`Rule::Check`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// The JSON Pointer of the wrong value, from the map with the rule.
    pub pointer: String,
    /// What is wrong.
    pub message: String,
    /// The way out.
    pub help: String,
}
