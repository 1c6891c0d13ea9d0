//! The project file `bluejay.yaml`, which is optional.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::command_settings::CommandSettings;
use crate::pace::Rate;

/// The settings of a repository of simulations.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "bluejayctl project file")]
pub struct ProjectFile {
    /// The folder with the simulations, relative to this file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1), extend("default" = "simulations"))]
    pub simulations: Option<String>,
    /// The lockfile, relative to this file; its name ends in `.lock`. An environment NAME
    /// has a separate lockfile in the same folder: `bluejay.NAME.lock`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        regex(pattern = r"[^/\\]\.lock$"),
        extend(
            "default" = "bluejay.lock",
            "patternErrorMessage" = "the name of a lockfile ends in `.lock`"
        )
    )]
    pub lockfile: Option<String>,
    /// The address of the API, with or without a trailing `/v1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1), extend("default" = "https://api.getbluejay.ai"))]
    pub api_url: Option<String>,
    /// The name of the project, which is a part of its markers: see `ownership`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub project: Option<String>,
    /// How the API shows which project manages a simulation or a digital human. With
    /// `marker`, each of them gets a `bluejay_as_code_id` that is made from project,
    /// environment, kind and key. A resource with another marker is never adopted, updated
    /// or deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ownership: Option<OwnershipMode>,
    /// Default values of the API fields of every simulation. Maps are merged. Lists and
    /// single values of the simulation replace the default. An explicit `null` removes the
    /// default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "super::field_schema::defaults_schema")]
    pub defaults: Option<Map<String, Value>>,
    /// Settings for the documents of the other kinds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "super::field_schema::kinds_schema")]
    pub kinds: Option<Map<String, Value>>,
    /// Values for `${var:NAME}` in the documents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vars: Option<BTreeMap<String, VarValue>>,
    /// Environments for `--env NAME` or `BLUEJAY_ENV=NAME`, each with a separate lockfile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environments: Option<BTreeMap<String, Environment>>,
    /// The largest number of requests per minute, or `off`. The vendor allows 100 per
    /// minute and client address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = 100))]
    pub rate: Option<Rate>,
    /// Defaults of options of the command line. An option wins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<CommandSettings>,
    /// Limits that an apply must not exceed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub safety: Option<Safety>,
}

/// How the API shows which project manages a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum OwnershipMode {
    /// By a marker that the create, or the update after a create, sets.
    Marker,
}

/// An environment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Environment {
    /// Values for `${var:NAME}`. They override the values of the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vars: Option<BTreeMap<String, VarValue>>,
    /// Default values of the API fields of every simulation in this environment. They
    /// override the defaults of the file, and are merged in the same way: an explicit
    /// `null` removes a default of the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "super::field_schema::same_defaults")]
    pub defaults: Option<Map<String, Value>>,
    /// Settings for the documents of the other kinds in this environment. They override
    /// those of the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "super::field_schema::same_kinds")]
    pub kinds: Option<Map<String, Value>>,
    /// The resources of this environment: keys and patterns as for `--target`, such as
    /// `clinic/**` and `digital_human:clinic/**`. The environment does not declare a
    /// resource that no pattern matches. Without `select`, the environment declares every
    /// resource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "super::field_schema::patterns")]
    pub select: Option<Vec<String>>,
    /// Defaults of options of the command line in this environment. They override those of
    /// the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<CommandSettings>,
    /// The address of the API for this environment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub api_url: Option<String>,
    /// The largest number of requests per minute for this environment, or `off`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<Rate>,
    /// Never delete or replace a resource of this environment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = false))]
    pub protect: Option<bool>,
}

/// The value of a variable: a text, a number, `true` or `false`. A value that is one
/// `${var:NAME}` and nothing else has the type of the variable, where its field takes a
/// number, `true` or `false`. Inside a text, the value is written out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
pub enum VarValue {
    /// A text.
    Text(String),
    /// `true` or `false`.
    Flag(bool),
    /// A number.
    Number(serde_json::Number),
}

/// Limits that an apply must not exceed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Safety {
    /// The largest number of resources that one apply may delete: a number, or a
    /// percentage of the lockfile such as `30%`. A larger number needs `--force`. The
    /// default is 30 % for a lockfile of at least ten resources.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_deletes: Option<MaxDeletes>,
}

/// A limit on deletes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
pub enum MaxDeletes {
    /// At most this number.
    Count(u32),
    /// At most this percentage of the lockfile: `30%`.
    Percent(
        #[schemars(
            regex(pattern = r"^(100|[0-9]{1,2})%$"),
            extend("patternErrorMessage" = "expected a percentage from `0%` to `100%`")
        )]
        String,
    ),
}

impl MaxDeletes {
    /// Returns the limit as a number, for a lockfile with `locked` resources.
    #[must_use]
    pub fn count(&self, locked: usize) -> usize {
        match self {
            Self::Count(count) => *count as usize,
            Self::Percent(text) => {
                let percent = text.trim_end_matches('%').parse().unwrap_or(0_usize);
                // At least one, because otherwise nothing could be deleted from a small
                // lockfile.
                (locked * percent / 100).max(usize::from(percent > 0))
            }
        }
    }
}
