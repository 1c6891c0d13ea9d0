//! `apply`: make the API hold what the files declare.
//!
//! The order matters and is the order of this file: guard, lockfile and journal,
//! what an earlier run left open, plan, look, confirm, carry out, lockfile.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::load::Workspace;
use super::project::{Paths, load_valid, plan_options};
use super::recorded::Recorded;
use super::remote::{self, Remote};
use super::signals::Signals;
use crate::apply::{
    ApplyOptions, Context, Failed, Failure, Ledger, Looked, Outcome, Recovered, What, carry_out,
    crash_point, look, recover,
};
use crate::cli::{ApplyArgs, GlobalArgs, PlanFormat};
use crate::error::{CommandError, Exit};
use crate::journal::{Entry, JOURNAL_VERSION, Replay};
use crate::plan::{Action, Plan, PlanInput, PlanOptions, plan, plan_with_adoptions};
use crate::report::apply::{Finished, finished, finished_json};
use crate::report::progress::{Mode, Progress};
use crate::report::{self, Output};
use crate::sandbox::Faults;
use crate::spec::desired::DesiredState;
use crate::spec::key::{SimulationId, SimulationKey};
use crate::store::guard::{self, Guard, Taken};
use crate::store::journal_file::JournalFile;
use crate::store::lock_store;

/// How long requests that are under way may take after a signal.
const GRACE: Duration = Duration::from_secs(20);

/// Applies.
pub(super) async fn run(
    global: &GlobalArgs,
    args: &ApplyArgs,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    let Some(workspace) = load_valid(global, output)? else {
        return Ok(Exit::Failure);
    };
    let job = Job {
        args,
        paths: Paths::of(&workspace, global),
        options: plan_options(&args.planning, &workspace)?,
        workspace,
    };
    remote::check(global, &job.workspace)?;
    let signals = listen(output);
    let _guard = tokio::select! {
        guard = job.take_guard(output.is_quiet) => guard?,
        () = signals.stopped() => return Ok(interrupted(&signals)),
    };
    let faults = Faults {
        rules: args.faults.clone(),
        ..Faults::default()
    };
    let remote = Remote::open(global, &job.workspace, faults).await?;
    let result = job.with_guard(&remote, &signals, output).await;
    remote.close().await?;
    result
}

fn listen(output: &Output) -> Signals {
    let is_quiet = output.is_quiet;
    Signals::listen(move |_| {
        if !is_quiet {
            report::output::note(
                "stopping: what is under way is finished; once more to leave at once",
            );
        }
    })
}

struct Job<'a> {
    args: &'a ApplyArgs,
    workspace: Workspace,
    paths: Paths,
    options: PlanOptions,
}

