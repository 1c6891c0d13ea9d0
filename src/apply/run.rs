//! The concurrent execution of all changes of a plan. A failed change does not stop the
//! others. The execution ends when every create is decided.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures_util::stream::{self, StreamExt as _};

use super::execute::{after_create, execute, execute_many, operation};
use super::outcome::{Failed, Failure, Outcome};
use super::settle::{UndecidedCreate, settle};
use super::step::StepResult;
use super::{Context, Event, Ledger, LedgerError, Operation, crash_point};
use crate::api::ApiError;
use crate::journal::Entry;
use crate::plan::{Action, Change, OldInstance, Plan, Sharing, Step, Undecided, stages};
use crate::resource::key::{RemoteId, ResourceKey};

/// The most times that one run sends a create again that was not executed.
const MAX_REPEATS: usize = 3;

/// Executes a plan, and adds the result of each change to `outcome` as soon as the result is
/// known. `existing` has, by key, the untracked resources that the creates can't have made.
/// `blocked` has the changes that can't be executed, and why.
pub async fn carry_out(
    context: &Context<'_>,
    plan: &Plan,
    existing: &BTreeMap<ResourceKey, Vec<RemoteId>>,
    blocked: Vec<Failed>,
    outcome: &Mutex<Outcome>,
) {
    let run = Run {
        context,
        existing,
        is_halted: AtomicBool::new(false),
        outcome,
    };
    context.events.event(Event::Began {
        summary: plan.summary(),
        requests: plan.requests(),
        rate: context.client.sent().rate,
    });
    for Failed {
        key,
        operation,
        failure,
    } in blocked
    {
        run.fail(key, operation, failure);
    }
    let not_adopted = match run.record_entries(plan).await {
        Ok(not_adopted) => not_adopted,
        Err(error) => {
            run.fail_all(plan, &error);
            run.outcome().has_changed = context.ledger.has_changed();
            return;
        }
    };
    let work: Vec<_> = plan
        .changes
        .iter()
        .filter(|change| change.is_work() && !not_adopted.contains(&change.key))
        .collect();
    for stage in stages(&work) {
        run.execute_stage(&stage).await;
    }
    run.outcome().has_changed = context.ledger.has_changed();
}

/// Changes with an open create, and the error of each create.
type Open<'a> = Vec<(&'a Change, ApiError)>;

pub(super) struct Run<'a> {
    pub context: &'a Context<'a>,
    existing: &'a BTreeMap<ResourceKey, Vec<RemoteId>>,
    /// Whether no further change is begun, because of the API key, the journal or a signal.
    is_halted: AtomicBool,
    outcome: &'a Mutex<Outcome>,
}

