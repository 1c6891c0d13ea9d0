//! What was recorded: the lockfile, and the journal of an apply that was cut off.

use std::collections::BTreeMap;
use std::path::Path;

use super::project::{Paths, ReadLock};
use crate::error::CommandError;
use crate::journal::{self, Damage, HistoryError, Intent, OpenIntent, Replay};
use crate::lock::{ApiAddress, Lockfile};
use crate::resource::key::{SimulationId, SimulationKey};
use crate::spec::command_line::{positional, quoted};
use crate::store::lock_store::LockReadError;
use crate::store::{journal_file, lock_store};

/// The lockfile and the journal, read.
pub(super) struct Recorded {
    /// What they add up to.
    pub replay: Replay,
    /// How many keys the journal adds to the lockfile or changes in it.
    taken_from_journal: usize,
    /// The checksum of the lockfile on the disk, where a journal changes it.
    before: Option<u32>,
    /// How many bytes of the journal are whole lines.
    pub journal_length: usize,
}

impl Recorded {
    /// Reads both. Anything damaged is an error: nothing is ever taken for empty.
    pub fn read(paths: &Paths) -> Result<Self, CommandError> {
        Self::join(lock_store::read(&paths.lockfile)?, paths)
    }

    /// Reads the journal to a lockfile that was read before.
    pub fn of(lock: ReadLock, paths: &Paths) -> Result<Self, CommandError> {
        Self::join(lock?, paths)
    }

    /// Reads both for mending: one id under two keys is let through.
    pub fn read_for_mending(paths: &Paths) -> Result<Self, CommandError> {
        Self::join(lock_store::read_for_mending(&paths.lockfile)?, paths)
    }

    fn join(before: Lockfile, paths: &Paths) -> Result<Self, CommandError> {
        let bytes = journal_file::read(&paths.journal)?;
        let journal = journal::read(&bytes.unwrap_or_default())
            .map_err(|damage| damaged_journal(&paths.journal, damage))?;
        let old = (!journal.entries.is_empty()).then(|| before.clone());
        let replay =
            Replay::of(before, &journal.entries).map_err(|error| history_error(paths, error))?;
        Ok(Self {
            taken_from_journal: old.as_ref().map_or(0, |old| differing(old, &replay.lock)),
            before: old.as_ref().map(journal::checksum_of),
            replay,
            journal_length: journal.length,
        })
    }

    /// The checksum of the lockfile on the disk.
    pub fn lockfile_checksum(&self) -> u32 {
        self.before
            .unwrap_or_else(|| journal::checksum_of(&self.replay.lock))
    }

    /// A sentence about what an earlier apply left, for people; empty when nothing.
    pub fn left_open(&self) -> Vec<String> {
        let mut notes = Vec::new();
        let taken = self.taken_from_journal;
        if taken > 0 {
            notes.push(format!(
                "an earlier apply was cut off: what it did to {taken} simulation{} is taken from its journal",
                if taken == 1 { "" } else { "s" }
            ));
        }
        notes.extend(self.replay.open.values().map(describe_open));
        notes
    }

    /// Refuses a lockfile whose ids live elsewhere.
    pub fn check_address(&self, api: &ApiAddress, paths: &Paths) -> Result<(), CommandError> {
        match &self.replay.lock.api {
            Some(recorded) if recorded != api => Err(CommandError::new(format!(
                "the ids in `{}` belong to {recorded}, and this is {api}",
                paths.lockfile.display()
            ))
            .help(
                "use another lockfile for another API: `--env NAME`, or `lockfile` in bluejay.yaml",
            )
            .help(format!(
                "or go on where the ids are: `--api-url {recorded}`"
            ))),
            _ => Ok(()),
        }
    }
}

fn damaged_journal(path: &Path, damage: Damage) -> CommandError {
    CommandError::new(format!("could not use the journal `{}`", path.display()))
        .caused_by(damage)
        .help(format!(
            "it holds what an apply that was cut off left open; move it away (`{}`), and the \
             next apply looks for the simulations before it creates any",
            away(path)
        ))
}

/// The command that moves a file out of the way.
fn away(path: &Path) -> String {
    let path = path.display().to_string();
    format!(
        "mv {} {}",
        quoted(&path),
        quoted(&format!("{path}.damaged"))
    )
}

/// How many keys two lockfiles don't have alike.
fn differing(old: &Lockfile, new: &Lockfile) -> usize {
    let (old, new) = (&old.simulations, &new.simulations);
    let changed = new
        .iter()
        .filter(|(key, entry)| old.get(*key) != Some(entry));
    let gone = old.keys().filter(|key| !new.contains_key(*key));
    changed.count() + gone.count()
}

/// The ids by key, as the lockfile has them.
pub(super) fn ids(replay: &Replay) -> BTreeMap<SimulationKey, SimulationId> {
    let simulations = replay.lock.simulations.iter();
    simulations
        .map(|(key, locked)| (key.clone(), locked.simulation_id))
        .collect()
}

fn describe_open(open: &OpenIntent) -> String {
    let what = match open.intent {
        Intent::Create { .. } => "its create was sent or about to be, and no answer was recorded",
        Intent::Update { .. } => "an update was cut off, so its fields are sent again",
        Intent::Attach { .. } => "attaching its digital humans was cut off, so that is done again",
        Intent::Delete { .. } => "its delete was cut off",
    };
    format!("an earlier apply left `{}` open: {what}", open.intent.key())
}

fn history_error(paths: &Paths, error: HistoryError) -> CommandError {
    let path = paths.journal.display();
    let command = CommandError::new(format!(
        "could not join the journal `{path}` to the lockfile"
    ));
    let command = match &error {
        HistoryError::TwoIds { key, created, .. } => command
            .help(format!(
                "keep one of the two with `bluejayctl state resolve {} ID`; the other stays \
                 listed until it is deleted",
                positional(key.as_str())
            ))
            .help(format!("the one in the journal is simulation {created}")),
        HistoryError::Organization { .. } => {
            command.help("finish the apply that was cut off with the lockfile that it had")
        }
        HistoryError::Address { .. } | HistoryError::Version { .. } => {
            command.help("run the apply again that was cut off, with the same program and address")
        }
        _ => command.help(format!(
            "move it away (`{}`); the next apply looks for the simulations before it creates any",
            away(&paths.journal)
        )),
    };
    command.caused_by(error)
}

/// A path as people write it: without a `./` before it.
pub(super) fn shown(path: &Path) -> String {
    let path = path.strip_prefix(".").unwrap_or(path);
    path.display().to_string()
}

impl From<LockReadError> for CommandError {
    fn from(error: LockReadError) -> Self {
        let message = error.to_string();
        match error {
            LockReadError::Store(error) => error.into(),
            LockReadError::Format(path, error) => {
                let help = error.help(&shown(&path));
                Self::new(message).caused_by(error).help(help)
            }
            LockReadError::Journal(path, damage) => damaged_journal(&path, damage),
        }
    }
}
