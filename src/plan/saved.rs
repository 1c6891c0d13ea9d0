//! A saved plan: the decision and the digests of its inputs, as a file.
//!
//! An apply does not execute the file. The apply makes a new plan, and continues only
//! if the inputs and the decision are the same.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::adoption::AdoptionPolicy;
use super::change::{Action, Change, DigitalHumansPatch, OldInstance, Plan};
use crate::lock::{self, ApiAddress, Lockfile};
use crate::resource::desired::DesiredState;

/// The version of the format that this program writes for a plan with variables that were
/// given outside of the project file.
const FORMAT_VERSION: u64 = 3;

/// The version of all other plans. An apply executes this version, too.
const WITHOUT_VARIABLES: u64 = 2;

/// The options of the saved plan.
// Each member is a flag of the command line.
#[allow(clippy::struct_excessive_bools)]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedOptions {
    /// `--target`.
    pub targets: Vec<String>,
    /// `--prune`.
    pub prune: bool,
    /// `--refresh`.
    pub refresh: bool,
    /// `--force`.
    pub force: bool,
    /// Whether every change is a replace.
    pub recreate: bool,
    /// `--adopt`, if `--refresh` is given and the value is not the default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adopt: Option<AdoptionPolicy>,
}

/// The inputs of the saved plan, as digests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputDigests {
    /// The address of the API.
    pub api: ApiAddress,
    /// The environment.
    pub environment: Option<String>,
    /// The digest of the desired state, after the replacement of variables.
    pub desired: String,
    /// The digest of the lockfile, with the outcomes of a journal.
    pub lockfile: String,
    /// The digests of the variables that were given outside of the project file and that the
    /// files use, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, String>,
}

/// A saved plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedPlan<P = Value> {
    /// The version of the format.
    pub plan_version: u64,
    /// The options.
    pub options: SavedOptions,
    /// The inputs.
    pub inputs: InputDigests,
    /// The digest of the decision.
    pub decision: String,
    /// The plan for readers of the file. An apply ignores this member.
    pub plan: P,
}

/// Why a saved plan can't be applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SavedPlanError {
    /// The file is not a saved plan.
    Broken(String),
    /// Another version of the program wrote the file.
    Version {
        /// The version that the file states.
        found: u64,
    },
    /// Inputs have changed since the plan was saved.
    Changed {
        /// The names of these inputs.
        inputs: Vec<&'static str>,
        /// The variables that were given with other values, or only once.
        variables: Vec<ChangedVariable>,
    },
}

/// A variable that was given differently when the plan was saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangedVariable {
    /// The plan was saved with another value.
    Differs(String),
    /// The plan was saved with this variable, which is not given now.
    Missing(String),
    /// The plan was saved without this variable, which is given now.
    New(String),
}

impl fmt::Display for ChangedVariable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Differs(name) => write!(f, "the variable `{name}` had another value"),
            Self::Missing(name) => {
                write!(f, "the variable `{name}` was given, and is not given now")
            }
            Self::New(name) => write!(f, "the variable `{name}` was not given, and is given now"),
        }
    }
}

impl fmt::Display for SavedPlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken(reason) => write!(f, "it is no saved plan: {reason}"),
            Self::Version { found } => write!(
                f,
                "it was made by another version of bluejayctl: it has plan version {found}, and \
                 this program reads {WITHOUT_VARIABLES} and {FORMAT_VERSION}"
            ),
            Self::Changed { inputs, variables } => {
                write!(f, "since it was saved, {} changed", inputs.join(" and "))?;
                variables
                    .iter()
                    .try_for_each(|variable| write!(f, "; {variable}"))
            }
        }
    }
}

impl std::error::Error for SavedPlanError {}

impl InputDigests {
    /// Returns the digests of the inputs of a plan. `open` contains the open intents of
    /// the journal, `variables` the used variables that were given outside of the project
    /// file.
    #[must_use]
    pub fn of(
        desired: &DesiredState,
        lockfile: &Lockfile,
        open: &[String],
        api: &ApiAddress,
        environment: Option<&str>,
        variables: &BTreeMap<String, String>,
    ) -> Self {
        let simulations = desired.resources.iter().map(|(key, wanted)| {
            let mut digested = json!({
                "key": key,
                "body": wanted.body,
                "digital_humans": wanted.digital_humans,
                "exclusive": wanted.is_exclusive,
                "moved_from": wanted.moved_from,
                "protect": wanted.is_protected,
            });
            if !wanted.digital_human_keys.is_empty() {
                digested["digital_human_keys"] = json!(wanted.digital_human_keys);
            }
            digested
        });
        let locked = lock::render(lockfile).unwrap_or_default();
        Self {
            api: api.clone(),
            environment: environment.map(str::to_owned),
            desired: digest_of_list(simulations),
            lockfile: digest(&format!("{locked}{}", open.join("\n"))),
            variables: variables.iter().map(digest_of_variable).collect(),
        }
    }