impl Job<'_> {
    async fn with_guard(
        &self,
        remote: &Remote,
        signals: &Signals,
        output: &mut Output,
    ) -> Result<Exit, CommandError> {
        let recorded = Recorded::read(&self.paths)?;
        recorded.check_address(remote.target.recorded(), &self.paths)?;
        for note in recorded.left_open() {
            output.note(&note);
        }
        let first_plan = self.plan(&recorded.replay);
        if !first_plan.is_applyable() {
            return refuse(&first_plan, output);
        }
        if recorded.replay.open.is_empty() && !first_plan.has_work() {
            return self.nothing_to_do(&recorded, &first_plan, output);
        }
        self.work(remote, recorded, signals, output).await
    }

    /// Waits for the guard on a thread of its own, since it blocks.
    async fn take_guard(&self, is_quiet: bool) -> Result<Guard, CommandError> {
        let (lockfile, patience) = (self.paths.lockfile.clone(), self.args.lock_timeout);
        let taken = tokio::task::spawn_blocking(move || {
            guard::take(&lockfile, patience, |holder| {
                if !is_quiet {
                    report::output::note(&format!("waiting for another apply: {holder}"));
                }
            })
        })
        .await
        .map_err(|error| CommandError::new("could not take the guard").caused_by(error))??;
        match taken {
            Taken::Ours(guard) => Ok(guard),
            Taken::Held(holder) => Err(CommandError::new(format!(
                "another apply is at work on `{}`: {holder}",
                self.paths.lockfile.display()
            ))
            .help("wait for it with `--lock-timeout 10m`")),
        }
    }

    fn plan(&self, replay: &Replay) -> Plan {
        let unsure = replay.unsure();
        plan(self.input(replay, &unsure), &self.options)
    }

    fn input<'r>(
        &'r self,
        replay: &'r Replay,
        unsure: &'r crate::plan::UnsureFields,
    ) -> PlanInput<'r> {
        PlanInput {
            desired: &self.workspace.desired,
            locked: &replay.lock,
            unsure,
        }
    }

    /// No request is needed; what a journal holds is still folded in.
    fn nothing_to_do(
        &self,
        recorded: &Recorded,
        plan: &Plan,
        output: &mut Output,
    ) -> Result<Exit, CommandError> {
        self.save(recorded.replay.clone())?;
        let finished = Finished {
            outcome: &Outcome::default(),
            unchanged: plan.unchanged,
            orphans: orphans(plan),
            exit: Exit::Success,
        };
        self.show_finished(&finished, output)?;
        Ok(Exit::Success)
    }

    async fn work(
        &self,
        remote: &Remote,
        recorded: Recorded,
        signals: &Signals,
        output: &mut Output,
    ) -> Result<Exit, CommandError> {
        let api = remote.target.recorded().clone();
        let foreign = lock_store::ids_of_neighbours(&self.paths.lockfile, &api)?;
        let ledger = self.open_ledger(recorded, api).await?;
        let progress = Arc::new(self.progress(output));
        let observer = Arc::clone(&progress);
        let client = remote.client(
            self.args.parallelism,
            self.args.timeout,
            signals.stop.clone(),
            move |notice| observer.notice(notice),
        )?;
        let context = Context {
            client: &client,
            ledger: &ledger,
            events: &*progress,
            options: ApplyOptions {
                adopt: self.args.adopt.into(),
                settle: self.args.settle,
                parallelism: self.args.parallelism,
            },
            foreign,
        };
        progress.version();
        let ended = tokio::select! {
            ended = self.steps(&context, signals, output, &progress) => ended,
            () = grace_is_over(signals) => Ok(None),
        };
        progress.end();
        let saved = self.save(ledger.snapshot());
        self.conclude(ended, saved, &ledger, signals, output)
    }

    /// Appends to the journal of an earlier run, or begins one.
    async fn open_ledger(
        &self,
        recorded: Recorded,
        api: crate::lock::ApiAddress,
    ) -> Result<Ledger, CommandError> {
        let file = JournalFile::open(&self.paths.journal, recorded.journal_length)?;
        let ledger = Ledger::new(recorded.replay, file);
        let version = JOURNAL_VERSION;
        let begun = ledger.record(Entry::Begin { version, api }).await;
        begun.map_err(|error| {
            CommandError::new("could not begin the journal, so nothing was sent").caused_by(error)
        })?;
        crash_point!("journal.begun");
        Ok(ledger)
    }

    fn progress(&self, output: &Output) -> Progress {
        let mode = match self.args.format {
            PlanFormat::Json => Mode::Json,
            PlanFormat::Human if output.is_quiet => Mode::Quiet,
            PlanFormat::Human if report::output::is_terminal() => Mode::Bar,
            PlanFormat::Human => Mode::Lines,
        };
        Progress::new(mode, output.err_palette)
    }

    /// Recovery, plan, look, confirmation, the work. `None` when the user said no.
    async fn steps(
        &self,
        context: &Context<'_>,
        signals: &Signals,
        output: &mut Output,
        progress: &Progress,
    ) -> Result<Option<Ended>, CommandError> {
        let recovered = recover(context).await.map_err(journal_failed)?;
        let replay = context.ledger.snapshot();
        let unsure = replay.unsure();
        let input = self.input(&replay, &unsure);
        let first = plan(input, &self.options);
        let blocked: BTreeSet<_> = recovered
            .failed
            .keys()
            .chain(recovered.undecided.keys())
            .collect();
        let pending: Vec<_> = first
            .changes
            .iter()
            .filter(|change| matches!(change.action, Action::Create | Action::Replace { .. }))
            .filter(|change| !blocked.contains(&change.key))
            .collect();
        let looked = if context.client.is_stopped() {
            Looked::default()
        } else {
            look(context, &pending).await
        };
        let blocked: BTreeSet<_> = blocked
            .into_iter()
            .chain(looked.failed.keys())
            .chain(looked.undecided.keys())
            .cloned()
            .collect();
        let plan = plan_with_adoptions(input, &self.options, &looked.taken, &blocked);
        if !plan.is_applyable() {
            let exit = refuse(&plan, output)?;
            return Err(CommandError::new("nothing was sent").exit(exit));
        }
        if plan.has_work() && !self.confirm(&plan, signals, output, progress).await? {
            return Ok(None);
        }
        let known = looked.known.clone();
        let outcome = carry_out(context, &plan, &known, stopped(recovered, looked)).await;
        Ok(Some(Ended { outcome, plan }))
    }

    /// Shows the plan and asks, on a terminal.
    async fn confirm(
        &self,
        plan: &Plan,
        signals: &Signals,
        output: &mut Output,
        progress: &Progress,
    ) -> Result<bool, CommandError> {
        let is_asked = !self.args.yes && report::output::is_terminal();
        match self.args.format {
            PlanFormat::Json if is_asked => Err(CommandError::new(
                "on a terminal `apply --format json` needs `--yes`, since it doesn't ask",
            )),
            PlanFormat::Human if is_asked => {
                progress.pause();
                output.result(&report::plan::human(plan, output.out_palette))?;
                let answer = tokio::select! {
                    answer = report::output::ask("Apply these changes? [y/N] ") => answer?,
                    () = signals.stopped() => return Ok(false),
                };
                progress.resume();
                Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
            }
            _ => Ok(true),
        }
    }

    /// Writes the lockfile, with the protection that the files say.
    fn save(&self, mut replay: Replay) -> Result<(), CommandError> {
        note_protection(&mut replay, &self.workspace.desired);
        self.paths.save(&replay)
    }

    /// From what happened to the report and the exit code.
    fn conclude(
        &self,
        ended: Result<Option<Ended>, CommandError>,
        saved: Result<(), CommandError>,
        ledger: &Ledger,
        signals: &Signals,
        output: &mut Output,
    ) -> Result<Exit, CommandError> {
        let ended = match ended {
            Ok(ended) => ended,
            Err(error) if signals.caught().is_none() => {
                saved?;
                return Err(error);
            }
            Err(_) => None,
        };
        let was_refused = ended.is_none() && signals.caught().is_none();
        let (outcome, unchanged, orphans) = match ended {
            Some(Ended { outcome, plan }) => (outcome, plan.unchanged, orphans(&plan)),
            None => (Outcome::default(), 0, Vec::new()),
        };
        let exit = exit(&outcome, signals, saved.is_err(), was_refused);
        if was_refused {
            output.note("nothing was applied");
        } else {
            let finished = Finished {
                outcome: &outcome,
                unchanged,
                orphans,
                exit,
            };
            self.show_finished(&finished, output)?;
        }
        saved.map_err(|error| self.not_saved(error, ledger, exit))?;
        Ok(exit)
    }

    fn show_finished(&self, ended: &Finished<'_>, output: &mut Output) -> Result<(), CommandError> {
        let text = match self.args.format {
            PlanFormat::Human => {
                let sources = &self.workspace.desired;
                let details = finished(ended, sources, output.err_palette, |error, source| {
                    self.workspace.remote_diagnostics(error, source)
                });
                if !details.problems.is_empty() {
                    output.problem(details.problems.trim_end());
                }
                details.result
            }
            PlanFormat::Json => finished_json(ended),
        };
        output.result(&text)?;
        Ok(())
    }

    /// The ids are in the journal; where that failed too, on the screen.
    fn not_saved(&self, error: CommandError, ledger: &Ledger, exit: Exit) -> CommandError {
        let path = self.paths.journal.display();
        let lock = ledger.lock();
        let ids: Vec<_> = lock
            .simulations
            .iter()
            .map(|(key, locked)| format!("{key}={}", locked.simulation_id))
            .collect();
        CommandError::new(format!(
            "the lockfile `{}` could not be brought up to date",
            self.paths.lockfile.display()
        ))
        .caused_by(error)
        .help(format!(
            "what was done is in `{path}`; the next apply takes it from there"
        ))
        .help(format!(
            "the ids, should that be lost too: {}",
            ids.join(" ")
        ))
        .exit(match exit {
            Exit::Success => Exit::Incomplete,
            exit => exit,
        })
    }
}

