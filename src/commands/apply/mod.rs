//! `apply`: changes the API to the desired state.
//!
//! The steps have a fixed order: take the guard, read lockfile and journal (this file);
//! recovery, plan, lookup, confirmation, execution (`steps`); write the lockfile, report
//! (`conclude`). `execution` has what was executed so far.

mod conclude;
mod execution;
mod steps;

use std::sync::Arc;
use std::time::Duration;

use execution::{Ended, Execution};

use super::address::{self, Address};
use super::agents;
use super::key_proof::{CHECK, prove_key};
use super::load::Workspace;
use super::project::{
    add_claims, load_and_show, load_options, plan_options, state_files, warn_if_ignored,
};
use super::remote::{self, Remote};
use super::saved_plan::{self, SavedPlan};
use super::selection;
use super::signals::Signals;
use super::skip_drop;

use crate::api::Client;
use crate::apply::{ApplyOptions, Context, Ledger};
use crate::cli::{AdoptArg, ApplyArgs, GlobalArgs, PlanFormat};
use crate::error::{CommandError, Exit, Signal};
use crate::journal::{Replay, SettleTime};
use crate::lock::{ApiAddress, Lockfile};
use crate::plan::{Plan, PlanInput, PlanOptions, UnknownFieldsByKey, plan};
use crate::report::progress::Progress;
use crate::report::status::Mode;
use crate::report::{self, Destination, Output, diagnostics, suggestion};
use crate::resource::desired::DesiredState;
use crate::sandbox::Faults;
use crate::state::{Guard, GuardResult, Snapshot, StateFiles};
use crate::store::writable::WritablePath;

/// The longest wait for sent requests after a signal.
const GRACE: Duration = Duration::from_secs(20);

/// Runs `apply`.
pub(super) async fn run(
    global: &GlobalArgs,
    args: &ApplyArgs,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    let file = args.plan_file.as_deref();
    let saved = file.map(|file| SavedPlan::read(file, global)).transpose()?;
    let mut global = global.clone();
    if let Some(saved) = &saved {
        if global.env.is_none() {
            global.env = saved.environment().map(str::to_owned);
            suggestion::repeat(&global);
        }
        saved.check_environment(&global)?;
    }
    let global = &global;
    let mut args = args.clone();
    if let Some(saved) = &saved {
        args.planning = saved.planning();
        if let (AdoptArg::Identical, Some(adopt)) = (args.adopt, saved.adopt()) {
            args.adopt = adopt.into();
        }
    }
    let variables = saved.as_ref().map(SavedPlan::variables).unwrap_or_default();
    let read = |output: &Output| {
        let workspace = load_and_show(global, output)?;
        if workspace.has_errors() {
            progress(global, &args, output)?.invalid(&workspace.diagnostics);
            variables.note_missing(&workspace, output);
            return Ok(None);
        }
        let options = plan_options(&args.planning, &workspace);
        Ok(Some((workspace, options)))
    };
    let Some(inputs) = read(output)? else {
        return Ok(Exit::Failure);
    };
    let job = Job {
        saved,
        ..Job::new(global, &args, inputs, Confirmation::Ask, output)?
    };
    Box::pin(job.run(read, output)).await
}

/// The desired state, and the options of planning.
pub(super) type Inputs = (Workspace, PlanOptions);

/// Runs an apply for another command. `read` returns the desired state and the options.
/// If the guard was held by another process, `read` is called again after the wait.
pub(super) async fn run_job(
    global: &GlobalArgs,
    args: &ApplyArgs,
    read: impl Fn(&Output) -> Result<Option<Inputs>, CommandError>,
    confirmation: Confirmation,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    let Some(inputs) = read(output)? else {
        return Ok(Exit::Failure);
    };
    let job = Job::new(global, args, inputs, confirmation, output)?;
    Box::pin(job.run(read, output)).await
}

/// How a person confirms the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Confirmation {
    /// The person types `y`.
    Ask,
    /// The person types the number of resources.
    TypeNumber,
}

fn listen(progress: &Arc<Progress>) -> Signals {
    let (first, second) = (Arc::clone(progress), Arc::clone(progress));
    Signals::listen(
        move || first.status.stopping(),
        move || second.stopped_at_once(),
    )
}

