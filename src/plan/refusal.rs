//! The reasons to refuse a plan.

use std::fmt;

use crate::resource::Kind;
use crate::resource::desired::Source;
use crate::resource::key::{RemoteId, ResourceKey};
use crate::suggestion::{Message, Suggestion, Verb, quoted};

/// A reason to refuse a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// A protected resource would be deleted.
    ProtectedDelete(ResourceKey),
    /// A protected resource would be replaced.
    ProtectedReplace(ResourceKey),
    /// The environment is protected, and resources would be deleted or replaced.
    ProtectedEnvironment {
        /// The number of resources.
        count: usize,
        /// The kind of the resources; `None` for several kinds.
        kind: Option<Kind>,
    },
    /// An adopted resource would be deleted.
    AdoptedDelete {
        /// The key.
        key: ResourceKey,
        /// The id.
        id: RemoteId,
    },
    /// A resource would be deleted that another lockfile of the repository tracks.
    SharedDelete {
        /// The key.
        key: ResourceKey,
        /// The id.
        id: RemoteId,
    },
    /// A resource would be deleted that another resource still uses.
    StillUsed {
        /// The key.
        key: ResourceKey,
        /// The id.
        id: RemoteId,
        /// What uses the id.
        user: User,
    },
    /// The plan deletes more resources than allowed.
    TooManyDeletes {
        /// The kind of the resources; `None` for several kinds.
        kind: Option<Kind>,
        /// The number of deletes in the plan.
        planned: usize,
        /// The maximum number of deletes.
        allowed: usize,
    },
    /// No file declares a resource, so a prune would delete everything.
    NothingDeclared {
        /// The number of deletes in the plan.
        planned: usize,
    },
    /// The API key can see no tracked resource.
    NothingVisible {
        /// The number of tracked resources that were searched for.
        count: usize,
        /// Their plural: of one kind, or of all kinds.
        plural: &'static str,
    },
    /// Both the key in `moved_from` and the new key have a lockfile entry.
    MoveOntoExisting {
        /// The old key.
        from: ResourceKey,
        /// The new key.
        to: ResourceKey,
    },
    /// A resource refers to one that is not created yet and is not targeted.
    ReferenceNeedsTarget {
        /// The key.
        key: ResourceKey,
        /// The key that it refers to.
        missing: ResourceKey,
    },
    /// A move requires another move, whose key is not targeted.
    MoveNeedsTarget {
        /// The old key.
        from: ResourceKey,
        /// The new key, whose lockfile entry must move first.
        to: ResourceKey,
        /// The key that the entry of `to` moves to.
        missing: ResourceKey,
    },
}

/// A resource that uses an id after the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum User {
    /// A resource that the selected environment declares.
    Declared {
        /// The key.
        key: ResourceKey,
        /// The place of the declaration.
        source: Option<Source>,
    },
    /// A resource that the selected environment leaves out.
    LeftOut {
        /// The key.
        key: ResourceKey,
        /// The place of the document that contains the id; `None` if the lockfile entry
        /// contains the id.
        source: Option<Source>,
    },
    /// A tracked resource that is not among the targets.
    Untargeted(ResourceKey),
    /// A resource of another lockfile of the repository.
    OtherLockfile,
}

impl fmt::Display for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = |source: &Option<Source>| match source {
            Some(source) => format!(" ({}:{})", source.file, source.line),
            None => String::new(),
        };
        match self {
            Self::Declared { key, source } => write!(f, "`{key}`{}", place(source)),
            Self::LeftOut { key, source } => write!(
                f,
                "`{key}`{}, which the chosen environment leaves out,",
                place(source)
            ),
            Self::Untargeted(key) => write!(f, "`{key}`, which is not among the targets,"),
            Self::OtherLockfile => f.write_str("another lockfile of this repository"),
        }
    }
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
            Self::ProtectedEnvironment { count, kind } => write!(
                f,
                "the environment is protected, and this plan would delete or replace {}",
                counted(*count, *kind)
            ),
            Self::AdoptedDelete { key, id } => write!(
                f,
                "{id:#} of `{key}` was adopted and not created, so somebody else may \
                 manage it, and this plan would delete it"
            ),
            Self::SharedDelete { key, id } => write!(
                f,
                "{id:#} of `{key}` is tracked by another lockfile of this repository too, \
                 and this plan would delete it"
            ),
            Self::StillUsed { key, id, user } => write!(
                f,
                "{user} uses {id:#} of `{key}`, and this plan would delete it"
            ),
            Self::TooManyDeletes {
                kind,
                planned,
                allowed,
            } => write!(
                f,
                "this plan deletes {}, and at most {allowed} are allowed at once",
                counted(*planned, *kind)
            ),
            Self::NothingDeclared { planned } => write!(
                f,
                "nothing is declared, and this plan would delete {planned}"
            ),
            Self::NothingVisible { count: 1, .. } => f.write_str(
                "the one simulation that was looked for can't be seen with this key: it was \
                 deleted, or the key belongs to another organisation",
            ),
            Self::NothingVisible { count, plural } => write!(
                f,
                "none of the {count} {plural} can be seen with this key: they were deleted, or \
                 the key belongs to another organisation"
            ),
            Self::MoveOntoExisting { from, to } => write!(
                f,
                "`{to}` is declared as moved from `{from}`, but the lockfile holds both"
            ),
            Self::ReferenceNeedsTarget { key, missing } => write!(
                f,
                "`{key}` refers to `{missing}`, which does not exist yet and is not among the \
                 targets"
            ),
            Self::MoveNeedsTarget { from, to, missing } => write!(
                f,
                "`{to}` can't move from `{from}` before the entry `{to}` moves to `{missing}`, \
                 which is not among the targets"
            ),
        }
    }
}

