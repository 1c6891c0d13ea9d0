//! A plan that refuses to be unsafe, before anything is sent.

use std::fmt;

use super::change::{Action, Change};
use crate::spec::key::SimulationKey;
use crate::spec::project::MaxDeletes;

/// The share of the lockfile, in percent, that one apply may delete when the
/// project file says nothing, once the lockfile holds ten.
pub const DEFAULT_MAX_DELETES: usize = 30;

/// How many simulations a lockfile holds before the default bound applies.
const DEFAULT_FROM: usize = 10;

/// How many deletes one apply may make.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum DeleteBound {
    /// The project file says nothing.
    #[default]
    Default,
    /// `safety.max_deletes` of the project file.
    Project(MaxDeletes),
    /// `--force`.
    Unbounded,
}

impl DeleteBound {
    fn count(&self, locked: usize) -> usize {
        match self {
            Self::Default if locked < DEFAULT_FROM => usize::MAX,
            Self::Default => locked * DEFAULT_MAX_DELETES / 100,
            Self::Project(bound) => bound.count(locked),
            Self::Unbounded => usize::MAX,
        }
    }
}

/// Why a plan may not be applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// A protected simulation would be deleted.
    ProtectedDelete(SimulationKey),
    /// A protected simulation would be replaced.
    ProtectedReplace(SimulationKey),
    /// More deletes than the project allows.
    TooManyDeletes {
        /// How many the plan holds.
        planned: usize,
        /// How many are allowed.
        allowed: usize,
    },
    /// Nothing that the lockfile holds can be seen with this key.
    NothingVisible {
        /// How many were looked for.
        count: usize,
    },
    /// `moved_from` names a key while both keys have an entry in the lockfile.
    MoveOntoExisting {
        /// The key moved from.
        from: SimulationKey,
        /// The key moved to.
        to: SimulationKey,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ProtectedDelete(key) => {
                write!(f, "`{key}` is protected, and this plan would delete it")
            }
            Self::ProtectedReplace(key) => {
                write!(f, "`{key}` is protected, and this plan would replace it")
            }
            Self::TooManyDeletes { planned, allowed } => write!(
                f,
                "this plan deletes {planned} simulations, and at most {allowed} are allowed at once"
            ),
            Self::NothingVisible { count: 1 } => f.write_str(
                "the one simulation that was looked for can't be seen with this key: it was \
                 deleted, or the key belongs to another organisation",
            ),
            Self::NothingVisible { count } => write!(
                f,
                "none of the {count} simulations can be seen with this key: they were deleted, or \
                 the key belongs to another organisation"
            ),
            Self::MoveOntoExisting { from, to } => write!(
                f,
                "`{to}` is declared as moved from `{from}`, but the lockfile holds both"
            ),
        }
    }
}

impl Refusal {
    /// The way out.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::ProtectedDelete(key) => format!(
                "restore its file, or take `protect: true` away and apply before deleting it; \
                 `bluejayctl state rm '{key}'` stops managing it and keeps it alive"
            ),
            Self::ProtectedReplace(_) => {
                "take `protect: true` away first, or undo the change of the fields that can't \
                 change in place"
                    .to_owned()
            }
            Self::TooManyDeletes { .. } => {
                "pass `--force` if that is meant, or raise `safety.max_deletes` in bluejay.yaml"
                    .to_owned()
            }
            Self::NothingVisible { .. } => {
                "use the key of the organisation that they belong to; if they were all deleted, \
                 `--force` creates them again"
                    .to_owned()
            }
            Self::MoveOntoExisting { from, .. } => format!(
                "remove the `moved_from` line, or drop the old entry with \
                 `bluejayctl state rm '{from}'`"
            ),
        }
    }
}

/// What speaks against these changes, for a lockfile of `locked` simulations.
pub(super) fn refusals(changes: &[Change], locked: usize, bound: &DeleteBound) -> Vec<Refusal> {
    let protected = changes.iter().filter(|change| change.is_protected);
    let mut refusals: Vec<_> = protected
        .filter_map(|change| match change.action {
            Action::Delete => Some(Refusal::ProtectedDelete(change.key.clone())),
            Action::Replace { .. } => Some(Refusal::ProtectedReplace(change.key.clone())),
            _ => None,
        })
        .collect();
    let planned = changes.iter().filter(|change| change.deletes()).count();
    let allowed = bound.count(locked);
    if planned > allowed {
        refusals.push(Refusal::TooManyDeletes { planned, allowed });
    }
    refusals
}
