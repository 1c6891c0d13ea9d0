//! The plan for programs.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use schemars::{JsonSchema, SchemaGenerator};
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::diagnostic::Diagnostic;
use crate::plan::{Action, Change, OldInstance, Plan, ProtectChange, Refusal, RenameHint, Summary};
use crate::report::Destination;
use crate::report::diagnostics_json;
use crate::report::json::{self, FORMAT_VERSION};
use crate::report::requests::EstimatedRequests;
use crate::report::suggestion;
use crate::resource::body::Body;
use crate::resource::key::{DigitalHumanId, PlainId, RemoteId, ResourceKey};
use crate::resource::simulation::DIGITAL_HUMANS;
use crate::resource::{FieldChange, FieldValue, Kind};

/// The output of `bluejayctl plan --format json`.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(title = "bluejayctl plan --format json")]
pub enum PlanOutput<'a> {
    /// A plan.
    Plan(Box<PlanDocument<'a>>),
    /// The mistakes of invalid files, which have no plan.
    Invalid(InvalidDocument<'a>),
}

/// A plan: the changes that an apply would make.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PlanDocument<'a> {
    /// The address of the API, as a lockfile records it.
    api: &'a str,
    /// Whether an apply would execute this plan.
    applyable: bool,
    /// The changes, by key. Unchanged resources are not listed.
    #[serde(serialize_with = "changes")]
    #[schemars(schema_with = "changes_schema")]
    changes: &'a [Change],
    /// The name of the environment; null without one.
    environment: Option<&'a str>,
    /// The version of this format.
    format_version: &'static str,
    /// Creates that look like renames.
    hints: Vec<JsonHint<'a>>,
    /// The keys that an earlier apply left open. The next apply settles them first.
    open: &'a [String],
    /// The resources whose `protect` changes. An apply records it without a request.
    protect_changes: Vec<JsonProtectChange<'a>>,
    /// The reasons why an apply would refuse this plan.
    refusals: Vec<JsonRefusal>,
    /// The estimated requests of an apply.
    requests: EstimatedRequests,
    /// How many resources there are of each kind of change.
    summary: Summary,
    /// The version of bluejayctl.
    tool_version: &'static str,
    /// The warnings about the address of the API.
    warnings: Vec<String>,
}

/// The document of `validate --format json`, with `applyable`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct InvalidDocument<'a> {
    /// Always false.
    applyable: bool,
    #[serde(flatten)]
    diagnostics: diagnostics_json::Document<'a>,
}

/// One change of a plan.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Change")]
struct JsonChange<'a> {
    /// What is done: `create`, `update`, `delete`, `move`, `adopt` or `orphan`. A replace
    /// is `create` and `delete`.
    actions: Vec<&'static str>,
    /// The desired state; null where no file declares the resource.
    after: Option<State<'a>>,
    /// The prior state; null for a new resource.
    before: Option<State<'a>>,
    /// The paths of the fields that differ in meaning.
    changed_fields: Vec<&'a str>,
    /// The fields that were changed at the API.
    drift: Vec<JsonDrift<'a>>,
    /// The file that declares the resource.
    file: Option<&'a str>,
    /// The id of a resource that is gone from the API and is created again.
    gone: Option<PlainId>,
    /// The id of a resource that is not a simulation.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<PlainId>,
    /// Whether a replace keeps the old instance.
    keeps_old: bool,
    /// The key after the change.
    key: &'a ResourceKey,
    /// The line of the declaration, from 1.
    line: Option<usize>,
    /// The key before the change, if it differs.
    moved_from: Option<&'a ResourceKey>,
    /// The fields that can't change in place.
    replace_because: &'a [String],
    /// The id of a simulation; null for a create and for other kinds.
    simulation_id: Option<RemoteId>,
}

/// The fields of a resource by name: those of the API, and `digital_humans`.
type State<'a> = BTreeMap<&'a str, Cow<'a, Value>>;

/// A field that was changed at the API.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "FieldDrift")]
struct JsonDrift<'a> {
    /// The prior value.
    applied: &'a FieldValue,
    /// The path of the field.
    path: &'a str,
    /// The observed value.
    there: &'a FieldValue,
    /// The desired value.
    written: &'a FieldValue,
}

/// A create that looks like a rename.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Hint")]
struct JsonHint<'a> {
    /// The way out.
    help: String,
    /// The key that would be created.
    key: &'a ResourceKey,
    /// The key in the lockfile that is probably meant.
    moved_from: &'a ResourceKey,
    /// The hint in one line.
    summary: String,
}