impl Refusal {
    /// Returns how to resolve the refusal.
    #[must_use]
    pub fn help(&self) -> Message {
        match self {
            Self::ProtectedDelete(key) => Message::from(
                "restore its file, or take `protect: true` away and apply before deleting it; ",
            )
            .command(Suggestion::new(Verb::StateRm).argument(key))
            .text(" stops managing it and keeps it alive"),
            Self::ProtectedReplace(_) => {
                "take `protect: true` away first, or undo the change of the fields that can't \
                 change in place"
                    .into()
            }
            Self::ProtectedEnvironment { .. } => {
                "take `protect: true` away from the environment in bluejay.yaml first, or undo the \
                 changes that delete or replace"
                    .into()
            }
            Self::AdoptedDelete { key, .. } | Self::SharedDelete { key, .. } => Message::default()
                .command(Suggestion::new(Verb::StateRm).argument(key))
                .text(
                    " stops managing it and keeps it alive; pass `--force` to delete it all the same",
                ),
            Self::StillUsed {
                key,
                user: User::Untargeted(user),
                ..
            } => format!("add `--target {}`, or leave `{key}` out", quoted(user.as_str())).into(),
            Self::StillUsed { key, user, .. } => {
                let first = match user {
                    User::LeftOut {
                        key: user,
                        source: None,
                    } => format!("delete `{user}` first with `destroy --target`"),
                    User::OtherLockfile => "pass `--force` if that is meant".to_owned(),
                    _ => "remove the id there and apply first".to_owned(),
                };
                Message::from(first)
                    .text(", or leave `--prune` out; ")
                    .command(Suggestion::new(Verb::StateRm).argument(key))
                    .text(" stops managing it and keeps it alive")
            }
            Self::TooManyDeletes { .. } => {
                "pass `--force` if that is meant, or raise `safety.max_deletes` in bluejay.yaml"
                    .into()
            }
            Self::NothingDeclared { .. } => {
                "check the folder of simulations, `-C` and `--config`; if all of them are to be \
                 deleted, pass `--force`"
                    .into()
            }
            Self::NothingVisible { .. } => {
                "use the key of the organisation that they belong to; if they were all deleted, \
                 `--force` creates them again"
                    .into()
            }
            Self::MoveOntoExisting { from, to } => format!(
                "remove `moved_from: {from}` from `{to}`; `{from}` is then an entry that no file \
                 declares, which `--prune` deletes"
            )
            .into(),
            Self::ReferenceNeedsTarget { key, missing } => target_both(key, missing),
            Self::MoveNeedsTarget { to, missing, .. } => target_both(to, missing),
        }
    }
}

/// Returns the number of resources of a kind, or of several kinds: `3 digital humans`.
fn counted(count: usize, kind: Option<Kind>) -> String {
    let [noun, plural] = match kind {
        Some(kind) => [kind.noun(), kind.plural()],
        None => ["resource", "resources"],
    };
    format!("{count} {}", if count == 1 { noun } else { plural })
}

fn target_both(first: &ResourceKey, second: &ResourceKey) -> Message {
    Message::from("target both: ").command(
        Suggestion::new(Verb::Apply)
            .option("--target", first.as_str())
            .option("--target", second.as_str()),
    )
}
