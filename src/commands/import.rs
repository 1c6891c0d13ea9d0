//! `import`: takes over a simulation that exists already.

use std::time::Duration;

use tokio::sync::watch;

use super::project::{Paths, load_valid};
use super::recorded::Recorded;
use super::remote::Remote;
use super::state::with_guard;
use crate::cli::{GlobalArgs, ImportArgs};
use crate::error::{CommandError, Exit};
use crate::lock::LockedSimulation;
use crate::plan::adopted_body;
use crate::report::Output;
use crate::sandbox::Faults;
use crate::spec::key::{SimulationId, SimulationKey};
use crate::store::lock_store;

/// Reads the simulation, and records its id under a key that a file declares.
pub(super) async fn run(
    global: &GlobalArgs,
    args: &ImportArgs,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    let Some(workspace) = load_valid(global, output)? else {
        return Ok(Exit::Failure);
    };
    let key = SimulationKey::from(args.key.as_str());
    let desired = workspace.desired.simulations.get(&key).ok_or_else(|| {
        CommandError::new(format!("no file declares a simulation `{key}`"))
            .help("write its YAML first; its key is its path below the folder of simulations")
    })?;
    let paths = Paths::of(&workspace, global);
    let remote = Remote::open(global, &workspace, Faults::default()).await?;
    let (_stop, stopped) = watch::channel(false);
    let client = remote.client(1, Duration::from_secs(60), stopped, |_| {})?;
    let id = SimulationId(args.id);
    let read = client.read(id).await;
    let api = remote.target.recorded().clone();
    remote.close().await?;
    let observed = read
        .map_err(|error| {
            CommandError::new(format!("could not read simulation {id}")).caused_by(error)
        })?
        .ok_or_else(|| {
            CommandError::new(format!("there is no simulation {id}"))
                .help("or it belongs to another organisation than the key")
        })?;
    let foreign = lock_store::ids_of_neighbours(&paths.lockfile, &api)?;
    with_guard(&paths, || {
        let recorded = Recorded::read(&paths)?;
        recorded.check_address(&api, &paths)?;
        let mut replay = recorded.replay;
        if !replay.open.is_empty() {
            return Err(CommandError::new("an earlier apply left something open")
                .help("run `bluejayctl apply` first: it finds out what became of it"));
        }
        if foreign.contains(&id) {
            return Err(CommandError::new(format!(
                "simulation {id} stands in another lockfile beside this one"
            )));
        }
        if let Some((_, owner)) = replay.lock.ids().find(|(owned, _)| *owned == id) {
            return Err(CommandError::new(format!(
                "simulation {id} belongs to `{owner}` already"
            )));
        }
        if let Some(locked) = replay.lock.simulations.get(&key) {
            return Err(CommandError::new(format!(
                "`{key}` is simulation {} already",
                locked.simulation_id
            ))
            .help(format!("let go of it first: `bluejayctl state rm '{key}'`")));
        }
        let applied = adopted_body(&desired.body, &observed);
        replay.lock.api = Some(api);
        let entry = LockedSimulation::new(id, applied);
        replay.lock.simulations.insert(key.clone(), entry);
        paths.save(&replay)?;
        output.note(&format!(
            "`{key}` is simulation {id}; `bluejayctl plan` shows what differs"
        ));
        Ok(Exit::Success)
    })
}
