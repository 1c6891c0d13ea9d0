//! `state list`: keys and ids.

use std::collections::BTreeMap;

use crate::error::{CommandError, Exit};
use crate::lock::LockedSimulation;
use crate::report::Output;
use crate::resource::key::SimulationKey;
use crate::state::StateFiles;
use crate::suggestion::{Message, Suggestion, Verb};
use crate::visible;

/// Prints what the lockfile and the journal add up to.
pub(super) fn run(
    paths: &StateFiles,
    json: bool,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    let recorded = paths.read()?;
    for note in recorded.left_open() {
        output.warn(note);
    }
    let simulations = &recorded.replay.lock.simulations;
    let text = if json {
        let list: Vec<_> = simulations
            .iter()
            .map(|(key, locked)| {
                serde_json::json!({
                    "key": key,
                    "simulation_id": locked.simulation_id,
                    "agent_id": locked.applied.agent_id(),
                    "name": locked.applied.name(),
                    "replaced": locked.replaced,
                })
            })
            .collect();
        visible::json(&format!(
            "{:#}\n",
            serde_json::json!({ "format_version": "1.0", "simulations": list })
        ))
    } else {
        visible::terminal(&listed(simulations), false)
    };
    if simulations.is_empty() {
        let name = paths.lockfile().file_name().unwrap_or_default();
        output.note(
            Message::from(format!("`{}` holds no simulation; ", name.display()))
                .command(Suggestion::new(Verb::Apply))
                .text(" records them"),
        );
    }
    output.result(&text);
    Ok(Exit::Success)
}

/// A line for each: key, id, and the ids that replaces left behind.
fn listed(simulations: &BTreeMap<SimulationKey, LockedSimulation>) -> String {
    let lengths = simulations.keys().map(|key| key.as_str().chars().count());
    let width = lengths.max().unwrap_or(0);
    let line = |(key, locked): (&SimulationKey, &LockedSimulation)| {
        let replaced: Vec<_> = locked.replaced.iter().map(ToString::to_string).collect();
        let more = match replaced.as_slice() {
            [] => String::new(),
            ids => format!("  (replaced, still at the API: {})", ids.join(", ")),
        };
        let (key, id) = (key.as_str(), locked.simulation_id);
        format!("{key:<width$}  {id}{more}\n")
    };
    simulations.iter().map(line).collect()
}
