//! `apply`: make the API hold what the files declare.
//!
//! The order matters: guard, lockfile and journal (here), what an earlier run left
//! open, plan, look, confirm, carry out (`steps`), lockfile, report (`conclude`).

mod conclude;
mod steps;

use std::sync::Arc;
use std::time::Duration;

use super::load::Workspace;
use super::project::{Paths, load_valid, plan_options};
use super::recorded::Recorded;
use super::remote::{self, Remote};
use super::signals::Signals;
use conclude::orphans;

use crate::apply::{ApplyOptions, Context, Ledger, Outcome, crash_point};
use crate::cli::{ApplyArgs, GlobalArgs, PlanFormat};
use crate::error::{CommandError, Exit};
use crate::journal::{Entry, JOURNAL_VERSION, Replay};
use crate::plan::{Plan, PlanInput, PlanOptions, plan};
use crate::report::apply::Finished;
use crate::report::progress::{Mode, Progress};
use crate::report::{self, Output};
use crate::sandbox::Faults;
use crate::spec::desired::DesiredState;
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
        self.progress(output).version();
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

    /// Writes the lockfile, with the protection that the files say.
    fn save(&self, mut replay: Replay) -> Result<(), CommandError> {
        note_protection(&mut replay, &self.workspace.desired);
        self.paths.save(&replay)
    }
}

/// What came of the steps.
struct Ended {
    outcome: Outcome,
    plan: Plan,
}

fn interrupted(signals: &Signals) -> Exit {
    signals.caught().map_or(Exit::Failure, Exit::Interrupted)
}

async fn grace_is_over(signals: &Signals) {
    signals.stopped().await;
    tokio::time::sleep(GRACE).await;
}

/// Brings the lockfile's protection up to what the files say.
fn note_protection(replay: &mut Replay, desired: &DesiredState) {
    for (key, locked) in &mut replay.lock.simulations {
        if let Some(simulation) = desired.simulations.get(key) {
            locked.protect = simulation.is_protected;
        }
    }
}

/// Says why a plan may not be applied.
fn refuse(plan: &Plan, output: &mut Output) -> Result<Exit, CommandError> {
    output.result(&report::plan::human(plan, output.out_palette))?;
    Ok(Exit::Failure)
}
