//! The report of a pull for programs.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Pulled, Shown};
use crate::plan::FieldDrift;
use crate::pull::Left;
use crate::report::json::{self, FORMAT_VERSION, IdMembers, Unread};
use crate::report::suggestion;
use crate::resource::FieldValue;
use crate::resource::key::ResourceKey;

/// The output of `bluejayctl pull --format json`.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "bluejayctl pull --format json")]
pub struct Document<'a> {
    /// The other environments whose desired state the edited files change.
    also_changes: Vec<JsonEnvironment<'a>>,
    /// Whether nothing was written: `--check`.
    check: bool,
    /// The resources that could not be read.
    failed: Vec<Unread<'a>>,
    /// The names of the changed files, sorted.
    files: Vec<&'a str>,
    /// The version of this format.
    format_version: &'static str,
    /// How many resources equal the prior state in every field that can be read.
    in_sync: usize,
    /// The values that are left alone.
    left: Vec<JsonLeft<'a>>,
    /// The resources with pulled values, by key.
    pulled: Vec<JsonPulled<'a>>,
}

/// Another environment whose desired state changes.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ChangedEnvironment")]
struct JsonEnvironment<'a> {
    /// Whether all resources could be compared: the files have no mistake in the environment.
    complete: bool,
    /// The name of the environment; null for the project without an environment.
    environment: Option<&'a str>,
    /// The resources whose desired state changes, by key.
    keys: &'a [ResourceKey],
}

/// A resource with pulled values.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Pulled")]
struct JsonPulled<'a> {
    /// The pulled values.
    fields: Vec<JsonField<'a>>,
    /// The file that declares the resource.
    file: &'a str,
    /// The key.
    key: &'a ResourceKey,
    /// The line of the declaration before the pull, from 1.
    line: usize,
    #[serde(flatten)]
    id: IdMembers,
}

/// A pulled value.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PulledField")]
struct JsonField<'a> {
    /// The prior value.
    applied: &'a FieldValue,
    /// Whether a file changes. Otherwise the files have the observed value already, and only
    /// the lockfile records the value.
    edited: bool,
    /// The path of the field.
    path: &'a str,
    /// The observed value.
    there: &'a FieldValue,
    /// The desired value before the pull.
    written: &'a FieldValue,
}

/// A value, or a whole resource, that is left alone.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Left")]
struct JsonLeft<'a> {
    /// The prior value.
    applied: Option<&'a FieldValue>,
    /// The file of the value.
    file: Option<&'a str>,
    /// What to do.
    help: String,
    /// The key.
    key: &'a ResourceKey,
    /// The line of the value, from 1.
    line: Option<usize>,
    /// The path of the field; null for the whole resource.
    path: Option<&'a str>,
    /// The reason.
    reason: String,
    /// The observed value.
    there: Option<&'a FieldValue>,
    /// The desired value.
    written: Option<&'a FieldValue>,
}

/// Returns the report as the text of one JSON document.
#[must_use]
pub fn json(shown: &Shown<'_>) -> String {
    let pulled = shown.pulled.iter().filter(|pulled| !pulled.is_empty());
    let others = shown.others.iter().map(|other| JsonEnvironment {
        complete: other.is_complete,
        environment: other.name.as_deref(),
        keys: &other.keys,
    });
    json::text(&Document {
        also_changes: others.collect(),
        check: shown.is_check,
        failed: shown.failed.iter().map(Unread::of).collect(),
        files: shown.files.iter().map(|file| file.name.as_str()).collect(),
        format_version: FORMAT_VERSION,
        in_sync: shown.in_sync,
        left: shown.left.iter().map(JsonLeft::from).collect(),
        pulled: pulled.map(JsonPulled::from).collect(),
    })
}

impl<'a> From<&'a Pulled> for JsonPulled<'a> {
    fn from(pulled: &'a Pulled) -> Self {
        let recorded = pulled.recorded();
        let fields = pulled.pull.fields.values();
        let fields = fields.filter(|field| recorded.contains(&field.path));
        let source = &pulled.pull.declared.source;
        Self {
            fields: fields
                .map(|field| JsonField::of(field, pulled.edited.contains(&field.path)))
                .collect(),
            file: &source.file,
            key: &pulled.pull.key,
            line: source.line,
            id: pulled.pull.id.into(),
        }
    }
}

impl<'a> JsonField<'a> {
    fn of(field: &'a FieldDrift, edited: bool) -> Self {
        Self {
            applied: &field.applied,
            edited,
            path: &field.path,
            there: &field.observed,
            written: &field.written,
        }
    }
}

impl<'a> From<&'a Left> for JsonLeft<'a> {
    fn from(left: &'a Left) -> Self {
        let field = left.field.as_ref();
        let place = left.place.as_ref();
        let span = place.and_then(|place| place.span);
        Self {
            applied: field.map(|field| &field.applied),
            file: place.map(|place| place.file.name.as_str()),
            help: suggestion::text(&left.reason.help()),
            key: &left.key,
            line: span.map(|span| span.start.line),
            path: field.map(|field| field.path.as_str()),
            reason: left.reason.to_string(),
            there: field.map(|field| &field.observed),
            written: field.map(|field| &field.written),
        }
    }
}