    /// Returns the variables that were given differently for the saved plan.
    fn changed_variables(&self, saved: &Self) -> Vec<ChangedVariable> {
        let (now, then) = (&self.variables, &saved.variables);
        let given = then.iter().filter_map(|(name, value)| match now.get(name) {
            Some(now) if now == value => None,
            Some(_) => Some(ChangedVariable::Differs(name.clone())),
            None => Some(ChangedVariable::Missing(name.clone())),
        });
        let new = now.keys().filter(|name| !then.contains_key(*name));
        given
            .chain(new.cloned().map(ChangedVariable::New))
            .collect()
    }

    /// Returns the names of the inputs that have changed.
    fn changed_since(&self, saved: &Self) -> Vec<&'static str> {
        let mut changed = Vec::new();
        for (is_same, what) in [
            (self.desired == saved.desired, "the simulations"),
            (self.lockfile == saved.lockfile, "the lockfile"),
            (self.environment == saved.environment, "the environment"),
            (self.api == saved.api, "the API address"),
        ] {
            if !is_same {
                changed.push(what);
            }
        }
        changed
    }
}

impl<P> SavedPlan<P> {
    /// Returns a plan to save. `shown` is the plan as the JSON report.
    #[must_use]
    pub fn new(options: SavedOptions, inputs: InputDigests, plan: &Plan, shown: P) -> Self {
        Self {
            plan_version: if inputs.variables.is_empty() {
                WITHOUT_VARIABLES
            } else {
                FORMAT_VERSION
            },
            options,
            inputs,
            decision: decision(plan),
            plan: shown,
        }
    }
}

impl SavedPlan {
    /// Parses the text of a saved plan.
    pub fn parse(text: &str) -> Result<Self, SavedPlanError> {
        let broken = |error: serde_json::Error| SavedPlanError::Broken(error.to_string());
        let value: Value = serde_json::from_str(text).map_err(broken)?;
        match value.get("plan_version").and_then(Value::as_u64) {
            Some(1..=FORMAT_VERSION) => serde_json::from_value(value).map_err(broken),
            Some(found) => Err(SavedPlanError::Version { found }),
            None => Err(SavedPlanError::Broken(
                "it has no `plan_version`".to_owned(),
            )),
        }
    }

    /// Returns an error if an input has changed, or if another version of the program
    /// computed the digests.
    pub fn check_inputs(&self, now: &InputDigests) -> Result<(), SavedPlanError> {
        if self.plan_version < WITHOUT_VARIABLES {
            let found = self.plan_version;
            return Err(SavedPlanError::Version { found });
        }
        let inputs = now.changed_since(&self.inputs);
        if inputs.is_empty() {
            return Ok(());
        }
        let is_other = now.desired != self.inputs.desired;
        let variables = if is_other {
            now.changed_variables(&self.inputs)
        } else {
            Vec::new()
        };
        Err(SavedPlanError::Changed { inputs, variables })
    }

    /// Returns an error if the plan differs from the saved plan.
    pub fn check_decision(&self, plan: &Plan) -> Result<(), SavedPlanError> {
        if decision(plan) == self.decision {
            Ok(())
        } else {
            Err(SavedPlanError::Changed {
                inputs: vec!["what the API holds"],
                variables: Vec::new(),
            })
        }
    }
}

/// Returns the digest of what a plan does. Parts of the plan that only reports show do
/// not change the digest.
fn decision(plan: &Plan) -> String {
    digest_of_list(plan.changes.iter().map(decided))
}

