//! The events of an apply for programs, one event per line.

use schemars::JsonSchema;
use serde::Serialize;

use super::apply::{Finished, done_by_kind, not_begun, ways_out};
use super::diagnostics_json::{self, JsonDiagnostic};
use super::json::{FORMAT_VERSION, IdMembers};
use super::plan::JsonRefusal;
use super::requests::{EstimatedRequests, SentRequests};
use super::suggestion;
use crate::api::Notice;
use crate::apply::{Event, Failed, Failure, Operation};
use crate::diagnostic::Diagnostic;
use crate::plan::{Plan, Summary};
use crate::resource::Kind;
use crate::resource::desired::{DesiredState, Source};
use crate::resource::key::{PlainId, RemoteId, ResourceKey};

/// One line of the output of `bluejayctl apply --format json`.
///
/// The first event is `version`, the last event is `summary`, or `invalid` where files
/// have mistakes.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[schemars(title = "bluejayctl apply --format json")]
pub enum ApplyEvent<'a> {
    /// The versions of the events and of the program.
    Version {
        /// The version of the program.
        bluejayctl: &'static str,
        /// The version of the events.
        format_version: &'static str,
    },
    /// The files are invalid, and nothing was sent: the document of
    /// `validate --format json`.
    Invalid(diagnostics_json::Document<'a>),
    /// The plan was refused, and nothing was sent.
    Refused {
        /// The reasons.
        refusals: Vec<JsonRefusal>,
        /// The counts of the plan.
        summary: Summary,
    },
    /// The changes begin.
    Planned {
        /// The estimated requests.
        requests: EstimatedRequests,
        /// The counts of the plan.
        summary: Summary,
    },
    /// A change was executed and recorded.
    Finished {
        /// The kind of the change.
        action: Operation,
        /// The key.
        key: &'a ResourceKey,
        /// The id.
        #[serde(flatten)]
        id: IdMembers,
    },
    /// A change was not executed, or its outcome is unknown.
    Failed {
        /// The kind of the change.
        action: Operation,
        /// The key.
        key: &'a ResourceKey,
        /// The cause.
        reason: &'a str,
    },
    /// The answer to a create was lost. Recovery looks for the resource later.
    Unknown {
        /// The key.
        key: &'a ResourceKey,
        /// The cause.
        reason: &'a str,
    },
    /// Recovery looks for open creates.
    Settling {
        /// How many creates are open.
        open: usize,
        /// The longest time that recovery still takes.
        seconds: f64,
    },
    /// The outcome of an open create.
    Settled {
        /// The key.
        key: &'a ResourceKey,
        /// The id of a resource that is not a simulation.
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<PlainId>,
        /// The id of a simulation; null where the create was not executed.
        simulation_id: Option<RemoteId>,
    },
    /// A resource to delete does not exist, which counts as deleted.
    Missing {
        /// The key.
        key: &'a ResourceKey,
        /// The id.
        #[serde(flatten)]
        id: IdMembers,
    },
    /// The API can't list simulations, so duplicates can't be ruled out.
    CannotList {
        /// The status of the answer.
        status: u16,
    },
    /// A person has to decide which resource belongs to the key.
    Undecided {
        /// The ids of the candidates.
        candidates: Vec<PlainId>,
        /// The key.
        key: &'a ResourceKey,
        /// Whether a create was sent.
        was_sent: bool,
    },
    /// The API throttles, and every request waits.
    Throttled {
        /// The wait.
        seconds: f64,
        /// The status of the answer.
        status: u16,
    },
    /// The request budget is spent, and every request waits.
    Paced {
        /// The requests that are allowed in a minute.
        rate: u32,
        /// The wait.
        seconds: f64,
    },
    /// A request is sent again.
    Retried {
        /// The cause.
        reason: String,
    },
    /// The end of an apply.
    Summary(SummaryEvent<'a>),
}

/// The end of an apply.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SummaryEvent<'a> {
    /// How many changes of each kind were executed. Each change counts once: here, among
    /// the failures, or as not begun.
    done: Done,
    /// The exit code of the process.
    exit_code: u8,
    /// The failures, in the order of the files.
    failed: Vec<JsonFailed<'a>>,
    /// How many changes were not started, or not all of their steps.
    not_begun: usize,
    /// The resources in the lockfile that no file declares.
    orphans: Vec<Orphan<'a>>,
    /// The requests that were sent.
    requests: SentRequests,
    /// How many resources are unchanged.
    unchanged: usize,
}

/// How many changes of each kind were executed.
#[derive(Debug, Serialize, JsonSchema)]
struct Done {
    /// Resources that were adopted.
    adopted: usize,
    /// Resources that were created.
    created: usize,
    /// Resources that were deleted.
    deleted: usize,
    /// Lockfile entries that were renamed.
    moved: usize,
    /// Resources that were replaced.
    replaced: usize,
    /// Resources that were changed in place.
    updated: usize,
}

/// A change that was not executed, or whose outcome is unknown.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Failed")]
struct JsonFailed<'a> {
    /// The kind of the change.
    action: Operation,
    /// The character of the line, from 1.
    column: Option<usize>,
    /// What the API refused, at the places in the YAML files.
    diagnostics: Vec<JsonDiagnostic<'a>>,
    /// The file.
    file: Option<&'a str>,
    /// The ways out.
    help: Vec<String>,
    /// The key.
    key: &'a ResourceKey,
    /// The line of the file, from 1.
    line: Option<usize>,
    /// The cause.
    reason: String,
}

