//! Writes the edited files, and then the lockfile.

use std::path::Path;

use super::edit::Edited;
use crate::commands::state::with_guard;
use crate::error::{CommandError, Exit};
use crate::lock::Lockfile;
use crate::pull::record;
use crate::report::pull::{ChangedFile, Pulled};
use crate::state::{Snapshot, StateFiles};
use crate::store;
use crate::store::bounds::Bounds;
use crate::store::writable::WritablePath;
use crate::suggestion::{Message, Suggestion, Verb};

/// Writes the files and records the values, under the guard of the lockfile. Fails before
/// the first write if the lockfile or a file has changed since it was read.
pub(super) fn write(
    paths: &StateFiles,
    bounds: &Bounds,
    read: &Lockfile,
    edited: &Edited,
) -> Result<(), CommandError> {
    if edited.files.is_empty() && edited.pulled.iter().all(Pulled::is_empty) {
        return Ok(());
    }
    with_guard(paths, || {
        let Snapshot {
            mut replay, lock, ..
        } = paths.read()?;
        if replay.lock != *read || !replay.open.is_empty() {
            return Err(changed(paths.lockfile()));
        }
        for file in &edited.files {
            let now = store::read_bytes_or_empty(&file.path)?;
            if now != file.before.as_bytes() {
                return Err(changed(&file.path));
            }
        }
        for file in &edited.files {
            replace(bounds, file)?;
        }
        for pulled in &edited.pulled {
            let key = &pulled.pull.key;
            if let (Some(locked), Some(declared)) = (
                replay.lock.resources.get_mut(key),
                edited.desired.resources.get(key),
            ) {
                let declared = declared
                    .resolved(|key| read.resources.get(key).map(|locked| locked.id))
                    .into_owned();
                record(locked, &pulled.pull, &declared, &pulled.recorded());
            }
        }
        paths.save(&replay, &lock)?;
        Ok(Exit::Success)
    })?;
    Ok(())
}

fn replace(bounds: &Bounds, file: &ChangedFile) -> Result<(), CommandError> {
    WritablePath::within(bounds, &file.path)?.replace(file.after.as_bytes())?;
    Ok(())
}

fn changed(path: &Path) -> CommandError {
    let message = format!("`{}` changed during the pull", path.display());
    CommandError::new(message).help(
        Message::from("nothing was written; run ")
            .command(Suggestion::new(Verb::Pull))
            .text(" again"),
    )
}
