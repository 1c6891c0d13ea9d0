//! Writes the file of a resource, and makes its entry of the lockfile.

use std::collections::BTreeSet;
use std::path::Path;

use super::environment::check_is_selected;
use super::found::Found;
use super::{Job, Written, import_as, long_texts, place};
use crate::error::CommandError;
use crate::import::{ImportTarget, Keys, TextFolder, import};
use crate::lock::LockedResource;
use crate::resource::Observed;
use crate::resource::body::Body;
use crate::resource::key::{DigitalHumanId, ResourceKey};
use crate::resource::ownership::Owner;
use crate::resource::simulation::MARKER;
use crate::store;
use crate::store::writable::WritablePath;
use crate::suggestion::Message;

impl Job<'_> {
    /// Writes the file of a resource, and before it the files with the long texts.
    pub(super) fn write(
        &self,
        found: &Found,
        new: &place::NewFile,
        keys: &Keys,
    ) -> Result<Written, CommandError> {
        let id = found.observed.id;
        let key = new.key.as_deref().unwrap_or(&new.file_key);
        let key = ResourceKey::of(id.kind(), key);
        self.check_owner(&key, &found.observed)?;
        let settings = &self.workspace.settings;
        check_is_selected(&key, self.selection.as_ref(), settings)?;
        let folder = &self.workspace.project.simulations;
        let path = folder.join(format!("{}.yaml", new.file_key));
        let shown = self.shown(&path);
        let schema = self.schema_from(&path);
        let folder = self.texts.as_ref().map(|below| self.folder().join(below));
        let texts = folder.as_ref().map(|folder| TextFolder {
            from_file: long_texts::relative(&shown, &self.shown(folder)),
            name: new.file_key.clone(),
        });
        let to = ImportTarget {
            file: &shown,
            file_key: &new.file_key,
            key: new.key.as_deref(),
            schema: &schema,
            settings,
            humans: found.humans.as_ref(),
            keys,
            texts: texts.as_ref(),
            is_declared_elsewhere: new.is_declared_elsewhere,
        };
        let imported = import(&found.observed, &to).map_err(|reason| {
            CommandError::new(format!("could not write a file for {id:#}"))
                .caused_by(reason)
                .help(Message::from("write the file yourself, then ").command(import_as(id)))
        })?;
        let bounds = &self.workspace.project.bounds;
        let file = WritablePath::within(bounds, &path)?;
        if let Some(folder) = folder.filter(|_| !store::exists(&path)) {
            long_texts::write(&imported.texts, &folder, bounds, |path| self.shown(path))?;
        }
        if !file.create_new(&imported.text)? {
            return Err(CommandError::new(format!("`{shown}` exists already"))
                .help("choose another key, or remove the file; `import` overwrites no file"));
        }
        let declared = &imported.resource;
        let mut applied = declared.body.clone();
        if found.observed.marker().is_none() && applied.get(MARKER).is_some() {
            // The next apply sets the marker.
            applied.fields_mut().remove(MARKER);
        }
        let entry = self.entry(&key, found, applied, &declared.digital_humans);
        Ok(Written {
            file: shown,
            key,
            entry,
            imported,
        })
    }

    /// Returns the entry of the lockfile. A resource with the marker of the key counts as
    /// created: only the project itself sets the marker.
    pub(super) fn entry(
        &self,
        key: &ResourceKey,
        found: &Found,
        applied: Body,
        humans: &BTreeSet<DigitalHumanId>,
    ) -> LockedResource {
        let mut entry = LockedResource::new(found.observed.id, applied);
        entry.digital_humans = attached(found, humans);
        match self.workspace.desired.owner(key, None, &found.observed) {
            Owner::Ours => entry,
            Owner::Unknown | Owner::Other => entry.adopted(),
        }
    }

    /// Refuses a resource with the marker of another project.
    pub(super) fn check_owner(
        &self,
        key: &ResourceKey,
        found: &Observed,
    ) -> Result<(), CommandError> {
        if self.workspace.desired.owner(key, None, found) != Owner::Other {
            return Ok(());
        }
        Err(CommandError::new(format!(
            "{:#} has the marker of another project, environment or key, so it was not imported as `{key}`",
            found.id
        ))
        .help("remove `ownership: marker` from bluejay.yaml to take it over without its marker"))
    }

    /// Returns the path of the schema, relative to a file. `init` writes the schema below
    /// the folder of the project file.
    fn schema_from(&self, path: &Path) -> String {
        let up = self.shown(path).matches('/').count();
        format!("{}schemas/simulation.schema.json", "../".repeat(up))
    }
}

/// Returns the declared digital humans that are attached, as far as the API shows them.
fn attached(found: &Found, wanted: &BTreeSet<DigitalHumanId>) -> BTreeSet<DigitalHumanId> {
    let there = found.humans.iter().flatten();
    there.filter(|id| wanted.contains(id)).copied().collect()
}
