//! From what happened to the report and the exit code.

use super::super::signals::Signals;
use super::{Ended, Job};
use crate::apply::{Failure, Ledger, Outcome};
use crate::cli::PlanFormat;
use crate::error::{CommandError, Exit};
use crate::plan::{Action, Plan};
use crate::report::Output;
use crate::report::apply::{Finished, finished, finished_json};
use crate::spec::key::{SimulationId, SimulationKey};

impl Job<'_> {
    /// From what happened to the report and the exit code.
    pub(super) fn conclude(
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

    pub(super) fn show_finished(
        &self,
        ended: &Finished<'_>,
        output: &mut Output,
    ) -> Result<(), CommandError> {
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
            PlanFormat::Json => finished_json(ended, &self.workspace.desired),
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

/// What the plan keeps though no file declares it.
pub(super) fn orphans(plan: &Plan) -> Vec<(SimulationKey, SimulationId)> {
    plan.changes
        .iter()
        .filter(|change| change.action == Action::Orphan)
        .filter_map(|change| Some((change.key.clone(), change.simulation_id?)))
        .collect()
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
