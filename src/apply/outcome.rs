//! The outcome of an executed plan.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::settle::UndecidedCreate;
use super::{LedgerError, Operation, operation};
use crate::api::ApiError;
use crate::plan::{Plan, RetainedField, Undecided, UndecidedReason};
use crate::resource::Kind;
use crate::resource::key::{RemoteId, ResourceKey};

/// The outcome of a plan.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The executed operations, by key.
    pub done: Vec<(ResourceKey, Operation)>,
    /// The failed changes.
    pub failed: Vec<Failed>,
    /// The changes that were not started, by key.
    pub not_started: Vec<(ResourceKey, Operation)>,
    /// Whether this run recorded an outcome that changed the API. A change with an unknown
    /// effect is among the failures.
    pub has_changed: bool,
}

/// The result of a change. If the results of its steps differ, the last of these counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeResult {
    /// Each step was executed.
    Done(Operation),
    /// A step was not started.
    NotStarted,
    /// Nothing was sent, because a change that this change needs failed.
    Skipped,
    /// A step failed.
    Failed,
    /// A person has to decide.
    Undecided,
    /// The effect of a request is unknown.
    Open,
}

impl Outcome {
    /// Returns the result of each change, by key. A change with several steps has one
    /// result.
    #[must_use]
    pub fn results(&self) -> BTreeMap<&ResourceKey, ChangeResult> {
        let mut results = BTreeMap::new();
        for (key, operation) in &self.done {
            // The delete of an old instance is a step of a replace.
            results.entry(key).or_insert(ChangeResult::Done(*operation));
        }
        let not_started = self.not_started.iter();
        let not_started = not_started.map(|(key, _)| (key, ChangeResult::NotStarted));
        let failed = self.failed.iter();
        let failed = failed.map(|failed| (&failed.key, failed.failure.result()));
        for (key, result) in not_started.chain(failed) {
            let known = results.entry(key).or_insert(result);
            *known = result.max(*known);
        }
        results
    }

    /// Adds the results of an execution that was stopped. A change with an open intent
    /// counts as open, unless its failure says so already. A change without a result
    /// counts as not started.
    pub fn cut_off(&mut self, plan: &Plan, open: &BTreeSet<ResourceKey>) {
        let known = self.results().into_iter();
        let known: BTreeMap<_, _> = known.map(|(key, result)| (key.clone(), result)).collect();
        let is_reported = |result: &ChangeResult| *result >= ChangeResult::Undecided;
        for change in plan.changes.iter().filter(|change| change.is_work()) {
            let (key, operation) = (change.key.clone(), operation(change));
            if known.get(&key).is_some_and(is_reported) {
                continue;
            }
            if open.contains(&key) {
                let failure = Failure::CutOff;
                self.failed.push(Failed {
                    key,
                    operation,
                    failure,
                });
            } else if !known.contains_key(&key) {
                self.not_started.push((key, operation));
            }
        }
    }
}

/// A failed change.
#[derive(Debug)]
pub struct Failed {
    /// The key.
    pub key: ResourceKey,
    /// The operation.
    pub operation: Operation,
    /// The reason.
    pub failure: Failure,
}

/// The reason why a change failed.
#[derive(Debug)]
pub enum Failure {
    /// The API refused the request, or the request could not be sent.
    Api(ApiError),
    /// The request was sent, and its effect is unknown.
    Open(ApiError),
    /// The request was sent, and the apply ended before the answer.
    CutOff,
    /// The search for existing resources failed, so no request was sent.
    Lookup(ApiError),
    /// The journal could not be written.
    Journal(LedgerError),
    /// The update was executed, but the API retained these fields.
    Retained(Vec<RetainedField>),
    /// A person has to decide about untracked resources before a request is sent.
    Undecided(Undecided),
    /// The create was sent, and a person has to decide about its effect.
    UndecidedCreate(UndecidedCreate),
    /// Another lockfile of the repository adopted the resource at the same time.
    Claimed,
    /// The change of a resource that it refers to failed, so no request was sent.
    Blocked {
        /// That resource.
        by: ResourceKey,
    },
    /// The resource has the marker of another project, so no request was sent.
    OtherOwner(RemoteId),
    /// The API answered the create with the id of another key.
    Owned {
        /// The id.
        id: RemoteId,
        /// The key that has the id.
        owner: ResourceKey,
    },
}

