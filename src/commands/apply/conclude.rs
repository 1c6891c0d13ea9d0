//! Turns the outcome of an apply into the report and the exit code.

use std::collections::BTreeSet;
use std::sync::PoisonError;

use super::super::plan::refused;
use super::super::recorded::ids;
use super::super::signals::Signals;
use super::super::skip_drop;
use super::super::step::{self, Step};
use super::Job;
use super::execution::{Ended, Execution};
use crate::api::Sent;
use crate::apply::{Failure, Ledger, Operation, Outcome};
use crate::cli::PlanFormat;
use crate::error::{CommandError, Exit};
use crate::journal::Replay;
use crate::plan::{Action, Change, OldInstance, Plan, Summary};
use crate::report::apply::{Finished, done_by_kind, finished};
use crate::report::apply_events::{ApplyEvent, located};
use crate::report::github::{self, Outputs};
use crate::report::markdown::{self, COMMENT_LIMIT};
use crate::report::{self, Output};
use crate::resource::desired::Source;
use crate::resource::key::{RemoteId, ResourceKey};
use crate::state::Snapshot;

impl Job<'_> {
    /// Turns the outcome of an apply into the report and the exit code.
    pub(super) fn conclude(
        &self,
        Ended { ended, execution }: Ended,
        saved: Result<(), CommandError>,
        (ledger, sent): (&Ledger, Sent),
        signals: &Signals,
        output: &mut Output,
    ) -> Result<Exit, CommandError> {
        if let Err(error) = ended
            && signals.caught().is_none()
        {
            saved?;
            return Err(error);
        }
        let Execution {
            plan,
            outcome,
            shown,
        } = execution;
        // A signal while the question is open counts as an answer.
        let is_unanswered = shown.get().is_some() && plan.get().is_none();
        if let (Some(signal), true) = (signals.caught(), is_unanswered) {
            saved?;
            if output.has_changed_api {
                output.note("nothing was applied");
                return Ok(Exit::Interrupted(signal));
            }
            return Err(CommandError::interrupted(signal));
        }
        let was_refused = plan.get().is_none() && signals.caught().is_none();
        let mut outcome = outcome.into_inner().unwrap_or_else(PoisonError::into_inner);
        self.sort(&mut outcome);
        let (unchanged, orphans) = match plan.into_inner() {
            Some(plan) => {
                let orphans = orphans(&plan, &outcome.done);
                let unchanged = plan.unchanged;
                skip_drop(plan);
                (unchanged, orphans)
            }
            None => (0, Vec::new()),
        };
        let has_changed = outcome.has_changed || output.has_changed_api;
        let exit = exit(&outcome, has_changed, signals, saved.is_err(), was_refused);
        if was_refused {
            output.note("nothing was applied");
        } else {
            let finished = Finished {
                outcome: &outcome,
                unchanged,
                orphans,
                exit,
                sent,
            };
            let has_header = shown.get().is_some();
            self.show_finished(&finished, &ledger.snapshot(), has_header, output);
        }
        saved.map_err(|error| self.not_saved(error, ledger, exit))?;
        Ok(exit)
    }

    /// Ends an apply that needs no request. The outcomes of an earlier journal are still
    /// written into the lockfile.
    pub(super) fn nothing_to_do(
        &self,
        recorded: &Snapshot,
        plan: &Plan,
        output: &mut Output,
    ) -> Result<Exit, CommandError> {
        self.save(recorded.replay.clone(), &recorded.lock)?;
        self.progress.version();
        let finished = Finished {
            outcome: &Outcome::default(),
            unchanged: plan.unchanged,
            orphans: orphans(plan, &[]),
            exit: Exit::Success,
            sent: Sent::default(),
        };
        self.show_finished(&finished, &recorded.replay, false, output);
        Ok(Exit::Success)
    }

    /// Sorts failures by the place of their resources in the files, and changes that were
    /// not started by their keys.
    fn sort(&self, outcome: &mut Outcome) {
        outcome.not_started.sort();
        let simulations = &self.workspace.desired.resources;
        outcome.failed.sort_by_key(|failed| {
            let source = simulations.get(&failed.key).map(|found| &found.source);
            let place = source.map(|source| (source.file.to_string(), source.line));
            (place.is_none(), place, failed.key.clone())
        });
    }

    /// Shows the outcome in the chosen format, in the step of GitHub Actions, and as a
    /// JSON event. `has_header` says whether the plan above has the header.
    pub(super) fn show_finished(
        &self,
        ended: &Finished<'_>,
        replay: &Replay,
        has_header: bool,
        output: &mut Output,
    ) {
        let desired = &self.workspace.desired;
        let ids = ids(replay);
        let locate =
            |failure: &Failure, source: &Source| self.workspace.remote_diagnostics(failure, source);
        let destination = self.destination(replay);
        let located = located(ended, desired, locate);
        let summary = ApplyEvent::summary(ended, desired, &located);
        self.progress.json(&summary);
        let markdown = |limit| markdown::apply(ended, &destination, desired, &ids, locate, limit);
        if let Some(step) = Step::current() {
            step.summarize(output, markdown);
            let outputs = Outputs {
                has_changes: !ended.outcome.done.is_empty(),
                counts: done_by_kind(ended),
                failed: Some(ended.outcome.failed.len()),
                ids: &ids,
            };
            step.set(output, &github::outputs(&outputs));
        }
        let details = finished(ended, desired, output.err_palette, locate);
        if self.args.format != PlanFormat::Json && !details.problems.is_empty() {
            output.problem(details.problems.trim_end());
        }
        if let Some(sent) = report::requests::sentence(ended.sent)
            && matches!(self.args.format, PlanFormat::Human | PlanFormat::Github)
        {
            output.note(sent);
        }
        let text = match self.args.format {
            PlanFormat::Human => {
                report::apply::closing(&details.result, &destination, has_header, output.layout())
            }
            PlanFormat::Json => return,
            PlanFormat::Markdown => markdown(COMMENT_LIMIT),
            PlanFormat::Github => github::apply(ended, desired, locate, &step::folder(self.global)),
        };
        output.result(&text);
    }

    /// Shows a plan with its refusals. Nothing was sent.
    pub(super) fn refuse(&self, plan: &Plan, replay: &Replay, output: &mut Output) -> Exit {
        self.progress.json(&ApplyEvent::refused(plan));
        let nothing_done = Finished {
            outcome: &Outcome::default(),
            unchanged: plan.unchanged,
            orphans: orphans(plan, &[]),
            exit: Exit::Failure,
            sent: Sent::default(),
        };
        let summary = ApplyEvent::summary(&nothing_done, &self.workspace.desired, &[]);
        self.progress.json(&summary);
        let destination = self.destination(replay);
        let markdown =
            |limit| markdown::plan(plan, &destination, &[], &step::marker(self.global), limit);
        if let Some(step) = Step::current() {
            step.summarize(output, markdown);
            let outputs = Outputs {
                has_changes: false,
                counts: Summary::default(),
                failed: None,
                ids: &ids(replay),
            };
            step.set(output, &github::outputs(&outputs));
        }
        let text = match self.args.format {
            PlanFormat::Human => report::plan::human(plan, &destination, output.layout()),
            PlanFormat::Json => String::new(),
            PlanFormat::Markdown => markdown(COMMENT_LIMIT),
            PlanFormat::Github => {
                let locate = |change: &Change| self.workspace.place_of(change);
                github::plan(plan, &destination, locate, &step::folder(self.global))
            }
        };
        output.result(&text);
        refused(plan, "error", output);
        Exit::Failure
    }

    /// Returns the error of a lockfile that could not be written. The ids are in the
    /// journal; the message also shows them, in case the journal is lost.
    fn not_saved(&self, error: CommandError, ledger: &Ledger, exit: Exit) -> CommandError {
        let path = self.paths.journal();
        let path = path.display();
        let ways_out: Vec<_> = error.ways_out().to_vec();
        let lock = ledger.lock();
        let ids: Vec<_> = lock
            .resources
            .iter()
            .map(|(key, locked)| format!("{key}={}", locked.id))
            .collect();
        let error = CommandError::new(format!(
            "could not update the lockfile `{}`",
            self.paths.lockfile().display()
        ))
        .caused_by(error);
        let error = ways_out.into_iter().fold(error, CommandError::help);
        error
            .help(format!(
                "the outcomes are in the journal `{path}`; the next apply updates the lockfile"
            ))
            .help(format!(
                "if the journal is lost too, the ids are: {}",
                ids.join(" ")
            ))
            .exit(match exit {
                Exit::Success => Exit::Incomplete,
                exit => exit,
            })
    }
}

