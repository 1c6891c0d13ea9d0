//! Snapshot state in words: what an earlier apply left open, and why state can't be used.

use std::collections::BTreeMap;
use std::path::Path;

use crate::error::CommandError;
use crate::journal::{Damage, Foreign, HistoryError, Intent, OpenIntent, Replay};
use crate::lock::ApiAddress;
use crate::resource::key::{SimulationId, SimulationKey};
use crate::state::{Snapshot, StateError, StateFiles};
use crate::suggestion::{Message, Suggestion, Verb, quoted};

impl Snapshot {
    /// A sentence about what an earlier apply left, for people; empty when nothing.
    pub(super) fn left_open(&self) -> Vec<String> {
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
    pub(super) fn check_address(
        &self,
        api: &ApiAddress,
        files: &StateFiles,
    ) -> Result<(), CommandError> {
        match &self.replay.lock.api {
            Some(recorded) if recorded != api => Err(CommandError::new(format!(
                "the ids in `{}` belong to {recorded}, and this is {api}",
                files.lockfile().display()
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

fn damaged_journal(message: String, path: &Path, damage: Damage) -> CommandError {
    let help = match damage {
        Damage::Newer { .. } => {
            "nothing is wrong with the journal: use the bluejayctl that wrote it, or a newer one"
                .to_owned()
        }
        Damage::Line { .. } => format!(
            "it holds what an apply that was cut off left open; {}",
            move_away(path)
        ),
    };
    CommandError::new(message).caused_by(damage).help(help)
}

fn foreign_journal(message: String, path: &Path, foreign: Foreign) -> CommandError {
    let belongs = match &foreign.place {
        Some(place) => format!("finish its apply where it belongs, beside `{place}`"),
        None => "finish its apply with the lockfile that it began with".to_owned(),
    };
    CommandError::new(message)
        .caused_by(foreign)
        .help(belongs)
        .help(format!(
            "where it was copied, committed or left behind, {}",
            move_away(path)
        ))
}

fn move_away(path: &Path) -> String {
    format!(
        "move it away (`{}`), and the next apply looks for the simulations before it creates any",
        away(path)
    )
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

fn history_error(message: String, path: &Path, error: HistoryError) -> CommandError {
    let command = CommandError::new(message);
    let command = match &error {
        HistoryError::TwoIds { key, created, .. } => command
            .help(
                Message::from("keep one of the two with ")
                    .command(
                        Suggestion::new(Verb::StateResolve)
                            .argument(key)
                            .argument("ID"),
                    )
                    .text("; the other stays listed until it is deleted"),
            )
            .help(format!("the one in the journal is simulation {created}")),
        HistoryError::Organization { .. } => {
            command.help("finish the apply that was cut off with the lockfile that it had")
        }
        HistoryError::Address { .. } | HistoryError::Version { .. } => {
            command.help("run the apply again that was cut off, with the same program and address")
        }
        _ => command.help(format!(
            "move it away (`{}`); the next apply looks for the simulations before it creates any",
            away(path)
        )),
    };
    command.caused_by(error)
}

/// A path as people write it: without a `./` before it.
pub(super) fn shown(path: &Path) -> String {
    let path = path.strip_prefix(".").unwrap_or(path);
    path.display().to_string()
}

impl From<StateError> for CommandError {
    fn from(error: StateError) -> Self {
        let message = error.to_string();
        match error {
            StateError::Store(error) => error.into(),
            StateError::Lockfile(path, error) => {
                let help = error.help(&shown(&path));
                Self::new(message).caused_by(error).help(help)
            }
            StateError::Journal(path, damage) => damaged_journal(message, &path, damage),
            StateError::History(path, error) => history_error(message, &path, error),
            StateError::Foreign(path, foreign) => foreign_journal(message, &path, foreign),
            StateError::TwoJournals { path, other } => {
                Self::new(message).help(move_away(&path)).help(format!(
                    "or, where the other one is the old one: `{}`",
                    away(&other)
                ))
            }
            StateError::Changed(..) => Self::new(message)
                .help("nothing is lost: apply again, and decide what it asks about"),
        }
    }
}
