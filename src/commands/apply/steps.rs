//! The steps of an apply: recovery, plan, lookup, confirmation, execution.

use std::collections::{BTreeMap, BTreeSet};

use super::super::key_proof::KeyProof;
use super::super::plan::warn_of_renames;
use super::super::refresh::{
    ApiState, READ, SEARCH, SETTLE, StateReader, warn_of_gone, warn_of_untracked,
};
use super::super::signals::Signals;
use super::execution::Execution;
use super::{Confirmation, Job};
use crate::api::ApiError;
use crate::apply::{
    Context, Depth, Event, Failed, Failure, Known, LedgerError, Lookup, Operation, Recovered,
    carry_out, look_up_all, recover,
};
use crate::cli::PlanFormat;
use crate::error::CommandError;
use crate::journal::Replay;
use crate::lock::Lockfile;
use crate::plan::{Observed, Plan, PlanInput, plan};
use crate::report::{self, Destination, Output};
use crate::resource::Kind;
use crate::resource::body::NAME;
use crate::resource::desired::DesiredState;
use crate::resource::key::ResourceKey;
use crate::resource::ownership::Owner;

impl Job<'_> {
    /// Runs the steps in order. `execution` gets the plan before the execution, and the outcome
    /// of each change; it has no plan if the person did not confirm the plan.
    ///
    /// `settled` is the plan from the recorded state, if no intent is open and no refresh
    /// is requested: the recorded state is then unchanged.
    pub(super) async fn steps(
        &self,
        context: &Context<'_>,
        (settled, proof): (Option<Plan>, &KeyProof),
        execution: &Execution,
        signals: &Signals,
        output: &mut Output,
    ) -> Result<(), CommandError> {
        let recovered = recover(context, |key| self.is_declared(key));
        let status = &self.progress.status;
        let recovered = status.during(SETTLE, context.client, Box::pin(recovered));
        let recovered = recovered.await.map_err(journal_failed)?;
        let replay = context.ledger.snapshot();
        let mut seen = self.refresh(context, &replay.lock, proof).await?;
        let known = std::mem::take(&mut seen.refreshed.known);
        warn_of_untracked(&seen, output);
        warn_of_gone(&seen, &replay.lock, output);
        let unknown = replay.unknown_fields();
        let input = PlanInput {
            observed: &seen.refreshed.observed,
            ..self.input(&replay, &unknown)
        };
        let mut options = self.options.clone();
        options.trusts_absence |= seen.is_same_organization;
        let mut stopped = stopped_by_recovery(recovered);
        stopped.extend(
            seen.refreshed
                .failed
                .into_iter()
                .map(unseen(Operation::Update)),
        );
        let first = settled.unwrap_or_else(|| plan(input, &options));
        self.check_saved(&first, false)?;

        let looked_up = look_up_pending(context, known, &first, &stopped, |found| {
            plan(PlanInput { found, ..input }, &options)
        });
        let mut lookup = status
            .during(SEARCH, context.client, Box::pin(looked_up))
            .await;
        if context.client.is_stopped() {
            // A lookup that a signal prevented is no failure.
            execution.stop(first, stopped, context.ledger);
            return Ok(());
        }
        for key in &lookup.claimed {
            let same = match key.kind() {
                Kind::Simulation => "agent and name",
                Kind::DigitalHuman | Kind::CustomMetric => NAME,
                Kind::Schedule => "times",
            };
            let noun = key.kind().noun();
            output.warn(format!(
                "`{key}`: an interrupted apply of another environment may have created a {noun} \
                 of the same {same}; apply that environment first"
            ));
        }
        if let Some(saved) = self.saved.as_ref().filter(|_| !self.args.planning.refresh) {
            saved.check_nothing_adopted(&lookup.adopted)?;
        }
        let adopted = std::mem::take(&mut lookup.adopted);
        note_adoptions(&adopted, &self.workspace.desired, output);
        let existing = std::mem::take(&mut lookup.existing);
        stopped.extend(stopped_by_lookup(lookup));
        let plan = if adopted.is_empty() {
            first
        } else {
            let found = &adopted;
            plan(PlanInput { found, ..input }, &options)
        };
        let plan = plan.without(keys(&stopped));
        self.check_saved(&plan, true)?;

        if !plan.is_applyable() {
            let exit = self.refuse(&plan, &replay, output);
            return Err(CommandError::new("nothing was sent").exit(exit));
        }
        warn_of_renames(&plan, output);
        if plan.has_work() {
            let confirmed = self.confirm(&plan, &replay, execution, signals, output);
            if !confirmed.await? {
                return Ok(());
            }
        }
        let plan = execution.plan.get_or_init(|| plan);
        carry_out(context, plan, &existing, stopped, &execution.outcome).await;
        Ok(())
    }

    /// Compares a plan with the saved plan. With `--refresh`, a saved plan contains
    /// adoptions, so only the plan after the lookup is compared.
    fn check_saved(&self, plan: &Plan, is_looked_at: bool) -> Result<(), CommandError> {
        match &self.saved {
            Some(saved) if is_looked_at == self.args.planning.refresh => saved.check_plan(plan),
            _ => Ok(()),
        }
    }

    /// Returns whether a file declares a key, or names the key in `moved_from`.
    fn is_declared(&self, key: &ResourceKey) -> bool {
        let simulations = &self.workspace.desired.resources;
        let is_moved = || {
            let mut moved = simulations.values();
            moved.any(|simulation| simulation.moved_from.as_ref() == Some(key))
        };
        simulations.contains_key(key) || is_moved()
    }

    async fn refresh(
        &self,
        context: &Context<'_>,
        lock: &Lockfile,
        proof: &KeyProof,
    ) -> Result<ApiState, CommandError> {
        if !self.args.planning.refresh || context.client.is_stopped() {
            return Ok(ApiState::default());
        }
        let reader = StateReader {
            client: context.client,
            neighbours: context.neighbours,
            desired: &self.workspace.desired,
            targets: self.options.targets.as_ref(),
            depth: Depth::Whole,
            parallelism: context.options.parallelism,
        };
        let status = &self.progress.status;
        let read = reader.read(lock, proof);
        status.during(READ, context.client, Box::pin(read)).await
    }

    /// Shows the plan and asks for confirmation, on a terminal.
    async fn confirm(
        &self,
        plan: &Plan,
        replay: &Replay,
        execution: &Execution,
        signals: &Signals,
        output: &mut Output,
    ) -> Result<bool, CommandError> {
        let is_asked = !self.args.yes && report::output::is_terminal();
        match self.args.format {
            PlanFormat::Human if is_asked => {
                let (destination, layout) = (self.destination(replay), output.layout());
                output.result(&report::plan::human(plan, &destination, layout));
                output.check()?;
                execution.shown.get_or_init(|| ());
                let (question, expected) = self.question(plan, &destination);
                let question = layout.hanging(layout.palette.shown(&question));
                self.progress.status.finishes_requests(false);
                let answer = tokio::select! {
                    answer = report::output::ask(&question) => answer.map_err(|error| {
                        CommandError::new("could not ask whether to apply the plan")
                            .caused_by(error)
                            .help("pass `--yes` to apply without confirmation")
                    })?,
                    () = signals.stopped() => return Ok(false),
                };
                self.progress.status.finishes_requests(true);
                Ok(expected.iter().any(|expected| answer.trim() == expected))
            }
            _ if is_asked => Err(CommandError::new(
                "`apply --format` on a terminal needs `--yes`, because the command asks no \
                 question",
            )),
            _ => Ok(true),
        }
    }
}

