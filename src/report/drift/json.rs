//! The drift report for programs.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::Shown;
use crate::apply::Untracked;
use crate::plan::{DriftedSimulation, FieldDrift};
use crate::report::json::{self, FORMAT_VERSION, IdMembers, Unread};
use crate::report::requests::SentRequests;
use crate::resource::FieldValue;
use crate::resource::key::ResourceKey;

/// The output of `bluejayctl drift --format json`.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "bluejayctl drift --format json")]
pub struct Document<'a> {
    /// The resources that differ from the prior state, by key.
    drifted: Vec<JsonDrifted<'a>>,
    /// The resources that could not be read.
    failed: Vec<Unread<'a>>,
    /// The version of this format.
    format_version: &'static str,
    /// How many resources equal the prior state in every field that can be read.
    in_sync: usize,
    /// How many declared resources the lockfile does not record, so that they were not
    /// compared.
    #[serde(skip_serializing_if = "is_zero")]
    not_recorded: usize,
    /// The recorded fields that the API does not show, each with the number of resources.
    not_visible: &'a BTreeMap<String, usize>,
    /// Whether only listings were read, with `--quick`: `not_visible` then has all fields
    /// that listings do not show.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    quick: bool,
    /// The requests that were sent.
    requests: SentRequests,
    /// The untracked resources that look like tracked ones.
    untracked: Vec<JsonUntracked<'a>>,
}

/// A resource that differs from the prior state.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Drifted")]
struct JsonDrifted<'a> {
    /// The fields that differ.
    fields: Vec<JsonField<'a>>,
    /// The file that declares the resource.
    file: Option<&'a str>,
    /// Whether the resource is gone from the API.
    gone: bool,
    /// The key.
    key: &'a ResourceKey,
    /// The line of the declaration, from 1.
    line: Option<usize>,
    #[serde(flatten)]
    id: IdMembers,
}

/// A field that differs.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "FieldDrift")]
struct JsonField<'a> {
    /// The prior value.
    applied: &'a FieldValue,
    /// The path of the field.
    path: &'a str,
    /// The observed value.
    there: &'a FieldValue,
    /// The desired value.
    written: &'a FieldValue,
}

/// An untracked resource that looks like a tracked one.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Untracked")]
struct JsonUntracked<'a> {
    /// The agent.
    agent_id: &'a str,
    /// The key of the tracked resource.
    looks_like: &'a ResourceKey,
    /// The display name.
    name: &'a str,
    #[serde(flatten)]
    id: IdMembers,
}

/// Returns the report as the text of one JSON document.
#[must_use]
pub fn json(shown: &Shown<'_>) -> String {
    let report = shown.report;
    json::text(&Document {
        drifted: report.drifted.iter().map(From::from).collect(),
        failed: shown.failed.iter().map(Unread::of).collect(),
        format_version: FORMAT_VERSION,
        in_sync: report.in_sync,
        not_visible: &report.not_visible,
        not_recorded: shown.coverage.unrecorded,
        quick: shown.is_quick,
        requests: shown.sent.into(),
        untracked: shown.untracked.iter().map(From::from).collect(),
    })
}

#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl<'a> From<&'a DriftedSimulation> for JsonDrifted<'a> {
    fn from(drifted: &'a DriftedSimulation) -> Self {
        let source = drifted.source.as_ref();
        Self {
            fields: drifted.fields.iter().map(From::from).collect(),
            file: source.map(|source| &*source.file),
            gone: drifted.is_gone,
            key: &drifted.key,
            line: source.map(|source| source.line),
            id: drifted.id.into(),
        }
    }
}

impl<'a> From<&'a FieldDrift> for JsonField<'a> {
    fn from(field: &'a FieldDrift) -> Self {
        Self {
            applied: &field.applied,
            path: &field.path,
            there: &field.observed,
            written: &field.written,
        }
    }
}

impl<'a> From<&'a Untracked> for JsonUntracked<'a> {
    fn from(untracked: &'a Untracked) -> Self {
        Self {
            agent_id: &untracked.agent_id,
            looks_like: &untracked.looks_like,
            name: &untracked.name,
            id: untracked.id.into(),
        }
    }
}
