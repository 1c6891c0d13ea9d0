//! The input and the result of an import.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;

use super::long_texts::{LongText, TextFolder};
use super::references::Keys;
use crate::resource::desired::DesiredResource;
use crate::resource::key::DigitalHumanId;
use crate::spec::settings::Settings;

/// The file that an import writes, and the project that the file belongs to.
#[derive(Debug, Clone)]
pub struct ImportTarget<'a> {
    /// The name of the file, as messages show the name.
    pub file: &'a str,
    /// The key of a document in this file that declares no key.
    pub file_key: &'a str,
    /// The key to declare, if it differs from `file_key`.
    pub key: Option<&'a str>,
    /// The path of the schema, relative to the file.
    pub schema: &'a str,
    /// The settings of the project: defaults and variables.
    pub settings: &'a Settings,
    /// The attached digital humans. `None` if the API did not show them; then the file
    /// does not declare them either.
    pub humans: Option<&'a BTreeSet<DigitalHumanId>>,
    /// The resources that the file refers to by key.
    pub keys: &'a Keys,
    /// The folder of the files for long texts; `None` if the texts stay in the YAML file.
    pub texts: Option<&'a TextFolder>,
    /// Whether another document may declare the same resource for other environments. Then
    /// only the chosen environment declares the document.
    pub is_declared_elsewhere: bool,
}

/// A rendered document.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported {
    /// The text of the file.
    pub text: String,
    /// The resource that the text declares, with ids in place of references.
    pub resource: DesiredResource,
    /// The fields that the text omits.
    pub omitted: Vec<OmittedField>,
    /// The files with long texts, which the text includes.
    pub texts: Vec<LongText>,
    /// The paths of the fields with ids of this environment, written as they are.
    pub bound: Vec<String>,
    /// The variables in the text that other environments do not have.
    pub vars: Vec<String>,
    /// Whether the text names the chosen environment as the only one that declares the
    /// resource.
    pub is_restricted: bool,
}

/// A field that the import omits.
#[derive(Debug, Clone, PartialEq)]
pub struct OmittedField {
    /// The path of the field.
    pub field: String,
    /// The reason.
    pub reason: OmissionReason,
}

/// Why an import omits a field.
#[derive(Debug, Clone, PartialEq)]
pub enum OmissionReason {
    /// The schema refuses this observed value.
    Refused(Value),
    /// The observed value has the value of this variable, which no file sets, and can't refer
    /// to the variable.
    OutsideVar(String),
}

impl fmt::Display for OmittedField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let field = &self.field;
        match &self.reason {
            OmissionReason::Refused(value) => write!(
                f,
                "the API holds {value} for `{field}`, which the schema refuses; it is left out"
            ),
            OmissionReason::OutsideVar(name) => write!(
                f,
                "`{field}` has the value of the variable `{name}`, which no file sets, so it is \
                 left out; add it, or `apply --refresh` unsets it"
            ),
        }
    }
}