/// Returns what a change does, in the form that [`FORMAT_VERSION`] digests. An edit of
/// this form requires a new version. The place of the declaration is not included.
fn decided(change: &Change) -> Value {
    let fields = change.fields.iter();
    let fields: Vec<_> = fields
        .map(|field| {
            json!({
                "path": field.path,
                "before": field.before,
                "after": field.after,
                "there": field.observed,
            })
        })
        .collect();
    json!({
        "key": change.key,
        "action": action(&change.action),
        "moved_from": change.moved_from,
        "simulation_id": change.id,
        "gone": change.gone,
        "adopted": change.adopted,
        "before": change.before,
        "after": change.after,
        "fields": fields,
        "digital_humans": change.humans.as_ref().map(digital_humans),
        "protect": change.is_protected,
    })
}

fn digital_humans(patch: &DigitalHumansPatch) -> Value {
    let mut digested = json!({
        "add": patch.add,
        "remove": patch.remove,
        "wanted": patch.wanted,
        "exclusive": patch.is_exclusive,
    });
    // A plan of simulations alone keeps its digest.
    if !patch.pending.is_empty() {
        digested["pending"] = json!(patch.pending);
    }
    digested
}

fn action(action: &Action) -> Value {
    match action {
        Action::Create => json!("create"),
        Action::Update { patch } => json!({ "update": patch }),
        Action::Replace {
            because,
            old_instance,
        } => json!({
            "replace": because,
            "deletes_old": *old_instance == OldInstance::Delete,
        }),
        Action::Delete => json!("delete"),
        Action::Orphan => json!("orphan"),
        Action::Move => json!("move"),
        Action::Adopt => json!("adopt"),
    }
}

/// Returns a variable with a digest of its value. The digest is short: a saved plan must not
/// identify the value.
fn digest_of_variable((name, value): (&String, &String)) -> (String, String) {
    let mut digest = digest(&format!("{name}={value}"));
    digest.truncate(8);
    (name.clone(), digest)
}

fn digest(text: &str) -> String {
    hex(Sha256::new_with_prefix(text))
}

/// Returns the digest of a JSON array, item by item: a plan may have many thousands.
fn digest_of_list(items: impl Iterator<Item = Value>) -> String {
    let mut hash = Sha256::new_with_prefix("[");
    for (index, item) in items.enumerate() {
        let comma = if index == 0 { "" } else { "," };
        hash.update(format!("{comma}{item}"));
    }
    hash.update("]");
    hex(hash)
}

fn hex(hash: Sha256) -> String {
    let bytes = hash.finalize();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::body::Body;
    use crate::resource::key::{RemoteId, ResourceKey};
    use crate::resource::{FieldChange, FieldValue};

    /// A saved plan as version 1 of the format wrote it. It stays readable for ever.
    #[test]
    fn a_frozen_plan_of_version_1_is_read_and_written_byte_for_byte() {
        let text = include_str!("../../tests/fixtures/v1/plan.json");
        let saved = SavedPlan::parse(text).unwrap();
        let written = serde_json::to_string_pretty(&saved).unwrap();
        assert_eq!(written + "\n", text);
        assert!(saved.options.prune && !saved.options.refresh);
        assert_eq!(saved.inputs.api, ApiAddress::new("sandbox"));
        assert_eq!(saved.plan["summary"]["create"], 3);
    }

    fn plan() -> Plan {
        let patch: Body = serde_json::from_value(json!({"max_concurrent": 5})).unwrap();
        let change = Change {
            id: Some(RemoteId::simulation(7)),
            fields: vec![FieldChange {
                path: "max_concurrent".to_owned(),
                before: FieldValue::Unknown,
                after: FieldValue::Given(json!(5)),
                observed: None,
            }],
            ..Change::new(ResourceKey::from("a"), Action::Update { patch })
        };
        let changes = vec![change];
        Plan {
            changes,
            ..Plan::default()
        }
    }

    /// A digest that changes makes every saved plan of this version useless: then the
    /// version has to change too.
    #[test]
    fn the_digest_of_this_version_stays_what_it_is() {
        assert_eq!((WITHOUT_VARIABLES, FORMAT_VERSION), (2, 3));
        assert_eq!(
            decision(&plan()),
            "471200cfd8fe21ee8e8acab69ebd8d412fe24e2e324807874c43a91b09992926"
        );
    }

    #[test]
    fn a_plan_of_an_older_version_is_not_applied() {
        let text = include_str!("../../tests/fixtures/v1/plan.json");
        let saved = SavedPlan::parse(text).unwrap();
        let error = saved.check_inputs(&saved.inputs).unwrap_err();
        let said = error.to_string();
        assert!(said.starts_with("it was made by another version"), "{said}");
        assert!(said.contains("plan version 1"), "{said}");
    }
}
