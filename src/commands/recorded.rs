//! Messages about recorded state: open intents of an earlier apply, and unusable files.

use std::collections::BTreeMap;
use std::path::Path;

use crate::error::CommandError;
use crate::journal::{Damage, Foreign, HistoryError, Intent, OpenIntent, Replay};
use crate::lock::ApiAddress;
use crate::resource::Kind;
use crate::resource::key::{RemoteId, ResourceKey};
use crate::state::{Snapshot, StateError, StateFiles};
use crate::suggestion::{Message, Suggestion, Verb, quoted};

impl Snapshot {
    /// Returns one sentence for each open intent and one for recorded outcomes; empty if
    /// the journal is empty.
    pub(super) fn left_open(&self) -> Vec<String> {
        let mut notes = Vec::new();
        let taken = &self.changed_by_journal;
        if !taken.is_empty() {
            let resources = Kind::counted(taken.iter().copied());
            notes.push(format!(
                "an earlier apply was interrupted: the outcomes for {resources} are read from its \
                 journal"
            ));
        }
        notes.extend(self.replay.open.values().map(describe_open));
        notes
    }

    /// Returns an error if the lockfile records another address of the API.
    pub(super) fn check_address(
        &self,
        api: &ApiAddress,
        files: &StateFiles,
    ) -> Result<(), CommandError> {
        match &self.replay.lock.api {
            Some(recorded) if recorded != api => Err(CommandError::new(format!(
                "the ids in `{}` belong to {recorded}, but this command uses {api}",
                files.lockfile().display()
            ))
            .help(
                "use another lockfile for another API: `--env NAME`, or `lockfile` in bluejay.yaml",
            )
            .help(format!(
                "or use the recorded address: `--api-url {recorded}`"
            ))),
            _ => Ok(()),
        }
    }
}

fn damaged_journal(message: String, path: &Path, damage: Damage) -> CommandError {
    let help = match damage {
        Damage::Newer { .. } => {
            "the journal is not damaged: use the version of bluejayctl that wrote it, or a newer \
             version"
                .to_owned()
        }
        Damage::Line { .. } => format!(
            "the journal has the open intents of an interrupted apply; {}",
            move_away(path)
        ),
    };
    CommandError::new(message).caused_by(damage).help(help)
}

fn foreign_journal(message: String, path: &Path, foreign: Foreign) -> CommandError {
    let belongs = match &foreign.place {
        Some(place) => format!("finish the interrupted apply beside `{place}`"),
        None => "finish the interrupted apply with its own lockfile".to_owned(),
    };
    CommandError::new(message)
        .caused_by(foreign)
        .help(belongs)
        .help(format!(
            "if the journal was copied, committed or left behind, {}",
            move_away(path)
        ))
}

fn move_away(path: &Path) -> String {
    format!(
        "move it away (`{}`); the next apply searches for existing resources before it creates \
         any",
        away(path)
    )
}

/// Returns the command that moves a file away.
fn away(path: &Path) -> String {
    let path = path.display().to_string();
    format!(
        "mv {} {}",
        quoted(&path),
        quoted(&format!("{path}.damaged"))
    )
}

/// Returns the ids by key.
pub(super) fn ids(replay: &Replay) -> BTreeMap<ResourceKey, RemoteId> {
    let simulations = replay.lock.resources.iter();
    simulations
        .map(|(key, locked)| (key.clone(), locked.id))
        .collect()
}

fn describe_open(open: &OpenIntent) -> String {
    let what = match open.intent {
        Intent::Create { .. } => "its create may have been sent, and no outcome was recorded",
        Intent::Update { .. } => "an update was interrupted, so its fields are sent again",
        Intent::Attach { .. } => "attaching its digital humans was interrupted, and is repeated",
        Intent::Delete { .. } => "its delete was interrupted",
    };
    format!("an earlier apply left `{}` open: {what}", open.intent.key())
}

fn history_error(message: String, path: &Path, error: HistoryError) -> CommandError {
    let command = CommandError::new(message);
    let command = match &error {
        HistoryError::TwoIds { key, created, .. } => command
            .help(
                Message::from("choose one id with ")
                    .command(
                        Suggestion::new(Verb::StateResolve)
                            .argument(key)
                            .argument("ID"),
                    )
                    .text("; the other simulation stays listed until it is deleted"),
            )
            .help(format!("the journal recorded {created:#}")),
        HistoryError::Organization { .. } => {
            command.help("finish the interrupted apply with its own lockfile")
        }
        HistoryError::Address { .. } | HistoryError::Version { .. } => command.help(
            "repeat the interrupted apply with the same version of bluejayctl and \
             the same address",
        ),
        _ => command.help(format!(
            "move it away (`{}`); the next apply searches for existing resources before it \
             creates any",
            away(path)
        )),
    };
    command.caused_by(error)
}

/// Returns a path for messages, without a leading `./`.
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
                    "or, if the other journal is the older one: `{}`",
                    away(&other)
                ))
            }
            StateError::Changed(..) => Self::new(message).help(
                "nothing is lost: apply again, and make the decisions that the apply asks for",
            ),
        }
    }
}
