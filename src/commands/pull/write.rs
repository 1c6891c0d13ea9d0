//! Writes the edited files, and then the lockfile.

use super::edit::Edited;
use super::snapshot::pull_again;
use crate::commands::state::with_guard;
use crate::error::{CommandError, Exit};
use crate::lock::Lockfile;
use crate::pull::record;
use crate::report::pull::{ChangedFile, Pulled};
use crate::state::{Snapshot, StateFiles};
use crate::store;
use crate::store::bounds::Bounds;
use crate::store::writable::WritablePath;

/// Writes the files and records the values, under the guard of the lockfile. Fails before
/// the first write if the lockfile or a file has changed since it was read. Each file is
/// compared again immediately before its write.
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
            return Err(changed(&paths.lockfile().display().to_string(), 0));
        }
        for file in &edited.files {
            if store::read_bytes_or_empty(&file.path)? != file.before.as_bytes() {
                return Err(changed(&file.name, 0));
            }
        }
        for (written, file) in edited.files.iter().enumerate() {
            replace(bounds, file, written)?;
        }
        for pulled in &edited.pulled {
            let key = &pulled.pull.key;
            if let (Some(locked), Some(declared)) = (
                replay.lock.resources.get_mut(key),
                edited.desired.resources.get(key),
            ) {
                let declared = declared.resolved(|key| read.id_of(key)).into_owned();
                record(locked, &pulled.pull, &declared, &pulled.recorded());
            }
        }
        paths.save(&replay, &lock)?;
        Ok(Exit::Success)
    })?;
    Ok(())
}

fn replace(bounds: &Bounds, file: &ChangedFile, written: usize) -> Result<(), CommandError> {
    let path = WritablePath::within(bounds, &file.path)?;
    if path.replace_unchanged(file.before.as_bytes(), file.after.as_bytes())? {
        return Ok(());
    }
    Err(changed(&file.name, written))
}

/// Returns the error about a file that another program has changed, after `written` other
/// files were written.
fn changed(name: &str, written: usize) -> CommandError {
    CommandError::new(format!("`{name}` changed during the pull")).help(pull_again(written))
}
