//! `state`: looks at the lockfile and mends it, without the API.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::load::load;
use super::project::{Paths, load_options};
use super::recorded::Recorded;
use crate::cli::{GlobalArgs, StateCommand};
use crate::error::{CommandError, Exit};
use crate::journal::{Entry, HistoryError, Intent, OpenIntent, Replay, read};
use crate::lock::{self, LockedSimulation, Lockfile, MergeConflict};
use crate::report::Output;
use crate::spec::body::Body;
use crate::spec::key::{SimulationId, SimulationKey};
use crate::spec::nearest::nearest;
use crate::store::guard::{self, Taken};
use crate::store::{journal_file, lock_store};

/// Looks or mends.
pub(super) fn run(
    global: &GlobalArgs,
    command: &StateCommand,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    // Mistakes in the files don't keep anyone from mending the lockfile.
    let workspace = load(&load_options(global))?;
    let paths = Paths::of(&workspace, global);
    match command {
        StateCommand::List { json } => list(&paths, *json, output),
        StateCommand::Show { key } => show(&paths, key, output),
        StateCommand::Mv { from, to } => {
            let exit = mend(&paths, |replay| rename(replay, from, to))?;
            output.note(&format!("`{from}` is now `{to}`"));
            Ok(exit)
        }
        StateCommand::Rm { keys } => mend(&paths, |replay| forget(replay, keys, output)),
        StateCommand::Resolve {
            key: Some(key),
            id: Some(id),
            ..
        } => resolve_create(&paths, key, id, output),
        StateCommand::Resolve { keep, .. } => resolve_conflict(&paths, keep, output),
    }
}

