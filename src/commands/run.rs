//! `run`: queue runs of applied simulations, wait, and gate on the score.

mod callers;
mod files;
mod history;
mod selected;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use selected::Selected;

use super::key_proof::prove_key;
use super::load::Project;
use super::remote::Remote;
use super::signals::Signals;
use super::step::Step;
use crate::cli::{GlobalArgs, RunArgs, RunCommand, RunFormat};
use crate::error::{CommandError, Exit};
use crate::report::markdown::COMMENT_LIMIT;
use crate::report::run::RunReport;
use crate::report::run::progress::RunProgress;
use crate::report::{Output, Status, github, run};
use crate::run::{Gate, Judged, Outcome};
use crate::runner::{Context, RunOptions, Wanted, run_all};
use crate::sandbox::Faults;

/// The pause between two reads of a run; the action of the vendor uses the same pause.
const POLL: Duration = Duration::from_secs(10);

/// The pause for the sandbox, whose runs advance with each read.
const SANDBOX_POLL: Duration = Duration::from_millis(200);

/// Runs `run`.
pub(super) async fn run(
    global: &GlobalArgs,
    args: &RunArgs,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    if let Some(RunCommand::History(args)) = &args.command {
        return history::run(global, args, output).await;
    }
    let Some(selected) = Selected::read(global, &args.keys, output)? else {
        return Ok(Exit::Failure);
    };
    files::check(global, args)?;
    if matches!(args.format, RunFormat::Human) {
        selected.show_destination(output);
    }
    let Selected {
        workspace,
        recorded,
        paths,
        wanted,
        destination,
    } = selected;
    let progress = Arc::new(RunProgress::new(&wanted, output));
    let signals = listen(&progress);
    let faults = Faults {
        rules: args.faults.clone(),
        ..Faults::default()
    };
    let remote = Remote::open(global, &workspace, faults).await?;
    let gate = Gate {
        min_score: workspace.project.min_score(args),
        max_drop: args.fail_on_regression,
    };
    let judged = async {
        let timeout = workspace.project.request_timeout(None);
        let client = remote.client(1, timeout, signals.stop.clone(), |_| {})?;
        let status = Status::of(output);
        let proof = prove_key(&client, &recorded.replay.lock, &paths, &status);
        signals.cancel(proof).await?;
        let job = Job {
            global,
            args,
            project: &workspace.project,
            gate,
        };
        job.wait_for_all(&remote, &signals, progress, wanted).await
    };
    let judged = judged.await;
    remote.close().await?;
    let judged = judged?;
    output.has_changed_api = !judged.iter().all(|judged| judged.outcome.is_not_queued());
    let exit = exit(&judged, &signals);
    let report = RunReport {
        judged: &judged,
        gate,
        callers: &callers::names(&recorded.replay.lock),
        destination: &destination,
        exit,
        now: Timestamp::now(),
    };
    show(global, args, &report, output)?;
    Ok(exit)
}

fn listen(progress: &Arc<RunProgress>) -> Signals {
    let (first, second) = (Arc::clone(progress), Arc::clone(progress));
    Signals::listen(move || first.stopping(), move || second.stopped_at_once())
}

/// Shows the report on stdout, in the step of a CI and in files, and tells which runs go on.
fn show(
    global: &GlobalArgs,
    args: &RunArgs,
    report: &RunReport<'_>,
    output: &mut Output,
) -> Result<(), CommandError> {
    let text = match args.format {
        RunFormat::Human => run::human(report, output.layout()),
        RunFormat::Json => run::json(report),
        RunFormat::Junit => run::junit(report),
        RunFormat::Markdown => run::markdown(report, COMMENT_LIMIT),
    };
    output.result(&text);
    if let Some(step) = Step::current() {
        step.summarize(output, |limit| run::markdown(report, limit));
        step.set(output, &github::run(report.judged));
    }
    run::tell_what_goes_on(report.judged, output);
    files::write(global, args, report, output)
}

/// The inputs of the wait for the runs.
#[derive(Clone, Copy)]
struct Job<'a> {
    global: &'a GlobalArgs,
    args: &'a RunArgs,
    project: &'a Project,
    gate: Gate,
}

impl Job<'_> {
    async fn wait_for_all(
        self,
        remote: &Remote,
        signals: &Signals,
        progress: Arc<RunProgress>,
        wanted: Vec<Wanted>,
    ) -> Result<Vec<Judged>, CommandError> {
        let Self { args, project, .. } = self;
        progress.begin();
        let observer = Arc::clone(&progress);
        // A timeout beyond the range of the clock becomes one year.
        let year = Duration::from_secs(366 * 24 * 60 * 60);
        let timeout = args.timeout.min(year);
        let client = remote
            .client(
                project.concurrent_runs(args),
                project.request_timeout(None),
                signals.stop.clone(),
                move |notice| observer.notice(&notice),
            )?
            .with_patience(timeout);
        let poll = if self.global.sandbox {
            SANDBOX_POLL
        } else {
            POLL
        };
        let context = Context {
            client: &client,
            events: &*progress,
            options: RunOptions {
                poll: args.poll.unwrap_or(poll),
                deadline: Instant::now() + timeout,
                settle: project.settle(args.settle).min(year),
                parallelism: project.concurrent_runs(args),
                gate: self.gate,
            },
        };
        let judged = run_all(&context, wanted).await;
        progress.end();
        Ok(judged)
    }
}

/// Returns 1 if no run was queued, and 3 for any other failure.
fn exit(judged: &[Judged], signals: &Signals) -> Exit {
    if let Some(signal) = signals.caught()
        && judged.iter().any(is_cut_off)
    {
        return Exit::Interrupted(signal);
    }
    if judged.iter().all(|judged| judged.verdict.is_passed()) {
        Exit::Success
    } else if judged.iter().all(|judged| judged.outcome.is_not_queued()) {
        Exit::Failure
    } else {
        Exit::Incomplete
    }
}

/// Returns whether a signal may have ended the wait for the run.
fn is_cut_off(judged: &Judged) -> bool {
    !matches!(judged.outcome, Outcome::Ended { .. })
}