/// Returns the orphans, and the old instances that this apply has kept.
fn orphans(plan: &Plan, done: &[(ResourceKey, Operation)]) -> Vec<(ResourceKey, RemoteId)> {
    let replaced: BTreeSet<_> = done
        .iter()
        .filter(|(_, operation)| *operation == Operation::Replace)
        .map(|(key, _)| key)
        .collect();
    let is_kept = |change: &&Change| match &change.action {
        Action::Orphan => true,
        Action::Replace { old_instance, .. } => {
            *old_instance == OldInstance::Keep && replaced.contains(&change.key)
        }
        _ => false,
    };
    plan.changes
        .iter()
        .filter(is_kept)
        .filter_map(|change| Some((change.key.clone(), change.id?)))
        .collect()
}

fn exit(
    outcome: &Outcome,
    has_changed: bool,
    signals: &Signals,
    is_unsaved: bool,
    was_refused: bool,
) -> Exit {
    if let Some(signal) = signals.caught() {
        return Exit::Interrupted(signal);
    }
    if outcome.failed.is_empty() && outcome.not_started.is_empty() && !is_unsaved {
        return if was_refused {
            Exit::Failure
        } else {
            Exit::Success
        };
    }
    let is_open = outcome.failed.iter().any(|failed| {
        matches!(
            failed.failure,
            Failure::Open(_)
                | Failure::CutOff
                | Failure::UndecidedCreate(_)
                | Failure::Owned { .. }
        )
    });
    if has_changed || is_open {
        Exit::Incomplete
    } else {
        Exit::Failure
    }
}
