//! The project file `bluejay.yaml`: optional, everything works without it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

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
    /// The lockfile, relative to this file; its name ends in `.lock`. An
    /// environment NAME has its own beside it: `bluejay.NAME.lock`.
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
    /// The name of the project. Markers are made of it: see `ownership`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub project: Option<String>,
    /// How the API shows which project manages a simulation. With `marker`, each
    /// simulation gets a `bluejay_as_code_id` that is made of project, environment and
    /// key, and a simulation with another marker is never adopted, updated or deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ownership: Option<OwnershipMode>,
    /// API fields that lie under every simulation: maps merge, lists and single
    /// values are replaced, an explicit `null` takes the default away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "super::field_schema::defaults_schema")]
    pub defaults: Option<Map<String, Value>>,
    /// Texts for `${var:NAME}` in the simulations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vars: Option<BTreeMap<String, VarValue>>,
    /// Environments for `--env NAME`, each with a lockfile of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environments: Option<BTreeMap<String, Environment>>,
    /// The most requests a minute that are sent to the API, or `off`. The vendor
    /// allows 100 a minute and client address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = 100))]
    pub rate: Option<Rate>,
    /// Bounds that an apply may not cross.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub safety: Option<Safety>,
}

/// How the API shows which project manages a simulation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum OwnershipMode {
    /// By a marker that the update after a create sets.
    Marker,
}

/// One environment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Environment {
    /// Texts for `${var:NAME}`, over those of the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vars: Option<BTreeMap<String, VarValue>>,
    /// The address of the API for this environment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub api_url: Option<String>,
    /// The most requests a minute for this environment, or `off`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<Rate>,
    /// Never delete or replace a simulation of this environment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = false))]
    pub protect: Option<bool>,
}

/// The value of a var: a text; numbers and booleans are taken as they are written.
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

impl VarValue {
    /// The text that replaces `${var:NAME}`.
    #[must_use]
    pub fn into_text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Flag(flag) => flag.to_string(),
            Self::Number(number) => number.to_string(),
        }
    }
}

/// Bounds that an apply may not cross.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Safety {
    /// The most simulations that one apply may delete: a count, or a share of
    /// the lockfile such as `30%`. More needs `--force`. Left out: 30 % once
    /// the lockfile holds ten.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_deletes: Option<MaxDeletes>,
}

/// A bound on deletes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
pub enum MaxDeletes {
    /// At most so many.
    Count(u32),
    /// At most this share of the lockfile: `30%`.
    Percent(
        #[schemars(
            regex(pattern = r"^(100|[0-9]{1,2})%$"),
            extend("patternErrorMessage" = "expected a share from `0%` to `100%`")
        )]
        String,
    ),
}

impl MaxDeletes {
    /// The bound as a count, for a lockfile of `locked` simulations.
    #[must_use]
    pub fn count(&self, locked: usize) -> usize {
        match self {
            Self::Count(count) => *count as usize,
            Self::Percent(text) => {
                let percent = text.trim_end_matches('%').parse().unwrap_or(0_usize);
                // A share of a small lockfile is one at least: else nothing could
                // ever be deleted from it.
                (locked * percent / 100).max(usize::from(percent > 0))
            }
        }
    }
}