fn list(paths: &Paths, json: bool, output: &mut Output) -> Result<Exit, CommandError> {
    let recorded = Recorded::read(paths)?;
    for note in recorded.left_open() {
        output.warn(&note);
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
        format!(
            "{:#}\n",
            serde_json::json!({ "format_version": "1.0", "simulations": list })
        )
    } else {
        listed(simulations)
    };
    if simulations.is_empty() {
        let name = paths.lockfile.file_name().unwrap_or_default();
        output.note(&format!(
            "`{}` holds no simulation; `bluejayctl apply` records them",
            name.display()
        ));
    }
    output.result(&text)?;
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

fn show(paths: &Paths, key: &str, output: &mut Output) -> Result<Exit, CommandError> {
    let recorded = Recorded::read(paths)?;
    let lock = &recorded.replay.lock;
    let locked = lock
        .simulations
        .get(key)
        .ok_or_else(|| no_entry(lock, key))?;
    let entry = serde_json::to_value(locked)
        .map_err(|error| CommandError::new("could not show the entry").caused_by(error))?;
    output.result(&format!("{entry:#}\n"))?;
    Ok(Exit::Success)
}

fn no_entry(lock: &Lockfile, key: &str) -> CommandError {
    let error = CommandError::new(format!("the lockfile has no entry `{key}`"));
    match nearest(key, lock.simulations.keys().map(SimulationKey::as_str)) {
        Some(known) => error.help(format!("there is a similar one: `{known}`")),
        None => error.help("`bluejayctl state list` shows all of them"),
    }
}

/// Changes the lockfile under the guard. Refused while a create is open, since
/// the change could be about it.
fn mend(
    paths: &Paths,
    change: impl FnOnce(&mut Replay) -> Result<(), CommandError>,
) -> Result<Exit, CommandError> {
    with_guard(paths, || {
        let recorded = Recorded::read_for_mending(paths)?;
        let mut replay = recorded.replay;
        if let Some(open) = replay.open.values().next() {
            return Err(CommandError::new(format!(
                "an earlier apply left `{}` open",
                open.intent.key()
            ))
            .help("run `bluejayctl apply` first: it finds out what became of it"));
        }
        change(&mut replay)?;
        paths.save(&replay)?;
        Ok(Exit::Success)
    })
}

/// Runs with the guard of the lockfile, or says who has it.
pub(super) fn with_guard(
    paths: &Paths,
    run: impl FnOnce() -> Result<Exit, CommandError>,
) -> Result<Exit, CommandError> {
    match guard::take(&paths.lockfile, Duration::ZERO, |_| {})? {
        Taken::Ours(_guard) => run(),
        Taken::Held(holder) => Err(CommandError::new(format!(
            "an apply is at work on `{}`: {holder}",
            paths.lockfile.display()
        ))),
    }
}

fn rename(replay: &mut Replay, from: &str, to: &str) -> Result<(), CommandError> {
    let simulations = &mut replay.lock.simulations;
    if let Some(problem) = SimulationKey::problem(to) {
        return Err(CommandError::new(format!("`{to}` can't be a key")).caused_by(problem));
    }
    if simulations.contains_key(to) {
        return Err(CommandError::new(format!(
            "the lockfile has an entry `{to}` already"
        )));
    }
    match simulations.remove(from) {
        Some(locked) => {
            simulations.insert(SimulationKey::from(to), locked);
            Ok(())
        }
        None => Err(no_entry(&replay.lock, from)),
    }
}

fn forget(replay: &mut Replay, keys: &[String], output: &Output) -> Result<(), CommandError> {
    for key in keys {
        let locked = replay.lock.simulations.remove(key.as_str());
        let locked = locked.ok_or_else(|| no_entry(&replay.lock, key))?;
        output.note(&format!(
            "`{key}` is no longer managed; simulation {} stays as it is",
            locked.simulation_id
        ));
    }
    Ok(())
}

/// Records what a person found out about a create that was cut off.
fn resolve_create(
    paths: &Paths,
    key: &str,
    id: &str,
    output: &Output,
) -> Result<Exit, CommandError> {
    let id = match id {
        "none" => None,
        id => Some(SimulationId(id.parse().map_err(|_| {
            CommandError::new(format!("`{id}` is not the id of a simulation"))
                .help("give its number, or `none` when nothing was created")
        })?)),
    };
    with_guard(paths, || {
        let before = lock_store::read(&paths.lockfile)?;
        let bytes = journal_file::read(&paths.journal)?.unwrap_or_default();
        let journal = read(&bytes)
            .map_err(|error| CommandError::new("could not read the journal").caused_by(error))?;
        let mut replay = match Replay::of(before.clone(), &journal.entries) {
            Err(HistoryError::TwoIds {
                key: of,
                locked,
                created,
            }) if of.as_str() == key => {
                let kept = keep_one(before, &journal.entries, &of, [locked, created], id)?;
                lock_store::write(&paths.lockfile, &kept)?;
                output.note(&format!(
                    "`{key}` is the one you chose; the other is kept as replaced, until \
                     `apply --prune` deletes it"
                ));
                return Ok(Exit::Success);
            }
            replay => replay
                .map_err(|error| CommandError::new("could not use the journal").caused_by(error))?,
        };
        let open = replay.open.values().find(|open| {
            open.intent.key().as_str() == key && matches!(open.intent, Intent::Create { .. })
        });
        let (seq, sent) = open.and_then(sent).ok_or_else(|| {
            CommandError::new(format!("no create of `{key}` is open"))
                .help("`bluejayctl state list` shows what the lockfile holds")
        })?;
        let entry = match id {
            Some(simulation_id) => Entry::Created {
                seq,
                simulation_id,
                applied: Some(name_alone(sent)),
            },
            None => Entry::NotDone {
                seq,
                reason: "decided by a person".to_owned(),
            },
        };
        check_unowned(&replay, id)?;
        replay
            .apply(&entry)
            .map_err(|error| CommandError::new("could not record it").caused_by(error))?;
        paths.save(&replay)?;
        output.note(&match id {
            Some(id) => format!(
                "`{key}` is simulation {id}; the next apply sends its fields once more, since \
                 nobody compared them"
            ),
            None => format!(
                "`{key}` was not created; the next apply creates it. Where it stops at a \
                 simulation of the same name again: `bluejayctl apply --target '{key}' --adopt never`"
            ),
        });
        Ok(Exit::Success)
    })
}

fn sent(open: &OpenIntent) -> Option<(u64, &Body)> {
    match &open.intent {
        Intent::Create { body, .. } => Some((open.seq, body)),
        _ => None,
    }
}

/// What is sure about a simulation that a person named: nobody looked at it, so
/// the next apply sends the rest.
fn name_alone(sent: &Body) -> Body {
    let sure = ["agent_id", "name", "sequential_calling", "always_on"];
    let fields = sent.0.iter();
    fields
        .filter(|(field, _)| sure.contains(&field.as_str()))
        .map(|(field, value)| (field.clone(), value.clone()))
        .collect()
}

/// Decides for a key that has one id in the lockfile and another in the journal.
/// Both stay owned, so that the journal can be folded onto the lockfile.
fn keep_one(
    mut lock: Lockfile,
    entries: &[Entry],
    key: &SimulationKey,
    [locked, created]: [SimulationId; 2],
    keep: Option<SimulationId>,
) -> Result<Lockfile, CommandError> {
    if keep != Some(locked) && keep != Some(created) {
        return Err(CommandError::new(format!(
            "`{key}` is simulation {locked} or simulation {created}"
        ))
        .help(format!(
            "keep one of them: `bluejayctl state resolve '{key}' {created}`"
        )));
    }
    // What the journal alone says about the key is what was sent for its id.
    let alone = Replay::of(Lockfile::default(), entries)
        .map_err(|error| CommandError::new("could not use the journal").caused_by(error))?;
    if let Some(entry) = lock.simulations.get_mut(key) {
        if keep == Some(created) {
            entry.replaced.push(locked);
            entry.simulation_id = created;
            if let Some(sent) = alone.lock.simulations.get(key) {
                entry.applied = sent.applied.clone();
            }
        } else {
            entry.replaced.push(created);
        }
    }
    Ok(lock)
}

fn check_unowned(replay: &Replay, id: Option<SimulationId>) -> Result<(), CommandError> {
    match replay.lock.ids().find(|(owned, _)| Some(*owned) == id) {
        Some((id, key)) => Err(CommandError::new(format!(
            "simulation {id} belongs to `{key}` already"
        ))),
        None => Ok(()),
    }
}

/// Joins both sides of a lockfile that git could not merge.
fn resolve_conflict(paths: &Paths, keep: &[u64], output: &Output) -> Result<Exit, CommandError> {
    with_guard(paths, || {
        let path = paths.lockfile.display();
        let text = lock_store::read_text(&paths.lockfile)?.unwrap_or_default();
        if lock::has_conflict_markers(&text).is_none() {
            output.note(&format!("`{path}` holds no conflict markers"));
            return Ok(Exit::Success);
        }
        let (ours, theirs) = lock::split_conflict_sides(&text);
        let side = |text: &str, which: &str| {
            lock::parse(text).map_err(|error| {
                CommandError::new(format!("could not read {which} side of `{path}`"))
                    .caused_by(error)
                    .help("take one side whole: `git checkout --ours bluejay.lock`")
            })
        };
        let choices: BTreeSet<_> = keep.iter().copied().map(SimulationId).collect();
        let joined = lock::join(&side(&ours, "our")?, &side(&theirs, "their")?, &choices)
            .map_err(|conflicts| undecided(&conflicts))?;
        if let Some(shared) = joined.shared_id() {
            return Err(CommandError::new(format!(
                "simulation {} would stand under `{}` and under `{}`",
                shared.id, shared.first, shared.second
            ))
            .help("a key was renamed on one side: rename it on the other, then resolve again"));
        }
        lock_store::write(&paths.lockfile, &joined)?;
        output.note(&format!(
            "joined both sides: {} simulations; now `git add {path}`",
            joined.simulations.len()
        ));
        Ok(Exit::Success)
    })
}

fn undecided(conflicts: &[MergeConflict]) -> CommandError {
    let said: Vec<_> = conflicts.iter().map(ToString::to_string).collect();
    CommandError::new("the two sides of the lockfile can't be joined without a decision")
        .caused_by(said.join("; "))
        .help(
            "say which id to keep: `bluejayctl state resolve --keep ID`; the other one stays \
             in the lockfile as replaced, until `apply --prune` deletes it",
        )
}