struct Job<'a> {
    global: &'a GlobalArgs,
    args: &'a ApplyArgs,
    progress: Arc<Progress>,
    address: Address,
    workspace: Workspace,
    paths: StateFiles,
    options: PlanOptions,
    confirmation: Confirmation,
    /// The saved plan; the apply executes exactly this plan, or nothing.
    saved: Option<SavedPlan>,
}

impl<'a> Job<'a> {
    fn new(
        global: &'a GlobalArgs,
        args: &'a ApplyArgs,
        (workspace, options): Inputs,
        confirmation: Confirmation,
        output: &Output,
    ) -> Result<Self, CommandError> {
        if !global.sandbox {
            warn_if_ignored(&workspace.project.lockfile, output);
        }
        remote::check(global, &workspace, output)?;
        Ok(Self {
            global,
            args,
            progress: Arc::new(progress(global, args, output)?),
            address: address::of(global, &workspace)?,
            paths: state_files(&workspace, global),
            options,
            workspace,
            confirmation,
            saved: None,
        })
    }

    async fn run(
        mut self,
        read: impl Fn(&Output) -> Result<Option<Inputs>, CommandError>,
        output: &mut Output,
    ) -> Result<Exit, CommandError> {
        let signals = listen(&self.progress);
        let guard = tokio::select! {
            guard = self.take_guard(output.is_quiet) => guard?,
            () = signals.stopped() => return Err(interrupted(&signals)),
        };
        if guard.has_waited {
            let Some(inputs) = read(output)? else {
                return Ok(Exit::Failure);
            };
            self.take(inputs)?;
        }
        let faults = Faults {
            rules: self.args.faults.clone(),
            ..Faults::default()
        };
        let remote = Remote::open(self.global, &self.workspace, faults).await?;
        let result = self.with_guard(&guard, &remote, &signals, output).await;
        skip_drop(self.workspace);
        remote.close().await?;
        result
    }

    /// Replaces the desired state and the options after a wait for the guard.
    fn take(&mut self, (workspace, options): Inputs) -> Result<(), CommandError> {
        if state_files(&workspace, self.global) != self.paths {
            return Err(CommandError::new(
                "the project file changed the path of the lockfile during the wait",
            )
            .help("apply again"));
        }
        self.address = address::of(self.global, &workspace)?;
        (self.workspace, self.options) = (workspace, options);
        Ok(())
    }

    async fn with_guard(
        &mut self,
        guard: &Guard,
        remote: &Remote,
        signals: &Signals,
        output: &mut Output,
    ) -> Result<Exit, CommandError> {
        let recorded = self.paths.read()?;
        let client = self.resolve_agents(&recorded, remote, signals).await?;
        if self.workspace.has_errors() {
            if signals.caught().is_some() {
                return Err(interrupted(signals));
            }
            diagnostics::show(&self.workspace.diagnostics, output);
            self.progress.invalid(&self.workspace.diagnostics);
            return Ok(Exit::Failure);
        }
        if let Some(saved) = &self.saved {
            saved.check_inputs(&self.saved_context(&recorded.replay, remote.target.recorded()))?;
        }
        recorded.check_address(remote.target.recorded(), &self.paths)?;
        let (targets, desired) = (&self.args.planning.targets, &self.workspace.desired);
        self.options.targets = selection::targets(targets, desired, &recorded.replay)?;
        for note in recorded.left_open() {
            output.note(note);
        }
        let is_settled = recorded.replay.open.is_empty() && !self.args.planning.refresh;
        let mut first_plan = self.plan(&recorded.replay);
        let api = remote.target.recorded();
        let final_plan = is_settled.then_some(&first_plan);
        if add_claims(&mut self.options, &self.paths, api, final_plan)? {
            first_plan = self.plan(&recorded.replay);
        }
        if !first_plan.is_applyable() {
            self.progress.version();
            return Ok(self.refuse(&first_plan, &recorded.replay, output));
        }
        if is_settled && !first_plan.has_work() {
            return self.nothing_to_do(&recorded, &first_plan, output);
        }
        let settled = is_settled.then_some(first_plan);
        let client = client.map_or_else(|| self.client(remote, signals), Ok)?;
        let connection = (client, api.clone());
        self.work(guard, connection, recorded, settled, signals, output)
            .await
    }

