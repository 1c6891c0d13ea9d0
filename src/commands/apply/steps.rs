//! The steps of the work: recovery, plan, look, confirmation, carrying out.

use std::collections::BTreeSet;

use super::super::refresh::{Look, Looker, warn_of_gone, warn_of_untracked};
use super::super::signals::Signals;
use super::{Confirmation, Ended, Job};
use crate::apply::{
    Context, Event, Failed, Failure, LedgerError, Looked, Recovered, What, carry_out, look, recover,
};
use crate::cli::PlanFormat;
use crate::error::CommandError;
use crate::lock::{ApiAddress, Lockfile};
use crate::plan::{Action, Plan, plan, plan_with_adoptions};
use crate::report::{self, Output};

impl Job<'_> {
    /// Recovery, plan, look, confirmation, the work. `None` when the user said no.
    pub(super) async fn steps(
        &self,
        context: &Context<'_>,
        organization: Option<&String>,
        signals: &Signals,
        output: &mut Output,
    ) -> Result<Option<Ended>, CommandError> {
        let recovered = recover(context).await.map_err(journal_failed)?;
        let replay = context.ledger.snapshot();
        let seen = self.refresh(context, &replay.lock, organization).await?;
        warn_of_untracked(&seen, output);
        warn_of_gone(&seen, &replay.lock, output);
        let unsure = replay.unsure();
        let input = self.input(&replay, &unsure, &seen.refreshed.sightings);
        let mut options = self.options.clone();
        options.trusts_absence |= seen.is_same_organization;
        let first = plan(input, &options);
        // With a look, what is taken over is part of the plan.
        let is_looked_at = self.args.planning.refresh;
        if let Some(saved) = self.saved.as_ref().filter(|_| !is_looked_at) {
            saved.check_plan(&first)?;
        }
        let unseen = seen.refreshed.failed;
        let blocked: BTreeSet<_> = recovered
            .failed
            .keys()
            .chain(recovered.undecided.keys())
            .chain(unseen.keys())
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
            look(&context.search(), &pending).await
        };
        if let Some(status) = looked.cannot_list {
            context.events.event(Event::CannotList { status });
        }
        let blocked: BTreeSet<_> = blocked
            .into_iter()
            .chain(looked.failed.keys())
            .chain(looked.undecided.keys())
            .cloned()
            .collect();
        let plan = plan_with_adoptions(input, &options, &looked.taken, &blocked);
        match &self.saved {
            Some(saved) if is_looked_at => saved.check_plan(&plan)?,
            Some(saved) => saved.check_nothing_taken(&looked.taken)?,
            None => {}
        }
        if !plan.is_applyable() {
            let exit = self.refuse(&plan, &replay, output)?;
            return Err(CommandError::new("nothing was sent").exit(exit));
        }
        if plan.has_work() && !self.confirm(&plan, signals, output).await? {
            return Ok(None);
        }
        let known = looked.known.clone();
        let mut stopped = stopped(recovered, looked);
        stopped.extend(unseen.into_iter().map(|(key, error)| Failed {
            key,
            what: What::Update,
            failure: Failure::Look(error),
        }));
        let outcome = carry_out(context, &plan, &known, stopped).await;
        Ok(Some(Ended { outcome, plan }))
    }

    async fn refresh(
        &self,
        context: &Context<'_>,
        lock: &Lockfile,
        organization: Option<&String>,
    ) -> Result<Look, CommandError> {
        if !self.args.planning.refresh || context.client.is_stopped() {
            return Ok(Look::default());
        }
        let looker = Looker {
            client: context.client,
            paths: &self.paths,
            desired: &self.workspace.desired,
            targets: self.options.targets.as_ref(),
            parallelism: context.options.parallelism,
        };
        let api = lock.api.clone().unwrap_or_else(|| ApiAddress::new(""));
        looker.look(lock, organization, &api).await
    }

    /// Shows the plan and asks, on a terminal.
    async fn confirm(
        &self,
        plan: &Plan,
        signals: &Signals,
        output: &mut Output,
    ) -> Result<bool, CommandError> {
        let is_asked = !self.args.yes && report::output::is_terminal();
        match self.args.format {
            PlanFormat::Human if is_asked => {
                self.progress.pause();
                output.result(&report::plan::human(plan, output.out_palette))?;
                let (question, expected) = self.question(plan);
                let answer = tokio::select! {
                    answer = report::output::ask(&question) => answer?,
                    () = signals.stopped() => return Ok(false),
                };
                self.progress.resume();
                Ok(expected.iter().any(|expected| answer.trim() == expected))
            }
            _ if is_asked => Err(CommandError::new(
                "on a terminal `apply` with a `--format` needs `--yes`, since it doesn't ask",
            )),
            _ => Ok(true),
        }
    }
}

impl Job<'_> {
    /// What a person is asked, and the answers that mean yes.
    fn question(&self, plan: &Plan) -> (String, Vec<String>) {
        match self.confirmation {
            Confirmation::Ask => (
                "Apply these changes? [y/N] ".to_owned(),
                ["y", "Y", "yes"].map(str::to_owned).to_vec(),
            ),
            Confirmation::TypeNumber => {
                let number = plan.summary().delete.to_string();
                let question = format!(
                    "This deletes {number} simulations and the history of their runs, for good.\n\
                     Type the number of simulations to go on: "
                );
                (question, vec![number])
            }
        }
    }
}

fn journal_failed(error: LedgerError) -> CommandError {
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