/// A resource in the lockfile that no file declares.
#[derive(Debug, Serialize, JsonSchema)]
struct Orphan<'a> {
    /// The key.
    key: &'a ResourceKey,
    #[serde(flatten)]
    id: IdMembers,
}

impl<'a> ApplyEvent<'a> {
    /// Returns the first event.
    #[must_use]
    pub fn version() -> Self {
        Self::Version {
            bluejayctl: env!("CARGO_PKG_VERSION"),
            format_version: FORMAT_VERSION,
        }
    }

    /// Returns the event of invalid files.
    #[must_use]
    pub fn invalid(diagnostics: &'a [Diagnostic]) -> Self {
        Self::Invalid(diagnostics_json::Document::of(diagnostics))
    }

    /// Returns the event of a plan that may not be applied.
    #[must_use]
    pub fn refused(plan: &Plan) -> Self {
        Self::Refused {
            refusals: plan.refusals.iter().map(JsonRefusal::of).collect(),
            summary: plan.summary(),
        }
    }

    /// Returns the last event. `located` has the diagnostics of each failure: see
    /// [`located`].
    #[must_use]
    pub fn summary(
        ended: &'a Finished<'_>,
        desired: &'a DesiredState,
        located: &'a [Vec<Diagnostic>],
    ) -> Self {
        let outcome = ended.outcome;
        let failed = outcome.failed.iter().zip(located);
        let orphans = ended.orphans.iter();
        let done = done_by_kind(ended);
        Self::Summary(SummaryEvent {
            done: Done {
                adopted: done.adopt,
                created: done.create,
                deleted: done.delete,
                moved: done.moved,
                replaced: done.replace,
                updated: done.update,
            },
            exit_code: ended.exit.code(),
            failed: failed
                .map(|(failed, found)| JsonFailed::of(failed, source(failed, desired), found))
                .collect(),
            not_begun: not_begun(outcome),
            orphans: orphans
                .map(|(key, id)| Orphan {
                    key,
                    id: (*id).into(),
                })
                .collect(),
            requests: ended.sent.into(),
            unchanged: ended.unchanged,
        })
    }
}

/// Returns the diagnostics of each failure of an apply. `locate` finds the YAML that an
/// answer of the API is about.
#[must_use]
pub fn located(
    ended: &Finished<'_>,
    desired: &DesiredState,
    locate: impl Fn(&Failure, &Source) -> Vec<Diagnostic>,
) -> Vec<Vec<Diagnostic>> {
    let failed = ended.outcome.failed.iter();
    let found = failed.map(|failed| {
        let source = source(failed, desired);
        source.map(|source| locate(&failed.failure, source))
    });
    found.map(Option::unwrap_or_default).collect()
}

fn source<'a>(failed: &Failed, desired: &'a DesiredState) -> Option<&'a Source> {
    let simulation = desired.resources.get(&failed.key)?;
    Some(&simulation.source)
}

impl<'a> JsonFailed<'a> {
    fn of(failed: &'a Failed, source: Option<&'a Source>, found: &'a [Diagnostic]) -> Self {
        let first = found.first().map(|first| &first.place);
        let start = first.and_then(|place| place.span).map(|span| span.start);
        let file = first.map(|place| place.file.name.as_str());
        Self {
            action: failed.operation,
            column: start.map(|start| start.column),
            diagnostics: found.iter().map(JsonDiagnostic::of).collect(),
            file: file.or(source.map(|source| &*source.file)),
            help: ways_out(failed).iter().map(suggestion::text).collect(),
            key: &failed.key,
            line: start
                .map(|start| start.line)
                .or(source.map(|source| source.line)),
            reason: failed.failure.to_string(),
        }
    }
}

impl<'a> From<&'a Event> for ApplyEvent<'a> {
    fn from(event: &'a Event) -> Self {
        match event {
            Event::Began {
                summary,
                requests,
                rate,
            } => Self::Planned {
                requests: EstimatedRequests::new(*requests, *rate),
                summary: *summary,
            },
            Event::Finished { key, operation, id } => Self::Finished {
                action: *operation,
                key,
                id: (*id).into(),
            },
            Event::Failed {
                key,
                operation,
                reason,
            } => Self::Failed {
                action: *operation,
                key,
                reason,
            },
            Event::Unknown { key, reason } => Self::Unknown { key, reason },
            Event::Settling { open, at_most } => Self::Settling {
                open: *open,
                seconds: at_most.as_secs_f64(),
            },
            Event::Settled { key, id } => {
                let is_simulation = |id: &RemoteId| id.kind() == Kind::Simulation;
                Self::Settled {
                    key,
                    id: id.filter(|id| !is_simulation(id)).map(RemoteId::plain),
                    simulation_id: id.filter(is_simulation),
                }
            }
            Event::Missing { key, id } => Self::Missing {
                key,
                id: (*id).into(),
            },
            Event::CannotList { status } => Self::CannotList { status: *status },
            Event::Undecided {
                key,
                candidates,
                was_sent,
            } => Self::Undecided {
                candidates: candidates
                    .iter()
                    .map(|candidate| candidate.id.plain())
                    .collect(),
                key,
                was_sent: *was_sent,
            },
        }
    }
}

impl From<&Notice> for ApplyEvent<'_> {
    fn from(notice: &Notice) -> Self {
        match notice {
            Notice::Throttled { status, pause } => Self::Throttled {
                seconds: pause.as_secs_f64(),
                status: *status,
            },
            Notice::Paced { rate, pause, .. } => Self::Paced {
                rate: *rate,
                seconds: pause.as_secs_f64(),
            },
            Notice::Retried { reason, .. } => Self::Retried {
                reason: reason.clone(),
            },
        }
    }
}