impl Failure {
    fn result(&self) -> ChangeResult {
        match self {
            Self::Open(_) | Self::CutOff | Self::Owned { .. } => ChangeResult::Open,
            Self::Undecided(_) | Self::UndecidedCreate(_) => ChangeResult::Undecided,
            Self::Blocked { .. } => ChangeResult::Skipped,
            Self::Api(_)
            | Self::Lookup(_)
            | Self::Journal(_)
            | Self::Retained(_)
            | Self::Claimed
            | Self::OtherOwner(_) => ChangeResult::Failed,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Api(error) => error.fmt(f),
            Self::Open(error) => {
                write!(f, "it is unknown whether the request was executed: {error}")
            }
            Self::CutOff => f.write_str(
                "it is unknown whether the request was executed: the apply ended before the \
                 answer",
            ),
            Self::Lookup(error) => {
                write!(f, "nothing was sent, because the lookup failed: {error}")
            }
            Self::Journal(error) => write!(f, "could not write the journal: {error}"),
            Self::Retained(fields) => {
                let said: Vec<_> = fields.iter().map(ToString::to_string).collect();
                write!(f, "the API accepted the update, but {}", said.join(", "))
            }
            Self::Undecided(Undecided { reason, candidates }) => {
                let kind = candidates
                    .first()
                    .map_or(Kind::Simulation, |one| one.id.kind());
                let noun = kind.noun();
                match reason {
                    UndecidedReason::SameName if candidates.len() > 1 => {
                        write!(f, "several untracked {} have the same name", kind.plural())
                    }
                    UndecidedReason::SameName => {
                        write!(f, "an untracked {noun} of the same name has other fields")
                    }
                    UndecidedReason::OtherName => write!(
                        f,
                        "an untracked {noun} is identical except for the name, and the API may \
                         have normalised the name"
                    ),
                    UndecidedReason::OtherOwner => write!(
                        f,
                        "an untracked {noun} of the same name has the marker of another project, \
                         environment or key"
                    ),
                    UndecidedReason::Nameless => write!(
                        f,
                        "it has no name, and an untracked {noun} of its agent is identical"
                    ),
                }
            }
            Self::UndecidedCreate(UndecidedCreate {
                locked: Some(locked),
                ..
            }) => write!(
                f,
                "its create succeeded, but the lockfile already has {locked:#} for the key"
            ),
            Self::UndecidedCreate(_) => {
                f.write_str("its create was sent, and the API does not show the outcome")
            }
            Self::Claimed => {
                f.write_str("another lockfile of this repository adopted the simulation first")
            }
            Self::Blocked { by } => write!(f, "nothing was sent, because `{by}` failed"),
            Self::OtherOwner(id) => write!(
                f,
                "{id:#} has the marker of another project, environment or key, so \
                 nothing was sent"
            ),
            Self::Owned { id, owner } => write!(
                f,
                "the API answered the create with {id:#}, which belongs to `{owner}`"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Action, Change, RetainedField};

    /// Returns a failure of each kind with its result.
    fn failures() -> Vec<(Failure, ChangeResult)> {
        let error = || ApiError::Interrupted;
        let id = RemoteId::simulation(1);
        let undecided = || Undecided {
            candidates: Vec::new(),
            reason: UndecidedReason::SameName,
        };
        let create = || UndecidedCreate {
            candidates: Vec::new(),
            locked: None,
        };
        let (by, owner) = ("other".into(), "other".into());
        vec![
            (Failure::Api(error()), ChangeResult::Failed),
            (Failure::Open(error()), ChangeResult::Open),
            (Failure::CutOff, ChangeResult::Open),
            (Failure::Lookup(error()), ChangeResult::Failed),
            (Failure::Journal(LedgerError::Gone), ChangeResult::Failed),
            (
                Failure::Retained(Vec::<RetainedField>::new()),
                ChangeResult::Failed,
            ),
            (Failure::Undecided(undecided()), ChangeResult::Undecided),
            (Failure::UndecidedCreate(create()), ChangeResult::Undecided),
            (Failure::Claimed, ChangeResult::Failed),
            (Failure::Blocked { by }, ChangeResult::Skipped),
            (Failure::OtherOwner(id), ChangeResult::Failed),
            (Failure::Owned { id, owner }, ChangeResult::Open),
        ]
    }

    fn failed(key: &str, failure: Failure) -> Failed {
        Failed {
            key: key.into(),
            operation: Operation::Attach,
            failure,
        }
    }

    #[test]
    fn a_change_has_one_result_whatever_its_steps_were() {
        for (failure, expected) in failures() {
            let outcome = Outcome {
                done: vec![("a".into(), Operation::Create)],
                not_started: vec![("a".into(), Operation::Attach)],
                failed: vec![failed("a", failure)],
                has_changed: true,
            };
            let results = outcome.results();
            assert_eq!(results, BTreeMap::from([(&"a".into(), expected)]));
        }
        let replaced = Outcome {
            done: vec![
                ("a".into(), Operation::Replace),
                ("a".into(), Operation::Delete),
            ],
            ..Outcome::default()
        };
        let results: Vec<_> = replaced.results().into_values().collect();
        assert_eq!(results, [ChangeResult::Done(Operation::Replace)]);
    }

    #[test]
    fn an_ended_execution_has_a_result_for_each_change_of_the_plan() {
        let keys = ["begun", "done", "failed", "partly", "waiting"];
        let changes = keys.map(|key| Change::new(key.into(), Action::Create));
        let plan = Plan {
            changes: changes.to_vec(),
            ..Plan::default()
        };
        let mut outcome = Outcome {
            done: vec![
                ("done".into(), Operation::Create),
                ("partly".into(), Operation::Create),
            ],
            failed: vec![failed("failed", Failure::Claimed)],
            ..Outcome::default()
        };
        let open = ["begun", "partly"].map(ResourceKey::from);
        outcome.cut_off(&plan, &BTreeSet::from(open));
        let results = outcome.results();
        let results: Vec<_> = results
            .iter()
            .map(|(key, result)| (key.as_str(), *result))
            .collect();
        assert_eq!(
            results,
            [
                ("begun", ChangeResult::Open),
                ("done", ChangeResult::Done(Operation::Create)),
                ("failed", ChangeResult::Failed),
                ("partly", ChangeResult::Open),
                ("waiting", ChangeResult::NotStarted),
            ]
        );
    }
}