/// A change of `protect`.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ProtectChange")]
struct JsonProtectChange<'a> {
    /// Whether the resource is declared as protected.
    after: bool,
    /// Whether the lockfile records the resource as protected.
    before: bool,
    /// The file that declares the resource.
    file: &'a str,
    /// The key.
    key: &'a ResourceKey,
    /// The line of the declaration, from 1.
    line: usize,
}

/// A reason why an apply would refuse a plan.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Refusal")]
pub struct JsonRefusal {
    /// The way out.
    help: String,
    /// The reason in one line.
    summary: String,
}

impl<'a> PlanDocument<'a> {
    /// Returns the document of a plan. `open` are the keys that an earlier apply left
    /// open.
    #[must_use]
    pub fn of(plan: &'a Plan, destination: &'a Destination, open: &'a [String]) -> Self {
        Self {
            api: &destination.api,
            applyable: plan.is_applyable(),
            changes: &plan.changes,
            environment: destination.environment.as_deref(),
            format_version: FORMAT_VERSION,
            hints: plan.hints.iter().map(JsonHint::of).collect(),
            open,
            protect_changes: plan.protect_changes.iter().map(From::from).collect(),
            refusals: plan.refusals.iter().map(JsonRefusal::of).collect(),
            requests: destination.requests(plan),
            summary: plan.summary(),
            tool_version: env!("CARGO_PKG_VERSION"),
            warnings: destination.warnings(),
        }
    }
}

/// Serialises the changes one after the other: a plan may have many thousands.
fn changes<S: Serializer>(changes: &[Change], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(changes.iter().map(JsonChange::of))
}

fn changes_schema(generator: &mut SchemaGenerator) -> schemars::Schema {
    generator.subschema_for::<Vec<JsonChange<'_>>>()
}

/// Returns the JSON that stands in the place of a plan when files are invalid.
#[must_use]
pub fn invalid_json(diagnostics: &[Diagnostic]) -> String {
    json::text(&PlanOutput::Invalid(InvalidDocument {
        applyable: false,
        diagnostics: diagnostics_json::Document::of(diagnostics),
    }))
}

impl<'a> JsonChange<'a> {
    fn of(change: &'a Change) -> Self {
        let (because, old_instance) = match &change.action {
            Action::Replace {
                because,
                old_instance,
            } => (because.as_slice(), Some(*old_instance)),
            _ => (&[][..], None),
        };
        let is_simulation = change.key.kind() == Kind::Simulation;
        let fields = change.fields.iter();
        let source = change.source.as_ref();
        Self {
            actions: change.action_words(),
            after: change
                .after
                .as_ref()
                .map(|body| state(body, &change.declared_humans)),
            before: change
                .before
                .as_ref()
                .map(|body| state(body, &change.recorded_humans)),
            changed_fields: fields.clone().map(|field| field.path.as_str()).collect(),
            drift: fields.filter_map(JsonDrift::of).collect(),
            file: source.map(|source| &*source.file),
            gone: change.gone.map(RemoteId::plain),
            id: change.id.filter(|_| !is_simulation).map(RemoteId::plain),
            keeps_old: old_instance == Some(OldInstance::Keep),
            key: &change.key,
            line: source.map(|source| source.line),
            moved_from: change.moved_from.as_ref(),
            replace_because: because,
            simulation_id: change.id.filter(|_| is_simulation),
        }
    }
}

fn state<'a>(body: &'a Body, humans: &BTreeSet<DigitalHumanId>) -> State<'a> {
    let fields = body.0.iter();
    let mut state: State<'a> = fields
        .map(|(name, value)| (name.as_str(), Cow::Borrowed(value)))
        .collect();
    if !humans.is_empty() {
        let ids = humans.iter().map(|id| id.0.into()).collect();
        state.insert(DIGITAL_HUMANS, Cow::Owned(Value::Array(ids)));
    }
    state
}

impl<'a> JsonDrift<'a> {
    fn of(field: &'a FieldChange) -> Option<Self> {
        Some(Self {
            applied: &field.before,
            path: &field.path,
            there: field.observed.as_ref()?,
            written: &field.after,
        })
    }
}

impl<'a> JsonHint<'a> {
    fn of(hint: &'a RenameHint) -> Self {
        Self {
            help: hint.help(),
            key: &hint.key,
            moved_from: &hint.meant,
            summary: hint.to_string(),
        }
    }
}

impl<'a> From<&'a ProtectChange> for JsonProtectChange<'a> {
    fn from(change: &'a ProtectChange) -> Self {
        Self {
            after: change.is_protected,
            before: !change.is_protected,
            file: &change.source.file,
            key: &change.key,
            line: change.source.line,
        }
    }
}

impl JsonRefusal {
    pub(in crate::report) fn of(refusal: &Refusal) -> Self {
        Self {
            help: suggestion::text(&refusal.help()),
            summary: refusal.to_string(),
        }
    }
}