    fn client(&self, remote: &Remote, signals: &Signals) -> Result<Client, CommandError> {
        let observer = Arc::clone(&self.progress);
        let requests = self.workspace.project.requests(&self.args.requests);
        remote.client(
            requests.parallelism,
            requests.timeout,
            signals.stop.clone(),
            move |notice| observer.notice(&notice),
        )
    }

    /// Resolves the agents that the files name. The mistakes become diagnostics of the
    /// workspace. Returns the client, if an agent was looked up.
    async fn resolve_agents(
        &mut self,
        recorded: &Snapshot,
        remote: &Remote,
        signals: &Signals,
    ) -> Result<Option<Client>, CommandError> {
        let lock = &recorded.replay.lock;
        let is_refreshed = self.args.planning.refresh;
        let desired = &mut self.workspace.desired;
        let unknown = agents::resolve_pinned(desired, lock, is_refreshed);
        if unknown.is_empty() {
            return Ok(None);
        }
        recorded.check_address(remote.target.recorded(), &self.paths)?;
        let client = self.client(remote, signals)?;
        let workspace = &mut self.workspace;
        let looked_up = agents::look_up(&client, &unknown, lock, workspace);
        let status = &self.progress.status;
        let mistakes = status.during(agents::LOOK_UP, &client, looked_up).await;
        workspace.diagnostics = mistakes;
        Ok(Some(client))
    }

    /// Returns where the apply works.
    fn destination(&self, replay: &Replay) -> Destination {
        let path = load_options(self.global).shown(self.paths.lockfile());
        self.address.destination(&replay.lock, path)
    }

    /// Waits for the guard on a separate thread, because the wait blocks.
    async fn take_guard(&self, is_quiet: bool) -> Result<Guard, CommandError> {
        let patience = self.workspace.project.lock_timeout(self.args);
        let files = self.paths.clone();
        let taken = tokio::task::spawn_blocking(move || {
            files.take_guard(patience, |holder| {
                if !is_quiet {
                    report::output::note(&format!("waiting for another apply: {holder}"));
                }
            })
        })
        .await
        .map_err(|error| CommandError::new("could not take the guard").caused_by(error))??;
        match taken {
            GuardResult::Taken(guard) => Ok(guard),
            GuardResult::Held(holder) => Err(CommandError::new(format!(
                "another apply is running on `{}`: {holder}",
                self.paths.lockfile().display()
            ))
            .help("wait for it with `--lock-timeout 10m`")),
        }
    }

    fn plan(&self, replay: &Replay) -> Plan {
        let unknown = replay.unknown_fields();
        plan(self.input(replay, &unknown), &self.options)
    }

