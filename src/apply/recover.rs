//! What an earlier run left open, finished before anything new begins.

use std::collections::BTreeMap;

use super::settle::{Settled, settle};
use super::{Context, LedgerError, crash_point};
use crate::api::ApiError;
use crate::journal::{Entry, Intent};
use crate::plan::Observed;
use crate::spec::key::{SimulationId, SimulationKey};

/// What was found out about an earlier run's open intents.
#[derive(Debug, Default)]
pub struct Recovered {
    /// Creates that had come true, now recorded.
    pub created: BTreeMap<SimulationKey, SimulationId>,
    /// Creates that had not; the plan says what becomes of their keys.
    pub absent: Vec<SimulationKey>,
    /// What a person has to decide.
    pub undecided: BTreeMap<SimulationKey, Vec<Observed>>,
    /// What could not be found out.
    pub failed: BTreeMap<SimulationKey, ApiError>,
}

/// Finds out what became of everything that is open.
///
/// Open updates stay open: the plan sends their fields again, which closes them.
pub async fn recover(context: &Context<'_>) -> Result<Recovered, LedgerError> {
    let mut recovered = Recovered::default();
    deletes(context, &mut recovered).await?;
    let Settled {
        created,
        absent,
        undecided,
        failed,
    } = settle(context).await?;
    recovered.created = created;
    recovered.absent = absent.into_iter().collect();
    recovered.undecided = undecided;
    recovered.failed.extend(failed);
    Ok(recovered)
}

/// An open delete is done when its simulation is gone.
async fn deletes(context: &Context<'_>, recovered: &mut Recovered) -> Result<(), LedgerError> {
    for open in context.ledger.open() {
        let Intent::Delete { key, simulation_id } = open.intent else {
            continue;
        };
        let seq = open.seq;
        let entry = match context.client.read(simulation_id).await {
            Ok(None) => Entry::Done { seq, applied: None },
            Ok(Some(_)) | Err(ApiError::Unsupported { .. }) => {
                let reason = "still there when it was looked up".to_owned();
                Entry::NotDone { seq, reason }
            }
            Err(error) => {
                recovered.failed.insert(key, error);
                continue;
            }
        };
        context.ledger.record(entry).await?;
        crash_point!("recover.delete");
    }
    Ok(())
}