impl Run<'_> {
    fn outcome(&self) -> MutexGuard<'_, Outcome> {
        self.outcome.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records moves and adoptions, which change only the lockfile. Returns the keys whose
    /// resource could not be adopted, because another lockfile has it.
    async fn record_entries(&self, plan: &Plan) -> Result<BTreeSet<ResourceKey>, LedgerError> {
        let ledger = self.context.ledger;
        let moves = plan.moves().into_iter().map(|(from, to)| Entry::Moved {
            from: from.clone(),
            to: to.clone(),
        });
        for recorded in ledger.record_all(moves.collect()).await {
            recorded?;
            crash_point!("move.recorded");
        }
        let adopted: Vec<_> = plan
            .changes
            .iter()
            .filter_map(|change| Some((change, adopted(change, ledger)?)))
            .collect();
        let mut not_adopted = BTreeSet::new();
        if adopted.is_empty() {
            return Ok(not_adopted);
        }
        // Another lockfile may have taken them over since they were found.
        let adoptions = self.context.neighbours.adoptions()?;
        let (adopted, claimed): (Vec<_>, Vec<_>) = adopted.into_iter().partition(|(change, _)| {
            change.id == ledger.id_of(&change.key)
                || change.id.is_none_or(|id| !adoptions.is_claimed(id))
        });
        for (change, _) in claimed {
            self.fail_change(change, Failure::Claimed);
            not_adopted.insert(change.key.clone());
        }
        let (changes, entries): (Vec<_>, Vec<_>) = adopted.into_iter().unzip();
        for (change, recorded) in changes.into_iter().zip(ledger.record_all(entries).await) {
            match recorded {
                Err(error @ LedgerError::History(_)) => {
                    self.fail_change(change, Failure::Journal(error));
                    not_adopted.insert(change.key.clone());
                }
                recorded => recorded?,
            }
            crash_point!("adopt.recorded");
        }
        Ok(not_adopted)
    }

    /// Executes the steps of one stage, and settles their open creates: the next stage may
    /// need the ids.
    async fn execute_stage(&self, steps: &[Step<'_>]) {
        let changes: Vec<_> = steps
            .iter()
            .filter_map(|step| self.executable(*step))
            .collect();
        let mut open = self
            .execute_all(changes.iter().map(Cow::as_ref), true)
            .await;
        for repeat in 0..MAX_REPEATS {
            if open.is_empty() || self.is_halted.load(Ordering::Relaxed) {
                break;
            }
            // One item may make the API fail for all items of a request.
            let in_common = repeat == 0;
            open = self.settle_and_repeat(open, in_common).await;
        }
        for (change, error) in open {
            self.fail_change(change, Failure::Open(error));
        }
    }

    /// Returns the change of a step, with the ids that earlier stages made. Records a
    /// failure and returns `None` if an earlier failure blocks the step.
    fn executable<'c>(&self, step: Step<'c>) -> Option<Cow<'c, Change>> {
        let change = step.change();
        let by = {
            let outcome = self.outcome();
            let failed = |key: &&ResourceKey| outcome.failed.iter().any(|one| one.key == **key);
            step.waits_for().iter().find(failed).cloned()
        };
        if let (Some(by), false) = (by, self.is_halted.load(Ordering::Relaxed)) {
            let operation = match step {
                Step::OldInstance(_) => Operation::Delete,
                Step::Change(_) | Step::Replacement(_) => operation(change),
            };
            self.fail(change.key.clone(), operation, Failure::Blocked { by });
            return None;
        }
        let ledger = self.context.ledger;
        let Some(mut resolved) = change.resolved(|key| ledger.id_of(key)) else {
            // A referenced resource does not exist yet, because its change was not started.
            self.skip(change);
            return None;
        };
        match step {
            Step::Change(_) => {}
            Step::Replacement(_) => {
                if let Action::Replace { old_instance, .. } = &mut resolved.to_mut().action {
                    *old_instance = OldInstance::Keep;
                }
            }
            Step::OldInstance(_) => {
                // A replace that was not executed still needs its instance.
                if ledger.id_of(&change.key) == change.id {
                    return None;
                }
                let key = change.key.clone();
                resolved = Cow::Owned(Change {
                    id: change.id,
                    gone: change.gone,
                    ..Change::new(key, Action::Delete)
                });
            }
        }
        Some(resolved)
    }

    /// Executes changes. With `in_common`, changes that can share a request share it.
    async fn execute_all<'c>(
        &self,
        work: impl IntoIterator<Item = &'c Change>,
        in_common: bool,
    ) -> Open<'c> {
        let (context, existing, is_halted) = (self.context, self.existing, &self.is_halted);
        let existing_of =
            |change: &Change| existing.get(&change.key).map_or(&[][..], Vec::as_slice);
        let is_shared = |change: &&Change| in_common && Sharing::of(change).is_some();
        let (shared, single): (Vec<_>, Vec<_>) = work.into_iter().partition(is_shared);
        let units = single.into_iter().map(|change| vec![change]);
        let units = units.chain((!shared.is_empty()).then_some(shared));
        // Twice as many changes are started as requests are allowed, so that the limiter
        // never waits for the journal.
        let window = context.options.parallelism.max(1) * 2;
        let mut results = stream::iter(units)
            .map(|changes| async move {
                if is_halted.load(Ordering::Relaxed) || context.client.is_stopped() {
                    return changes.into_iter().map(|change| (change, None)).collect();
                }
                let pending = changes.iter().map(|change| (*change, existing_of(change)));
                let pending: Vec<_> = pending.collect();
                let results = match &pending[..] {
                    [(change, existing)] => vec![execute(context, change, existing).await],
                    pending => Box::pin(execute_many(context, pending)).await,
                };
                if results.iter().flatten().any(|(_, result)| halts(result)) {
                    is_halted.store(true, Ordering::Relaxed);
                }
                let results = results.into_iter().map(Some);
                changes.into_iter().zip(results).collect::<Vec<_>>()
            })
            .buffer_unordered(window);
        let (mut open, mut missing) = (Vec::new(), Vec::new());
        while let Some(finished) = results.next().await {
            for (change, results) in finished {
                let Some(results) = results else {
                    self.skip(change);
                    continue;
                };
                for (operation, result) in results {
                    match result {
                        StepResult::NotFound(deleting, error) => {
                            missing.push((change, deleting, error));
                        }
                        StepResult::Open(error)
                            if matches!(operation, Operation::Create | Operation::Replace) =>
                        {
                            open.push((change, error));
                        }
                        result => self.note(change, operation, result),
                    }
                }
            }
        }
        self.conclude_missing(missing).await;
        open
    }

    /// Decides open creates, and sends those again that were not executed. Returns the
    /// creates that are open afterwards.
    async fn settle_and_repeat<'c>(&self, open: Open<'c>, in_common: bool) -> Open<'c> {
        if self.context.client.is_stopped() {
            self.is_halted.store(true, Ordering::Relaxed);
            return open;
        }
        let mut settled = match settle(self.context).await {
            Ok(settled) => settled,
            Err(error) => {
                for (change, _) in open {
                    self.note(
                        change,
                        operation(change),
                        StepResult::Journal(error.clone()),
                    );
                }
                return Vec::new();
            }
        };
        let (mut absent, mut missing) = (Vec::new(), Vec::new());
        for (change, error) in open {
            if settled.created.contains_key(&change.key) {
                for (operation, result) in after_create(self.context, change).await {
                    match result {
                        StepResult::NotFound(deleting, error) => {
                            missing.push((change, deleting, error));
                        }
                        result => self.note(change, operation, result),
                    }
                }
            } else if settled.absent.contains(&change.key) {
                absent.push(change);
            } else if let Some(create) = settled.undecided.remove(&change.key) {
                self.fail_change(change, Failure::UndecidedCreate(create));
            } else {
                let error = settled.failed.remove(&change.key).unwrap_or(error);
                self.fail_change(change, Failure::Open(error));
            }
        }
        self.conclude_missing(missing).await;
        self.execute_all(absent, in_common).await
    }

    pub(super) fn note(&self, change: &Change, operation: Operation, result: StepResult) {
        match result {
            StepResult::Done => {
                let done = (change.key.clone(), operation);
                self.outcome().done.push(done);
            }
            StepResult::NotDone(ApiError::Interrupted) => {
                let not_started = (change.key.clone(), operation);
                self.outcome().not_started.push(not_started);
            }
            StepResult::Retained(fields) => {
                self.fail(change.key.clone(), operation, Failure::Retained(fields));
            }
            // `conclude_missing` decides before a delete that was answered with 404 is
            // noted here.
            StepResult::NotDone(error) | StepResult::NotFound(_, error) => {
                self.fail(change.key.clone(), operation, Failure::Api(error));
            }
            StepResult::Open(error) => {
                self.fail(change.key.clone(), operation, Failure::Open(error));
            }
            StepResult::OtherOwner(id) => {
                self.fail(change.key.clone(), operation, Failure::OtherOwner(id));
            }
            StepResult::Owned(id, owner) => {
                let failure = Failure::Owned { id, owner };
                self.fail(change.key.clone(), operation, failure);
            }
            StepResult::Journal(error) => {
                self.is_halted.store(true, Ordering::Relaxed);
                self.fail(change.key.clone(), operation, Failure::Journal(error));
            }
        }
    }

    fn skip(&self, change: &Change) {
        let skipped = (change.key.clone(), operation(change));
        self.outcome().not_started.push(skipped);
    }

    fn fail(&self, key: ResourceKey, operation: Operation, failure: Failure) {
        match &failure {
            Failure::Undecided(Undecided { candidates, .. })
            | Failure::UndecidedCreate(UndecidedCreate { candidates, .. }) => {
                self.context.events.event(Event::Undecided {
                    key: key.clone(),
                    candidates: candidates.clone(),
                    was_sent: matches!(failure, Failure::UndecidedCreate(_)),
                });
            }
            failure => self.context.events.event(Event::Failed {
                key: key.clone(),
                operation,
                reason: failure.to_string(),
            }),
        }
        self.outcome().failed.push(Failed {
            key,
            operation,
            failure,
        });
    }

    fn fail_change(&self, change: &Change, failure: Failure) {
        self.fail(change.key.clone(), operation(change), failure);
    }

    fn fail_all(&self, plan: &Plan, error: &LedgerError) {
        for change in plan.changes.iter().filter(|change| change.is_work()) {
            self.fail_change(change, Failure::Journal(error.clone()));
        }
    }
}

/// Returns the entry that records an adoption; `None` if the change adopts nothing.
fn adopted(change: &Change, ledger: &Ledger) -> Option<Entry> {
    let (applied, simulation_id) = (change.adopted.clone()?, change.id?);
    let replaces = ledger.id_of(&change.key);
    Some(Entry::Adopted {
        key: change.key.clone(),
        simulation_id,
        applied,
        replaces,
        is_gone: replaces.is_some() && replaces == change.gone,
    })
}

/// Returns whether no further change may be started after this result.
fn halts(result: &StepResult) -> bool {
    match result {
        StepResult::NotDone(error) | StepResult::Open(error) => {
            error.is_final() || matches!(error, ApiError::Throttled { .. })
        }
        StepResult::Journal(_) => true,
        StepResult::Done
        | StepResult::Retained(_)
        | StepResult::OtherOwner(_)
        | StepResult::Owned(..)
        | StepResult::NotFound(..) => false,
    }
}
