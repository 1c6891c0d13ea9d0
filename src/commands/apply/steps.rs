//! The steps of the work: recovery, plan, look, confirmation, carrying out.

use std::collections::BTreeSet;

use super::super::signals::Signals;
use super::{Ended, Job, refuse};
use crate::apply::{
    Context, Failed, Failure, LedgerError, Looked, Recovered, What, carry_out, look, recover,
};
use crate::cli::PlanFormat;
use crate::error::CommandError;
use crate::plan::{Action, Plan, plan, plan_with_adoptions};
use crate::report::progress::Progress;
use crate::report::{self, Output};

impl Job<'_> {
    /// Recovery, plan, look, confirmation, the work. `None` when the user said no.
    pub(super) async fn steps(
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