struct Ended {
    outcome: Outcome,
    plan: Plan,
}

/// What the plan keeps though no file declares it.
fn orphans(plan: &Plan) -> Vec<(SimulationKey, SimulationId)> {
    plan.changes
        .iter()
        .filter(|change| change.action == Action::Orphan)
        .filter_map(|change| Some((change.key.clone(), change.simulation_id?)))
        .collect()
}

/// Says why a plan may not be applied.
fn refuse(plan: &Plan, output: &mut Output) -> Result<Exit, CommandError> {
    output.result(&report::plan::human(plan, output.out_palette))?;
    Ok(Exit::Failure)
}

fn interrupted(signals: &Signals) -> Exit {
    signals.caught().map_or(Exit::Failure, Exit::Interrupted)
}

async fn grace_is_over(signals: &Signals) {
    signals.stopped().await;
    tokio::time::sleep(GRACE).await;
}

fn journal_failed(error: crate::apply::LedgerError) -> CommandError {
    CommandError::new("could not write the journal, so nothing more was sent").caused_by(error)
}

/// The keys that can't be worked on, each with why.
fn stopped(recovered: Recovered, looked: Looked) -> Vec<Failed> {
    let what = What::Create;
    let undecided = |was_sent: bool| {
        move |(key, candidates)| Failed {
            key,
            what,
            failure: Failure::Undecided {
                candidates,
                was_sent,
            },
        }
    };
    let open = recovered.failed.into_iter().map(|(key, error)| Failed {
        key,
        what,
        failure: Failure::Open(error),
    });
    let unseen = looked.failed.into_iter().map(|(key, error)| Failed {
        key,
        what,
        failure: Failure::Look(error),
    });
    recovered
        .undecided
        .into_iter()
        .map(undecided(true))
        .chain(open)
        .chain(looked.undecided.into_iter().map(undecided(false)))
        .chain(unseen)
        .collect()
}

/// Brings the lockfile's protection up to what the files say.
fn note_protection(replay: &mut Replay, desired: &DesiredState) {
    for (key, locked) in &mut replay.lock.simulations {
        if let Some(simulation) = desired.simulations.get(key) {
            locked.protect = simulation.is_protected;
        }
    }
}

fn exit(outcome: &Outcome, signals: &Signals, is_unsaved: bool, was_refused: bool) -> Exit {
    if let Some(signal) = signals.caught() {
        return Exit::Interrupted(signal);
    }
    if outcome.failed.is_empty() && outcome.skipped == 0 && !is_unsaved {
        return if was_refused {
            Exit::Failure
        } else {
            Exit::Success
        };
    }
    let is_open = outcome.failed.iter().any(|failed| {
        matches!(
            failed.failure,
            Failure::Open(_) | Failure::Undecided { was_sent: true, .. }
        )
    });
    if outcome.has_changed || is_open {
        Exit::Incomplete
    } else {
        Exit::Failure
    }
}
