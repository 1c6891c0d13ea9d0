//! The outcome of an executed plan.

use std::fmt;

use super::settle::UndecidedCreate;
use super::{LedgerError, Operation};
use crate::api::ApiError;
use crate::plan::{RetainedField, Undecided, UndecidedReason};
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

/// A failed change.
#[derive(Debug)]
pub struct Failed {
    /// The simulation.
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
    /// The search for existing simulations failed, so no request was sent.
    Lookup(ApiError),
    /// The journal could not be written.
    Journal(LedgerError),
    /// The update was executed, but the API retained these fields.
    Retained(Vec<RetainedField>),
    /// A person has to decide about untracked simulations before a request is sent.
    Undecided(Undecided),
    /// The create was sent, and a person has to decide about its effect.
    UndecidedCreate(UndecidedCreate),
    /// Another lockfile of the repository adopted the simulation at the same time.
    Claimed,
    /// The change of a resource that it refers to failed, so no request was sent.
    Blocked {
        /// That resource.
        by: ResourceKey,
    },
    /// The simulation has the marker of another project, so no request was sent.
    OtherOwner(RemoteId),
    /// The API answered the create with the id of another key.
    Owned {
        /// The id.
        id: RemoteId,
        /// The key that has the id.
        owner: ResourceKey,
    },
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Api(error) => error.fmt(f),
            Self::Open(error) => {
                write!(f, "it is unknown whether the request was executed: {error}")
            }
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
