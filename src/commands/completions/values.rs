//! The values that only the files of the project know: keys, environments and targets.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::sync::Arc;

use clap::{Arg, Command, Parser as _};
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};

use super::bash::is_plain;
use crate::cli::{Cli, GlobalArgs, option_of};
use crate::commands::environment;
use crate::commands::load::{Workspace, load};
use crate::commands::project::{load_options, state_files};
use crate::commands::schema;
use crate::resource::Kind;
use crate::resource::key::ResourceKey;

/// Who quotes a candidate before a shell reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quoting {
    /// The shell, or the part of this program for the shell.
    Shell,
    /// Nobody, so only values without special characters are offered.
    Nobody,
}

/// Where the values of an argument come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    /// The names of the environments.
    Environments,
    /// The names of the schemas.
    Schemas,
    /// The declared keys.
    Declared,
    /// The declared keys that the lockfile does not record.
    New,
    /// The recorded keys.
    Recorded,
    /// The recorded simulations.
    RecordedSimulations,
    /// The declared and the recorded keys, and patterns for their folders and kinds.
    Targets,
}

/// Returns the source of the values of an argument; `None` for an argument whose values
/// need no file.
fn source(command: &str, arg: &Arg) -> Option<Source> {
    Some(match (command, arg.get_id().as_str()) {
        (_, "env") => Source::Environments,
        (_, "targets") => Source::Targets,
        (_, "id" | "to") => return None,
        _ if !arg.is_positional() => return None,
        ("schema", _) => Source::Schemas,
        ("import", _) => Source::New,
        ("pull", _) => Source::Declared,
        ("run" | "history", _) => Source::RecordedSimulations,
        ("list" | "show" | "rm" | "mv" | "resolve", _) => Source::Recorded,
        _ => return None,
    })
}

/// Adds the values from files to the arguments of a command and of its subcommands. `words`
/// is the command line, whose options choose the project.
pub(super) fn with_values(command: Command, words: &[OsString], quoting: Quoting) -> Command {
    let global: Arc<_> = Arc::new(global(words));
    add(command, &global, quoting)
}

fn add(command: Command, global: &Arc<Option<GlobalArgs>>, quoting: Quoting) -> Command {
    let name = command.get_name().to_owned();
    let command = command.mut_args(|arg| {
        let Some(source) = source(&name, &arg) else {
            return arg;
        };
        let global = Arc::clone(global);
        arg.add(ArgValueCompleter::new(move |current: &OsStr| {
            let values = global
                .as_ref()
                .as_ref()
                .and_then(|global| values(source, global));
            candidates(values.unwrap_or_default(), current, quoting)
        }))
    });
    command.mut_subcommands(|inner| add(inner, global, quoting))
}

/// Returns the options that choose the project: of the command line, whose rest is
/// incomplete, and of the shell.
fn global(words: &[OsString]) -> Option<GlobalArgs> {
    const CHOOSING: [&[&str]; 3] = [&["--chdir", "-C"], &["--config"], &["--env", "-e"]];
    let mut args: Vec<OsString> = vec!["bluejayctl".into()];
    for names in CHOOSING {
        if let Some(value) = option_of(words.iter().cloned(), names) {
            args.push(format!("{}={value}", names[0]).into());
        }
    }
    args.extend(words.iter().filter(|word| *word == "--sandbox").cloned());
    args.extend(["state".into(), "list".into()]);
    let mut global = Cli::try_parse_from(args).ok()?.global;
    if global.env.is_none() {
        global.env = environment::of_variable().ok()?;
    }
    Some(global)
}

/// Returns the values; `None` if the project can't be read.
fn values(source: Source, global: &GlobalArgs) -> Option<BTreeSet<String>> {
    if source == Source::Schemas {
        return Some(schema::all().map(|schema| schema.name.to_owned()).collect());
    }
    let mut options = load_options(global);
    if source == Source::Environments {
        // The name on the line is incomplete, so it chooses no environment.
        options.environment = None;
    }
    let workspace = load(&options).ok()?;
    let names = |keys: BTreeSet<ResourceKey>| -> BTreeSet<String> {
        keys.iter().map(|key| key.as_str().to_owned()).collect()
    };
    let declared = || {
        workspace
            .desired
            .resources
            .keys()
            .cloned()
            .collect::<BTreeSet<_>>()
    };
    let recorded = || recorded(&workspace, global);
    Some(match source {
        Source::Environments => {
            let environments = workspace.settings.file.environments.as_ref();
            environments
                .into_iter()
                .flatten()
                .map(|(name, _)| name.clone())
                .collect()
        }
        Source::Schemas => BTreeSet::new(),
        Source::Declared => names(declared()),
        Source::New => names(&declared() - &recorded()),
        Source::Recorded => names(recorded()),
        Source::RecordedSimulations => {
            let mut keys = recorded();
            keys.retain(|key| key.kind() == Kind::Simulation);
            names(keys)
        }
        Source::Targets => {
            let keys = &declared() | &recorded();
            let patterns: BTreeSet<_> = keys.iter().flat_map(patterns).collect();
            &names(keys) | &patterns
        }
    })
}

/// Returns the recorded keys, and those of open intents.
fn recorded(workspace: &Workspace, global: &GlobalArgs) -> BTreeSet<ResourceKey> {
    let Ok(recorded) = state_files(workspace, global).read() else {
        return BTreeSet::new();
    };
    let open = recorded.replay.open.values().map(|open| open.intent.key());
    let keys = recorded.replay.lock.resources.keys();
    keys.chain(open).cloned().collect()
}

/// Returns the patterns for the folders above a key, and for its kind.
fn patterns(key: &ResourceKey) -> Vec<String> {
    let text = key.as_str();
    let slashes = text.match_indices('/');
    let mut patterns: Vec<_> = slashes
        .map(|(at, _)| format!("{}/**", &text[..at]))
        .collect();
    if key.kind() != Kind::Simulation {
        patterns.push(format!("{}:**", key.kind().name()));
    }
    patterns
}

fn candidates(
    values: BTreeSet<String>,
    current: &OsStr,
    quoting: Quoting,
) -> Vec<CompletionCandidate> {
    let current = current.to_string_lossy();
    let values = values.into_iter();
    values
        .filter(|value| value.starts_with(&*current))
        .filter(|value| quoting == Quoting::Shell || value.chars().all(is_plain))
        .map(CompletionCandidate::new)
        .collect()
}