impl Job<'_> {
    /// Returns the question, and the answers that confirm the plan.
    fn question(&self, plan: &Plan, destination: &Destination) -> (String, Vec<String>) {
        let place = destination.short();
        match self.confirmation {
            Confirmation::Ask => (
                format!("Apply these changes ({place})? [y/N] "),
                ["y", "Y", "yes"].map(str::to_owned).to_vec(),
            ),
            Confirmation::TypeNumber => {
                let number = plan.summary().delete.to_string();
                let question = format!(
                    "Resources to delete permanently, simulations with their run history: {number} \
                     ({place}).\nType this number to continue: "
                );
                (question, vec![number])
            }
        }
    }
}

/// Looks up existing resources for the creates of a plan, except for stopped keys.
async fn look_up_pending(
    context: &Context<'_>,
    known: Known,
    plan: &Plan,
    stopped: &[Failed],
    plan_with: impl Fn(&BTreeMap<ResourceKey, Observed>) -> Plan,
) -> Lookup {
    if context.client.is_stopped() {
        return Lookup::default();
    }
    let lookup = look_up_all(context.search(known), plan, &keys(stopped), plan_with).await;
    if let Some(status) = lookup.cannot_list {
        context.events.event(Event::CannotList { status });
    }
    lookup
}

/// Prints a note about adopted resources without the marker of the project: somebody else
/// may manage them.
fn note_adoptions(
    found: &BTreeMap<ResourceKey, Observed>,
    desired: &DesiredState,
    output: &Output,
) {
    const NAMED: usize = 10;
    let is_ours = |key: &ResourceKey, found| desired.owner(key, None, found) == Owner::Ours;
    let adopted = found
        .iter()
        .filter(|(key, observed)| !is_ours(key, observed));
    let adopted: Vec<_> = adopted.collect();
    for (key, found) in adopted.iter().take(NAMED) {
        output.note(format!(
            "`{key}` adopts the existing {:#}: somebody else may manage it, so only \
             `--force` deletes it later",
            found.id
        ));
    }
    if let Some(more) = adopted.len().checked_sub(NAMED).filter(|more| *more > 0) {
        output.note(format!("and {more} more are adopted"));
    }
}

fn journal_failed(error: LedgerError) -> CommandError {
    let message = match error {
        LedgerError::History(_) => "could not record what an earlier apply left open",
        _ => "could not write the journal; no further request was sent",
    };
    CommandError::new(message).caused_by(error)
}

fn keys(stopped: &[Failed]) -> BTreeSet<ResourceKey> {
    stopped.iter().map(|failed| failed.key.clone()).collect()
}

/// Returns the failure of a key whose resource could not be read.
fn unseen(operation: Operation) -> impl Fn((ResourceKey, ApiError)) -> Failed {
    move |(key, error)| Failed {
        key,
        operation,
        failure: Failure::Lookup(error),
    }
}

/// Returns the keys that recovery stopped, with the reasons.
fn stopped_by_recovery(recovered: Recovered) -> Vec<Failed> {
    let undecided = recovered.undecided.into_iter().map(|(key, create)| Failed {
        key,
        operation: Operation::Create,
        failure: Failure::UndecidedCreate(create),
    });
    let open = recovered.failed.into_iter();
    let open = open.map(|(key, (operation, error))| Failed {
        key,
        operation,
        failure: match error {
            ApiError::Interrupted => Failure::CutOff,
            error => Failure::Open(error),
        },
    });
    undecided.chain(open).collect()
}

/// Returns the keys that the lookup stopped, with the reasons.
fn stopped_by_lookup(lookup: Lookup) -> Vec<Failed> {
    let undecided = lookup.undecided.into_iter().map(|(key, undecided)| Failed {
        key,
        operation: Operation::Create,
        failure: Failure::Undecided(undecided),
    });
    let failed = lookup.failed.into_iter().map(unseen(Operation::Create));
    undecided.chain(failed).collect()
}
