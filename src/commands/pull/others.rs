//! Finds the other environments whose desired state the edited files change.

use super::super::load::{LoadOptions, load};
use super::super::validate::needs_environment;
use super::job::Job;
use crate::error::CommandError;
use crate::pull::OtherEnvironment;
use crate::store;

impl Job<'_> {
    /// Loads the project in each other environment, before and after the edits. Without an
    /// environment, the project counts only if it was applied so.
    pub fn other_environments(&self) -> Result<Vec<OtherEnvironment>, CommandError> {
        let names = &self.workspace.settings.environments;
        if names.is_empty() || self.files.changed_files().is_empty() {
            return Ok(Vec::new());
        }
        let names = std::iter::once(None).chain(names.iter().cloned().map(Some));
        let others = names.filter(|name| *name != self.files.options.environment);
        let found: Result<Vec<_>, _> = others.map(|name| self.compared_in(name)).collect();
        Ok(found?.into_iter().flatten().collect())
    }

    fn compared_in(&self, name: Option<String>) -> Result<Option<OtherEnvironment>, CommandError> {
        let load_in = |options: LoadOptions| {
            load(&LoadOptions {
                environment: name.clone(),
                is_environment_inherited: false,
                ..options
            })
        };
        let before = load_in(self.files.before())?;
        let is_applied = store::exists(&before.project.lockfile);
        if name.is_none() && (!is_applied || needs_environment(&before.diagnostics)) {
            return Ok(None);
        }
        let after = load_in(self.files.options.clone())?;
        let is_complete = !before.has_errors();
        let (before, after) = (&before.desired, &after.desired);
        let found = OtherEnvironment::compared(name, before, after, is_complete, self.lock);
        Ok(found)
    }
}
