//! Joining two sides of a lockfile that git could not merge.

use std::collections::BTreeSet;
use std::fmt;

use super::lockfile::{LockedSimulation, Lockfile};
use crate::spec::key::{SimulationId, SimulationKey};

/// The line of the first git conflict marker, counted from 1.
#[must_use]
pub fn has_conflict_markers(text: &str) -> Option<usize> {
    text.lines()
        .position(|line| line.starts_with("<<<<<<< "))
        .map(|index| index + 1)
}

/// Takes a text with conflict markers apart into our side and theirs.
///
/// The middle part that git's `diff3` style adds (the common ancestor) belongs
/// to neither.
#[must_use]
pub fn split_conflict_sides(text: &str) -> (String, String) {
    enum Part {
        Both,
        Ours,
        Ancestor,
        Theirs,
    }
    let (mut ours, mut theirs) = (String::new(), String::new());
    let mut part = Part::Both;
    for line in text.split_inclusive('\n') {
        part = match part {
            Part::Both if line.starts_with("<<<<<<< ") => Part::Ours,
            Part::Ours if line.starts_with("||||||| ") => Part::Ancestor,
            Part::Ours | Part::Ancestor if line.starts_with("=======") => Part::Theirs,
            Part::Theirs if line.starts_with(">>>>>>> ") => Part::Both,
            same => {
                if matches!(same, Part::Both | Part::Ours) {
                    ours.push_str(line);
                }
                if matches!(same, Part::Both | Part::Theirs) {
                    theirs.push_str(line);
                }
                same
            }
        };
    }
    (ours, theirs)
}

/// Why two lockfiles can't be joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MergeConflict {
    /// They belong to different APIs.
    Address,
    /// One key has an id on each side.
    TwoIds {
        /// The key.
        key: SimulationKey,
        /// The id on our side.
        ours: SimulationId,
        /// The id on their side.
        theirs: SimulationId,
    },
}

impl fmt::Display for MergeConflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address => f.write_str("the two sides belong to different API addresses"),
            Self::TwoIds { key, ours, theirs } => write!(
                f,
                "`{key}` is simulation {ours} on our side and simulation {theirs} on theirs"
            ),
        }
    }
}

/// The union of two lockfiles.
///
/// Where both sides have a key under one id but with other fields, ours are
/// taken: the next plan compares them with the files and puts them right. A key
/// with two ids is decided by `choices` (an id that is kept), or is a conflict.
/// Every conflict is returned, in the keys' order.
pub fn join(
    ours: &Lockfile,
    theirs: &Lockfile,
    choices: &BTreeSet<SimulationId>,
) -> Result<Lockfile, Vec<MergeConflict>> {
    let mut joined = ours.clone();
    let mut conflicts = Vec::new();
    match (&ours.api, &theirs.api) {
        (Some(a), Some(b)) if a != b => conflicts.push(MergeConflict::Address),
        (None, api) => joined.api.clone_from(api),
        _ => {}
    }
    for (key, locked) in &theirs.simulations {
        match joined.simulations.get_mut(key) {
            None => {
                joined.simulations.insert(key.clone(), locked.clone());
            }
            Some(mine) => {
                if let Err(conflict) = join_entry(key, mine, locked, choices) {
                    conflicts.push(conflict);
                }
            }
        }
    }
    if conflicts.is_empty() {
        Ok(joined)
    } else {
        Err(conflicts)
    }
}

/// Joins their entry into ours; the id that is not chosen stays owned, as one
/// that a replace left behind.
fn join_entry(
    key: &SimulationKey,
    mine: &mut LockedSimulation,
    theirs: &LockedSimulation,
    choices: &BTreeSet<SimulationId>,
) -> Result<(), MergeConflict> {
    let all: BTreeSet<_> = [&*mine, theirs]
        .into_iter()
        .flat_map(|side| std::iter::once(&side.simulation_id).chain(&side.replaced))
        .copied()
        .collect();
    let a_replaced_b = mine.replaced.contains(&theirs.simulation_id);
    let b_replaced_a = theirs.replaced.contains(&mine.simulation_id);
    if mine.simulation_id != theirs.simulation_id {
        let chosen = (
            choices.contains(&mine.simulation_id),
            choices.contains(&theirs.simulation_id),
        );
        // What a person says counts before what the histories say: each side may
        // have replaced the other's.
        let keeps = match chosen {
            (false, false) => (a_replaced_b, b_replaced_a),
            chosen => chosen,
        };
        let take_theirs = match keeps {
            (true, false) => false,
            (false, true) => true,
            _ => {
                return Err(MergeConflict::TwoIds {
                    key: key.clone(),
                    ours: mine.simulation_id,
                    theirs: theirs.simulation_id,
                });
            }
        };
        if take_theirs {
            mine.simulation_id = theirs.simulation_id;
            mine.applied = theirs.applied.clone();
        }
    }
    mine.replaced = all
        .into_iter()
        .filter(|id| *id != mine.simulation_id)
        .collect();
    Ok(())
}
