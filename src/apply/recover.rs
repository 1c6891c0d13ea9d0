//! What an earlier run left open, finished before anything new begins.

use std::collections::BTreeMap;
use std::time::Duration;

use super::settle::{Doubt, Pauses, announce, settle};
use super::{Context, LedgerError, crash_point};
use crate::api::ApiError;
use crate::journal::{Entry, Intent};
use crate::spec::key::{SimulationId, SimulationKey};

/// What was found out about an earlier run's open intents.
#[derive(Debug, Default)]
pub struct Recovered {
    /// Creates that had come true, now recorded.
    pub created: BTreeMap<SimulationKey, SimulationId>,
    /// Creates that had not; the plan says what becomes of their keys.
    pub absent: Vec<SimulationKey>,
    /// What a person has to decide.
    pub undecided: BTreeMap<SimulationKey, Doubt>,
    /// What could not be found out.
    pub failed: BTreeMap<SimulationKey, ApiError>,
}

/// Finds out what became of everything that is open.
///
/// Open updates stay open: the plan sends their fields again, which closes them.
pub async fn recover(context: &Context<'_>) -> Result<Recovered, LedgerError> {
    // Creates and deletes wait together, not one after the other.
    let (not_found_out, settled) = tokio::try_join!(deletes(context), settle(context))?;
    let mut recovered = Recovered {
        created: settled.created,
        absent: settled.absent.into_iter().collect(),
        undecided: settled.undecided,
        failed: settled.failed,
    };
    recovered.failed.extend(not_found_out);
    Ok(recovered)
}

/// An open delete is done when its simulation is gone. One that is still there may
/// be deleted late, when somebody relies on it again: it is looked up until its
/// settle time is over. Returns what could not be found out.
async fn deletes(context: &Context<'_>) -> Result<BTreeMap<SimulationKey, ApiError>, LedgerError> {
    let mut pauses = Pauses::new();
    loop {
        let (waiting, mut failed) = look_at_deletes(context).await?;
        let Some(left) = waiting.iter().map(|(_, left)| *left).max() else {
            return Ok(failed);
        };
        announce(context, waiting.len(), left);
        let pause = tokio::time::sleep(pauses.next(left));
        if let Err(error) = context.client.unless_stopped(pause).await {
            failed.extend(waiting.into_iter().map(|(key, _)| (key, error.clone())));
            return Ok(failed);
        }
    }
}

/// Looks once at each. Returns those that may still be done, with how long, and
/// what could not be found out.
async fn look_at_deletes(
    context: &Context<'_>,
) -> Result<
    (
        Vec<(SimulationKey, Duration)>,
        BTreeMap<SimulationKey, ApiError>,
    ),
    LedgerError,
> {
    let (mut waiting, mut failed) = (Vec::new(), BTreeMap::new());
    for open in context.ledger.open() {
        let (seq, left) = (open.seq, context.time_left(&open));
        let Intent::Delete { key, simulation_id } = open.intent else {
            continue;
        };
        let entry = match context.client.read(simulation_id).await {
            Ok(None) => Entry::Done { seq, applied: None },
            Ok(Some(_)) if !left.is_zero() => {
                waiting.push((key, left));
                continue;
            }
            Ok(Some(_)) | Err(ApiError::Unsupported { .. }) => {
                let reason = "still there when its settle time was over".to_owned();
                Entry::NotDone { seq, reason }
            }
            Err(error) => {
                failed.insert(key, error);
                continue;
            }
        };
        context.ledger.record(entry).await?;
        crash_point!("recover.delete");
    }
    Ok((waiting, failed))
}