    fn input<'r>(&'r self, replay: &'r Replay, unknown: &'r UnknownFieldsByKey) -> PlanInput<'r> {
        PlanInput::offline(&self.workspace.desired, &replay.lock, unknown)
    }

    fn saved_context<'r>(
        &'r self,
        replay: &'r Replay,
        api: &'r ApiAddress,
    ) -> saved_plan::Context<'r> {
        saved_plan::Context {
            global: self.global,
            planning: &self.args.planning,
            adopt: self.args.adopt.into(),
            workspace: &self.workspace,
            replay,
            api,
        }
    }

    async fn work(
        &self,
        guard: &Guard,
        (client, api): (Client, ApiAddress),
        recorded: Snapshot,
        settled: Option<Plan>,
        signals: &Signals,
        output: &mut Output,
    ) -> Result<Exit, CommandError> {
        let neighbours = self.paths.neighbours(&api)?;
        let lock = &recorded.replay.lock;
        let proof = prove_key(&client, lock, &self.paths, &self.progress.status);
        let proof = signals.cancel(proof).await?;
        let trusts_absence = self.args.planning.force || proof.is_of(lock);
        let organization = proof.clone().organization_to_record(&client, lock);
        let status = &self.progress.status;
        let organization = status.during(CHECK, &client, organization).await;
        self.progress.version();
        output.check()?;
        let expected = recorded.lock.clone();
        let ledger = self.begin(guard, recorded, api, organization)?;
        let project = &self.workspace.project;
        let requests = project.requests(&self.args.requests);
        let context = Context {
            client: &client,
            ledger: &ledger,
            events: &*self.progress,
            options: ApplyOptions {
                adopt: self.args.adopt.into(),
                settle_time: SettleTime {
                    settle: project.settle(self.args.settle),
                    timeout: requests.timeout,
                },
                parallelism: requests.parallelism,
                trusts_absence,
                ignores_markers: self.args.planning.force,
            },
            neighbours: &neighbours,
            desired: &self.workspace.desired,
        };
        self.progress.status.finishes_requests(true);
        let execution = Execution::default();
        let ended = tokio::select! {
            ended = self.steps(&context, (settled, &proof), &execution, signals, output) => ended,
            () = grace_is_over(signals) => {
                execution.cut_off(&ledger);
                Ok(())
            }
        };
        self.progress.status.end();
        let saved = self.save(ledger.snapshot(), &expected);
        output.has_changed_api =
            client.has_changed() || (ended.is_err() && client.may_have_changed());
        let ended = Ended { ended, execution };
        let exit = self.conclude(ended, saved, (&ledger, client.sent()), signals, output);
        skip_drop(ledger);
        exit
    }

    /// Begins the journal of this apply, which continues the journal of an interrupted
    /// apply.
    fn begin(
        &self,
        guard: &Guard,
        recorded: Snapshot,
        api: ApiAddress,
        organization: Option<String>,
    ) -> Result<Ledger, CommandError> {
        let desired = &self.workspace.desired;
        let begun = self
            .paths
            .begin(guard, recorded, api, organization, desired);
        let (replay, journal) = begun.map_err(|error| {
            CommandError::new("could not create the journal; nothing was changed at the API")
                .caused_by(error)
        })?;
        Ok(Ledger::new(replay, journal))
    }

    /// Writes the lockfile, with the protection and the agents that the files declare. The lockfile on
    /// the disk is expected to equal `expected`.
    fn save(&self, mut replay: Replay, expected: &Lockfile) -> Result<(), CommandError> {
        note_protection(&mut replay, &self.workspace.desired);
        note_agents(&mut replay.lock, &self.workspace.desired);
        Ok(self.paths.save(&replay, expected)?)
    }
}

fn interrupted(signals: &Signals) -> CommandError {
    CommandError::interrupted(signals.caught().unwrap_or(Signal::Interrupt))
}

async fn grace_is_over(signals: &Signals) {
    signals.stopped().await;
    tokio::time::sleep(GRACE).await;
}

/// Copies the protection from the desired state into the lockfile.
fn note_protection(replay: &mut Replay, desired: &DesiredState) {
    for (key, locked) in &mut replay.lock.resources {
        if let Some(simulation) = desired.resources.get(key) {
            locked.protect = simulation.is_protected;
        }
    }
}

/// Pins the agents that the files name. `destroy` has no files, so the pins stay until no
/// resource is left.
fn note_agents(lock: &mut Lockfile, desired: &DesiredState) {
    if !desired.resources.is_empty() || lock.resources.is_empty() {
        lock.agents.clone_from(&desired.agents);
    }
}

/// Returns the progress display. A file for events is created before any request is sent.
fn progress(
    global: &GlobalArgs,
    args: &ApplyArgs,
    output: &Output,
) -> Result<Progress, CommandError> {
    let mode = match args.format {
        PlanFormat::Json => Mode::Json,
        _ => Mode::of(output),
    };
    let mut progress = Progress::new(mode, output.err_palette);
    if args.format == PlanFormat::Json {
        progress = progress.with_events(output.stdout());
    }
    if let Some(path) = &args.json_into {
        let file = WritablePath::named(&global.path(path)).begin()?;
        progress = progress.with_events(output.file(&path.to_string_lossy(), file));
    }
    Ok(progress)
}
