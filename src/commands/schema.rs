//! `schema`: the JSON Schemas, printed, written or compared.

use std::path::Path;

use super::state;
use crate::cli::{GlobalArgs, SchemaArgs};
use crate::error::{CommandError, Exit};
use crate::lock;
use crate::report::{Output, schemas};
use crate::spec::nearest::nearest;
use crate::spec::schema::{DOCUMENT, NamedSchema, PROJECT, generate_output};
use crate::store;
use crate::store::writable::WritablePath;
use crate::suggestion::{Message, Suggestion, Verb};

/// The schemas of the files of a repository.
pub(super) const FILES: [NamedSchema; 3] = [DOCUMENT, PROJECT, lock::SCHEMA];

/// The schemas of the output of the `state` commands.
const STATE: [NamedSchema; 2] = [
    NamedSchema::new("state-list", generate_output::<state::ListDocument>),
    NamedSchema::new("state-show", generate_output::<lock::EntrySchema>),
];

/// Returns every schema: those of files, and those of JSON output.
pub(super) fn all() -> impl Iterator<Item = NamedSchema> {
    FILES.into_iter().chain(schemas::SCHEMAS).chain(STATE)
}

/// Prints, writes or compares the schemas.
pub(super) fn run(
    global: &GlobalArgs,
    args: &SchemaArgs,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    match (&args.write, &args.check) {
        (Some(folder), _) => write(&global.path(folder), output),
        (None, Some(folder)) => check(&global.path(folder), output),
        (None, None) => {
            let schema = all().find(|schema| schema.name == args.name);
            let schema = schema.ok_or_else(|| unknown(&args.name))?;
            output.result(&schema.text());
            Ok(Exit::Success)
        }
    }
}

fn unknown(name: &str) -> CommandError {
    let names: Vec<_> = all().map(|schema| schema.name).collect();
    let error = CommandError::new(format!("there is no schema `{name}`"));
    let error = match nearest(name, names.iter().copied()) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error,
    };
    error.help(format!("there are: {}", names.join(", ")))
}

fn write(folder: &Path, output: &Output) -> Result<Exit, CommandError> {
    WritablePath::named(folder).create_folder()?;
    for schema in all() {
        let path = folder.join(schema.file_name());
        if WritablePath::named(&path).replace_if_different(&schema.text())? {
            output.note(format!("wrote {}", path.display()));
        }
    }
    Ok(Exit::Success)
}

fn check(folder: &Path, output: &Output) -> Result<Exit, CommandError> {
    let mut stale = Vec::new();
    for schema in all() {
        let path = folder.join(schema.file_name());
        // `init` writes the schemas of files alone.
        let is_optional = FILES.iter().all(|file| file.name != schema.name);
        if is_optional && !store::exists(&path) {
            continue;
        }
        if !store::holds(&path, &schema.text()) {
            stale.push(format!("`{}`", path.display()));
        }
    }
    if stale.is_empty() {
        output.note("the schemas are current");
        return Ok(Exit::Success);
    }
    Err(
        CommandError::new(format!("not current: {}", stale.join(", ")))
            .help(Message::from("write them with ").command(
                Suggestion::new(Verb::Schema).option("--write", folder.to_string_lossy()),
            )),
    )
}
